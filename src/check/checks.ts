/** What is checked in each state: errors, data races, the scenario's conditions, deadlock. */
import { ScenarioError } from './errors.js';
import type { Stop } from './finding.js';
import { firstPlace } from './frames.js';
import type { Machine } from './machine.js';
import { isProgress, type Move, type State } from './moves.js';
import type { Past } from './past.js';
import { type Access, raceIn } from './races.js';
import type { FailureKind } from './result.js';
import { show } from './rules.js';
import type { Check, Scenario, ThreadView, Values, View } from './scenario.js';

export interface Verdict {
  readonly kind: FailureKind;
  readonly reason: string;
}

export class Checks {
  readonly #machine: Machine;
  readonly #scenario: Scenario<string, string>;
  #state: State;
  readonly #values: Values<string>;
  readonly #view: View;
  /** The words that the invariant has read. */
  readonly #watched = new Set<number>();
  #watching = false;
  /** Whether a check has asked where a thread is. */
  #looksAtThreads = false;

  constructor(machine: Machine, scenario: Scenario<string, string>) {
    this.#machine = machine;
    this.#scenario = scenario;
    this.#state = machine.first;
    this.#values = machine.words.values((word) => this.#look(word));
    this.#view = this.#viewOf();
  }

  /** What is wrong with a state, given the moves possible in it and whether all threads have ended. */
  judge(state: State, moves: readonly Move[], ended = this.ended(state)): Verdict | undefined {
    this.#state = state;
    for (const past of state.pasts) if (past.stop.kind === 'error') return this.#error(past.stop.error);
    const race = raceIn(this.#machine, state);
    if (race !== undefined) return this.#race(race);
    const broken = state.image.isSound ? undefined : this.#askInvariant(state);
    if (broken !== undefined) return broken;
    if (!ended) return moves.some(isProgress) ? undefined : this.#deadlock();
    return this.#ask('final', this.#scenario.final);
  }

  /** Reports a ghost that changed and changed back in one step, if the invariant reads it. */
  unseen(ghost: number): Verdict | undefined {
    if (!this.#watched.has(ghost)) return undefined;
    const name = this.#machine.words.nameOf(ghost);
    const reason =
      `ghost '${name}' changes and changes back within one step, so the invariant, which looks at it, never sees the ` +
      'change: put thread.step(), or the work of the critical section, between the two';
    return { kind: 'misuse', reason };
  }

  /** What is wrong if the last move changed a ghost and changed it back. */
  lastUnseen(): Verdict | undefined {
    for (const ghost of this.#machine.ghosts.lastUnseen) {
      const verdict = this.unseen(ghost);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  }

  /** Whether all threads have done all they must. */
  ended(state: State): boolean {
    for (let thread = 0; thread < state.pasts.length; thread++)
      if (!this.#machine.actors[thread].daemon && !this.#machine.enabled.isOver(state, thread)) return false;
    return true;
  }

  /** The scenario's name for the outcome of a state in which all threads have ended. */
  outcome(state: State): string | undefined {
    this.#state = state;
    const outcome: unknown = this.#scenario.outcome?.(this.#values, this.#view);
    if (typeof outcome === 'object' || typeof outcome === 'function')
      throw new ScenarioError(`outcome must return a string, not ${show(outcome)}`);
    return outcome === undefined ? undefined : String(outcome);
  }

  /** The reason to report when the last steps of a run form a cycle that no schedule leaves. */
  livelock(state: State, length: number): string {
    this.#state = state;
    return `livelock: the last ${length} steps can repeat for ever, and no schedule from there ends${this.#positions()}`;
  }

  /** What each unfinished thread is doing, one line each. */
  #positions(): string {
    const state = this.#state;
    const lines = state.pasts.map((past, thread) => {
      const { name } = this.#machine.actors[thread];
      return this.#machine.enabled.finished(state, thread) ? '' : `\n  ${name} ${this.#position(past, thread)}`;
    });
    return lines.join('');
  }

  /** The value of a word that a check reads. */
  #look(word: number): number {
    if (this.#watching && !this.#watched.has(word)) {
      this.#watched.add(word);
      this.#machine.footprints?.watch(word);
    }
    return this.#machine.images.get(this.#state.image, word);
  }

  /** Many states share one image; the invariant is evaluated once for each, unless it looks at the threads. */
  #askInvariant({ image }: State): Verdict | undefined {
    this.#watching = true;
    this.#looksAtThreads = false;
    const broken = this.#ask('invariant', this.#scenario.invariant);
    this.#watching = false;
    image.isSound = broken === undefined && !this.#looksAtThreads;
    return broken;
  }

  #ask(kind: 'invariant' | 'final', check: Check | undefined): Verdict | undefined {
    if (check === undefined) return undefined;
    let answer: unknown;
    try {
      answer = check(this.#values, this.#view);
    } catch (error) {
      if (error instanceof ScenarioError) return { kind: 'misuse', reason: `${kind}: ${error.message}` };
      answer = error instanceof Error ? error.message : String(error);
    }
    if (answer === undefined || answer === true) return undefined;
    const text = typeof answer === 'string' ? answer : 'the condition does not hold';
    return { kind, reason: `${kind === 'final' ? 'at the end' : 'invariant'}: ${text}` };
  }

  #error(error: unknown): Verdict {
    if (error instanceof ScenarioError) return { kind: 'misuse', reason: error.message };
    if (isCachedAtomics(error)) {
      const reason =
        'Atomics was cached: a function of the real Atomics was called; call it on the global, as Atomics.load(…)';
      return { kind: 'misuse', reason };
    }
    const text = error instanceof Error ? `${error.name}: ${error.message}${placeOf(error)}` : String(error);
    return { kind: 'error', reason: `uncaught ${text}` };
  }

