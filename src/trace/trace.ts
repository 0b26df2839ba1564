/** What was recorded, in the forms in which people and programs look at it. */
import { sinceEpoch } from '../core/wait/clock.js';
import { type ChromeTrace, chromeTraceOf } from './chrome.js';
import { EVENT_MASK, FORCED, NAMES, RELEASE, SIGNAL, TASK, type TraceEvent, WAITED } from './events.js';
import type { ReadLane } from './lane.js';
import { type Story, storyOf, type TraceArrow, type TraceSpan } from './spans.js';
import { summaryOf, type TraceSummary, textOf } from './summary.js';
import { textAt } from './texts.js';

/** An agent of a trace; one that ran several threads one after the other, under their names, is several of them. */
export interface TraceAgent {
  /** What people call it. */
  readonly name: string;
  /** The number of its thread, where threads have one: the `threadId` of Node's worker_threads. */
  readonly thread: number | undefined;
  /** How many of its events are not there: older than those that had room. */
  readonly lost: number;
}

/**
 * What agents have done with primitives, on one time line: as `stop` gives it.
 *
 * @example
 * ```ts
 * import { Arena, Lock } from 'atomics-sync-free';
 * import { start, stop } from 'atomics-sync-free/trace';
 * start({ arena: new Arena({ byteLength: 2 ** 20 }) });
 * new Lock({ name: 'accounts' }).run(() => {});
 * const trace = stop();
 * const file = JSON.stringify(trace.chromeTrace()); // for Perfetto, or chrome://tracing
 * console.log(trace.spans.length, trace.lost, file.length > 0); // 1 0 true
 * ```
 */
export class Trace {
  #story: Story | undefined;

  /** @internal */
  constructor(
    /** Those that recorded. Events name them by their place here. */
    readonly agents: readonly TraceAgent[],
    /** What they did, in the order of time. */
    readonly events: readonly TraceEvent[],
    /** When it was read, in ms since the epoch. */
    readonly end: number,
  ) {}

  /** @internal What lanes hold. */
  static of(words: Int32Array, lanes: readonly ReadLane[]): Trace {
    const agents: TraceAgent[] = [];
    const nameOf = namesIn(words, lanes);
    const events = lanes.flatMap(({ name, thread, lost, events }) => {
      const called = new Map<number, number>();
      const numberOf = (who: number): number => {
        let number = called.get(who);
        if (number === undefined) {
          // What is lost is told of the first of them.
          number = agents.push({ name: textAt(words, who), thread, lost: called.size === 0 ? lost : 0 }) - 1;
          called.set(who, number);
        }
        return number;
      };
      if (events.length === 0) numberOf(name);
      return events.map(({ time, what, subject, figure, stack, who }): TraceEvent => {
        const code = what & EVENT_MASK;
        return {
          time,
          agent: numberOf(who),
          task: (what & TASK) !== 0,
          event: NAMES[code],
          primitive: nameOf(subject),
          forced: (what & FORCED) !== 0,
          got: code !== WAITED || figure === 1,
          count: code === RELEASE || code === SIGNAL ? figure : 1,
          stack: stack === 0 ? undefined : textAt(words, stack),
        };
      });
    });
    return new Trace(
      agents,
      events.sort((one, other) => one.time - other.time),
      sinceEpoch(),
    );
  }

  /** How many events are not there, as there was no room for them. */
  get lost(): number {
    return this.agents.reduce((sum, { lost }) => sum + lost, 0);
  }

  /** Waits and holds, by their begins. */
  get spans(): readonly TraceSpan[] {
    return this.#told.spans;
  }

  /** Which release or signal ended which wait. */
  get arrows(): readonly TraceArrow[] {
    return this.#told.arrows;
  }

  get #told(): Story {
    this.#story ??= storyOf(this.events, this.end);
    return this.#story;
  }

  /**
   * The trace in Chrome's trace event format, which Perfetto (ui.perfetto.dev) and chrome://tracing open: agents as threads, waits
   * and holds as slices, arrows from a release to the end of the wait that it let through.
   *
   * @returns it, for `JSON.stringify`
   */
  chromeTrace(): ChromeTrace {
    return chromeTraceOf(this);
  }

  /** @returns what was waited for most, who kept whom waiting, and the longest waits */
  summary(): TraceSummary {
    return summaryOf(this);
  }

  /** @returns the summary as tables, for people */
  toString(): string {
    return textOf(this.summary(), this);
  }
}

/** How the texts of primitives read, with what tells them apart only where two are called the same. */
function namesIn(words: Int32Array, lanes: readonly ReadLane[]): (subject: number) => string {
  const numbers = new Set(lanes.flatMap(({ events }) => events.map(({ subject }) => subject)));
  const texts = new Map([...numbers].map((number) => [number, textAt(words, number)]));
  const labelOf = (text: string): string => text.slice(text.indexOf(' ') + 1);
  const keys = new Map<string, Set<string>>();
  for (const text of texts.values()) {
    const label = labelOf(text);
    keys.set(label, (keys.get(label) ?? new Set()).add(text));
  }
  return (subject) => {
    const text = texts.get(subject) ?? '';
    const label = labelOf(text);
    return (keys.get(label)?.size ?? 0) > 1 ? `${label} of arena ${text.split('.')[0]}` : label;
  };
}
