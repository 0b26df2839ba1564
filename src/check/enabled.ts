/** Which moves are possible in a state: the threads' own moves, the deaths and time-outs that the scenario allows, late stores. */
import { ScenarioError } from './errors.js';
import { NEXT_PHASE } from './finding.js';
import type { Footprints } from './footprints.js';
import type { Image, Images } from './images.js';
import { type Move, move, type State } from './moves.js';
import type { Objects } from './objects/objects.js';
import type { Operation } from './operation.js';
import { BLOCKED } from './queues.js';
import { show } from './rules.js';
import type { Scenario, ThreadOptions, Values } from './scenario.js';
import { drains, type StoreBuffers } from './store-buffers.js';
import type { Words } from './words.js';

/** What it needs to know about the machine. */
interface Parts {
  readonly words: Words;
  readonly footprints: Footprints | undefined;
  readonly images: Images;
  readonly objects: Objects;
  readonly storeBuffers: StoreBuffers;
  readonly actors: readonly { readonly killable: NonNullable<ThreadOptions['killable']> }[];
  /** Called when something asks which thread is which. */
  tellApart(): void;
}

export class Enabled {
  readonly #machine: Parts;
  readonly #kills: number;
  readonly #timeouts: boolean;
  readonly #bound: number;
  /** Whether plain stores may be late. */
  readonly #buffers: boolean;
  /** The image that `killable` is evaluated on. */
  #judged: Image;
  readonly #values: Values<string>;
  /** Whether there is a preemption bound. */
  readonly isBounded: boolean;
  /** Whether a thread's killability depends on the words' values. */
  readonly deathIsSeen: boolean;
  /** Whether the bound excluded moves of the state whose moves were last asked for. */
  lastBounded = false;