  #race(accesses: readonly [Access, Access]): Verdict {
    const { actors, words } = this.#machine;
    const texts = accesses.map(({ thread, kind }) => {
      const { name, history, place } = actors[thread];
      const way = history.wayTo(this.#state.pasts[thread], place);
      const how = kind.startsWith('Atomics') ? 'by Atomics' : 'plainly';
      return `${name} ${kind.endsWith('read') ? 'reads' : 'writes'} it ${how}${way === '' ? '' : ` (${way})`}`;
    });
    const reason =
      `data race on ${words.nameOf(accesses[0].word)}: ${texts.join(', and ')}, neither before the other; use Atomics, or ` +
      "declare the word as 'plain' and argue why that is safe";
    return { kind: 'race', reason };
  }

  #deadlock(): Verdict {
    return { kind: 'deadlock', reason: `deadlock: nobody can go on${this.#positions()}` };
  }

  #position({ stop, tasks }: Past, thread: number): string {
    const { words } = this.#machine;
    if (stop.kind === 'idle') {
      const waits = tasks.filter((task) => !task.abandoned);
      const calls = waits.flatMap(({ call }) => call ?? []);
      if (calls.length > 0) {
        const texts = calls.map((call) => this.#machine.objects.waits(this.#state.image, thread, call));
        return `is idle: a task ${texts.join(', and a task ')}`;
      }
      if (waits.length === 0) return 'is idle: it awaits a promise that nothing is left to settle';
      // Callbacks are due at any time, so they are no reason to wait.
      const names = waits.filter(({ word }) => word >= 0).map(({ word }) => words.nameOf(word));
      if (names.length === 0) return 'is idle: its timers are pending';
      return `is idle: its async waits on ${names.join(', ')} are not over`;
    }
    if (stop.kind !== 'operation' && stop.kind !== 'asleep') return `is ${stop.kind}`;
    if (stop.operation.kind === 'call') {
      return this.#machine.objects.waits(this.#state.image, thread, stop.operation);
    }
    const word = stop.operation.word < 0 ? '' : words.nameOf(stop.operation.word);
    if (stop.kind === 'operation') return `is about to ${stop.operation.kind} ${word}`.trimEnd();
    const value = this.#machine.images.get(this.#state.image, stop.operation.word);
    const slept = stop.operation.a;
    const suspicion =
      value === slept
        ? 'the word is as it was, and nobody is left to notify'
        : `the word is ${value} now: it changed after the thread went to sleep, and the wake-up was lost`;
    return `sleeps on ${word} at ${slept}: ${suspicion}`;
  }

  #viewOf(): View {
    const { actors, words } = this.#machine;
    const threads = actors.map(({ name }, thread): ThreadView => {
      const stop = (): Stop => {
        this.#machine.tellApart();
        this.#looksAtThreads = true;
        // Where threads are changes with every step.
        if (this.#watching) this.#machine.footprints?.fallShort();
        return this.#state.pasts[thread].stop;
      };
      return {
        name,
        get state() {
          const now = stop();
          if (now.kind === 'idle') return now.finished ? 'done' : 'idle';
          return now.kind === 'operation' || now.kind === 'error' ? 'ready' : now.kind;
        },
        get word() {
          const now = stop();
          const about = now.kind === 'operation' || now.kind === 'asleep' ? now.operation.word : -1;
          return about < 0 ? '' : words.nameOf(about);
        },
      };
    });
    return { word: (index, region = 0) => this.#look(words.find(region, index)), threads };
  }
}

function placeOf(error: Error): string {
  const place = firstPlace(error.stack);
  return place === '' ? '' : ` (${place})`;
}

function isCachedAtomics(error: unknown): boolean {
  if (!(error instanceof TypeError)) return false;
  return (
    /^\s*at Atomics\.\w+ \(<anonymous>\)/m.test(error.stack ?? '') ||
    /(shared|integer|int32) typed ?array/i.test(error.message)
  );
}
