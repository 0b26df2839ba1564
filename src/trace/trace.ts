/** What was recorded, in forms for people and programs. */
import { sinceEpoch } from '../core/wait/clock.js';
import { type ChromeTrace, chromeTraceOf } from './chrome.js';
import { EVENT_MASK, FORCED, NAMES, RELEASE, SIGNAL, TASK, type TraceEvent, WAITED } from './events.js';
import type { ReadLane } from './lane.js';
import { type Story, storyOf, type TraceArrow, type TraceSpan } from './spans.js';
import { summaryOf, type TraceSummary, textOf } from './summary.js';
import { textAt } from './texts.js';

/** An agent of a trace; one that ran several threads in turn, under their names, appears several times. */
export interface TraceAgent {
  /** Its name. */
  readonly name: string;
  /** The number of its thread on hosts that have one: the `threadId` of Node's worker_threads. */
  readonly thread: number | undefined;
  /** How many of its events are missing: older than those that there was room for. */
  readonly lost: number;
}

/**
 * What agents did with primitives, on one timeline, as returned by `stop`.
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
    /** The agents that recorded. Events refer to them by index. */
    readonly agents: readonly TraceAgent[],
    /** What they did, in order of time. */
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
          // Lost events are attributed to the first of them.
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

  /** How many events are missing because there was no room for them. */
  get lost(): number {
    return this.agents.reduce((sum, { lost }) => sum + lost, 0);
  }

  /** Waits and holds, ordered by their beginnings. */
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
   * @returns the trace, ready for `JSON.stringify`
   */
  chromeTrace(): ChromeTrace {
    return chromeTraceOf(this);
  }

  /** @returns the primitives waited for most, who kept whom waiting, and the longest waits */
  summary(): TraceSummary {
    return summaryOf(this);
  }

  /** @returns the summary as tables, for human readers */
  toString(): string {
    return textOf(this.summary(), this);
  }
}

/** The names of primitives for human readers, with the distinguishing key only where two have the same name. */
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