  constructor(machine: Parts, scenario: Scenario<string, string>) {
    this.#machine = machine;
    this.#kills = scenario.kills ?? 0;
    this.#timeouts = scenario.timeouts ?? true;
    this.#bound = scenario.preemptionBound ?? Infinity;
    this.isBounded = this.#bound < Infinity;
    this.#buffers = scenario.memoryModel === 'tso';
    const { actors, footprints, images, words } = machine;
    this.deathIsSeen = actors.some(({ killable }) => typeof killable === 'function');
    this.#judged = images.first;
    this.#values = words.values((word) => {
      footprints?.watch(word);
      return images.get(this.#judged, word);
    });
  }

  /** Whether a thread has nothing left that it must do: it is done, or dead, or waits for a death that did not happen. */
  finished(state: State, thread: number): boolean {
    const { stop } = state.pasts[thread];
    if (stop.kind === 'operation') return stop.operation.kind === 'joinDead' && this.dead(state, stop.operation.a) < 0;
    return stop.kind === 'dead' || (stop.kind === 'idle' && stop.finished);
  }

  /** Whether a thread has done all it must, and all its stores are visible to others. */
  isOver(state: State, thread: number): boolean {
    return this.finished(state, thread) && this.#machine.storeBuffers.oldest(state.late, thread) === undefined;
  }

  /** Whether a thread may be killed now or later, as far as its own state shows. */
  mayDie({ kills, pasts }: State, thread: number): boolean {
    if (kills >= this.#kills || this.#machine.actors[thread].killable === false) return false;
    const { stop } = pasts[thread];
    return stop.kind !== 'dead' && !(stop.kind === 'idle' && stop.finished);
  }

  /** All moves that are possible in a state. */
  moves(state: State): Move[] {
    const moves: Move[] = [];
    this.lastBounded = false;
    for (let thread = 0; thread < state.pasts.length; thread++) {
      const before = moves.length;
      this.#progress(state, thread, moves);
      if (this.isBounded && moves.length > before && this.preempts(state, thread) > this.#bound) {
        moves.length = before;
        this.lastBounded = true;
      }
      if (this.#buffers && this.#machine.storeBuffers.oldest(state.late, thread) !== undefined)
        moves.push(move(thread, 'flush'));
      this.#timeOuts(state, thread, moves);
      this.#killings(state, thread, moves);
    }
    return moves;
  }

  /** The lowest dead thread of a set whose stores are all in memory, or -1. */
  dead({ pasts, late }: State, among: number): number {
    this.#machine.tellApart();
    return pasts.findIndex((past, thread) => {
      return (
        past.stop.kind === 'dead' &&
        (among >> thread) & 1 &&
        this.#machine.storeBuffers.oldest(late, thread) === undefined
      );
    });
  }

  /** Moves by which the thread itself advances. */
  #progress(state: State, thread: number, moves: Move[]): void {
    const past = state.pasts[thread];
    const { stop } = past;
    if (stop.kind === 'operation') {
      const alternatives = this.#alternatives(state, thread, stop.operation);
      for (let each = 0; each < alternatives; each++) moves.push(move(thread, 'step', each));
    } else if (stop.kind === 'idle') {
      if (stop.resumes) moves.push(move(thread, 'turn', NEXT_PHASE));
      for (const { id, word, call } of past.tasks) {
        if (call !== undefined && !this.#isTurnOf(state, thread, id, call)) continue;
        const due = word < 0 || state.queue.ready.some((each) => each.thread === thread && each.task === id);
        if (due) moves.push(move(thread, 'turn', id));
      }
    }
  }

  /** Whether the call that a task waits for can complete: a thread's calls of one action of one primitive complete in their order. */
  #isTurnOf({ image, pasts }: State, thread: number, task: number, { word, key, ...rest }: Operation): boolean {
    const first = pasts[thread].tasks.find(({ call }) => call?.word === word && call.key === key);
    return first?.id === task && this.#machine.objects.outcomes(image, thread, { word, key, ...rest }).length > 0;
  }

  /** Whether a thread itself can make a move. */
  canGoOn(state: State, thread: number): boolean {
    const { stop } = state.pasts[thread];
    if (stop.kind === 'operation') return this.#alternatives(state, thread, stop.operation) > 0;
    if (stop.kind !== 'idle') return false;
    const moves: Move[] = [];
    this.#progress(state, thread, moves);
    return moves.length > 0;
  }

  #alternatives(state: State, thread: number, operation: Operation): number {
    const { kind, a } = operation;
    if (this.#waitsForStores(state, thread, kind)) return 0;
    if (kind === 'call') return this.#machine.objects.outcomes(state.image, thread, operation).length;
    if (kind === 'choose') return a;
    if (kind === 'now') return this.#timeouts ? 2 : 1;
    if (kind === 'joinDead') return this.dead(state, a) < 0 ? 0 : 1;
    return 1;
  }

  /** Whether the primitive's call that a thread is about to make may time out. */
  #mayTimeOut(state: State, thread: number, operation: Operation): boolean {
    if (operation.kind !== 'call' || !(this.#timeouts || operation.b === 0)) return false;
    return (
      !this.#waitsForStores(state, thread, 'call') && this.#machine.objects.mayTimeOut(state.image, thread, operation)
    );
  }

  /** Whether an operation must wait until the thread's plain stores are in memory. */
  #waitsForStores({ late }: State, thread: number, kind: Operation['kind']): boolean {
    return this.#buffers && drains(kind) && this.#machine.storeBuffers.oldest(late, thread) !== undefined;
  }

  #timeOuts(state: State, thread: number, moves: Move[]): void {
    const { stop, tasks } = state.pasts[thread];
    if (stop.kind === 'operation' && this.#mayTimeOut(state, thread, stop.operation)) {
      moves.push(move(thread, 'timeout', BLOCKED));
    }
    for (const { id, call } of tasks) {
      if (stop.kind !== 'idle' || call === undefined || !this.#mayTimeOut(state, thread, call)) continue;
      moves.push(move(thread, 'timeout', id));
    }
    if (!this.#timeouts || state.queue.waiters.length === 0) return;
    if (stop.kind === 'asleep' && stop.operation.b < Infinity) moves.push(move(thread, 'timeout', BLOCKED));
    for (const { id, word, timeout } of tasks) {
      if (word < 0 || timeout === Infinity) continue;
      const waits = state.queue.waiters.some((each) => each.thread === thread && each.task === id);
      if (waits) moves.push(move(thread, 'timeout', id));
    }
  }

  #killings(state: State, thread: number, moves: Move[]): void {
    if (state.kills >= this.#kills || this.finished(state, thread)) return;
    const { killable } = this.#machine.actors[thread];
    this.#judged = state.image;
    const may: unknown = typeof killable === 'function' ? killable(this.#values) : killable;
    if (typeof may !== 'boolean') throw new ScenarioError(`killable must return true or false, not ${show(may)}`);
    if (!may) return;
    let entries = 0;
    for (const waiter of state.queue.waiters) if (waiter.thread === thread) entries++;
    for (let kept = 0; kept < 1 << entries; kept++) moves.push(move(thread, 'kill', kept));
  }

  /** The number of preemptions if this thread moves now. */
  preempts(state: State, thread: number): number {
    return state.last < 0 || state.last === thread ? state.preemptions : state.preemptions + 1;
  }
}
