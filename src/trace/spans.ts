/** Derives from a list of events who waited and held for how long, and what let whom through. */
import type { TraceEvent } from './events.js';

/** A period in which an agent, or a task of it, waited for a primitive or held it. Times are in ms since the epoch. */
export interface TraceSpan {
  /** What it did. */
  readonly kind: 'wait' | 'hold';
  /** The agent, as an index into the agents of the trace. */
  readonly agent: number;
  /** Whether it was one of the agent's tasks. */
  readonly task: boolean;
  /** Kind, number and name of the primitive. */
  readonly primitive: string;
  /** When it began, in ms since the epoch. */
  readonly begin: number;
  /** When it ended, in ms likewise; the end of the trace if it had not ended. */
  readonly end: number;
  /** Whether it had not ended when the trace ended. */
  readonly open: boolean;
  /** For a wait: whether it got what it waited for. */
  readonly got: boolean;
  /** Where in the program it began, if stacks were requested. */
  readonly stack: string | undefined;
}

/** A release or a signal, and the wait that it ended. */
export interface TraceArrow {
  /** The release or the signal. */
  readonly cause: TraceEvent;
  /** The releaser's hold; undefined for a signal. */
  readonly hold: TraceSpan | undefined;
  /** The wait that it ended. */
  readonly wait: TraceSpan;
}

/** The spans of a trace, ordered by their beginnings, and the arrows between them. */
export interface Story {
  readonly spans: readonly TraceSpan[];
  readonly arrows: readonly TraceArrow[];
}

type Draft = { -readonly [Key in keyof TraceSpan]: TraceSpan[Key] };
interface Cause {
  readonly event: TraceEvent;
  readonly hold: Draft | undefined;
}

/** The clocks of two agents agree to within this, in ms. */
const SKEW = 0.02;

class Teller {
  readonly spans: Draft[] = [];
  readonly arrows: TraceArrow[] = [];
  readonly #end: number;
  /** Open waits and holds, by primitive. */
  readonly #waits = new Map<string, Draft[]>();
  readonly #holds = new Map<string, Draft[]>();
  /** The releases and signals so far, by primitive. */
  readonly #causes = new Map<string, Cause[]>();

  constructor(end: number) {
    this.#end = end;
  }

  tell(event: TraceEvent): void {
    const { primitive } = event;
    if (event.event === 'wait') this.#open(this.#waits, 'wait', event);
    else if (event.event === 'acquire') this.#open(this.#holds, 'hold', event);
    else if (event.event === 'waited') this.#waited(event);
    else if (event.event === 'signal') listOf(this.#causes, primitive).push({ event, hold: undefined });
    else if (event.event === 'release') {
      for (let i = 0; i < event.count; i++) {
        const hold = this.#endHold(event);
        if (i === 0 || hold !== undefined) listOf(this.#causes, primitive).push({ event, hold });
      }
    }
  }

  #open(
    open: Map<string, Draft[]>,
    kind: TraceSpan['kind'],
    { agent, task, primitive, time, stack }: TraceEvent,
  ): void {
    const span = { kind, agent, task, primitive, begin: time, end: this.#end, open: true, got: kind === 'hold', stack };
    this.spans.push(span);
    listOf(open, primitive).push(span);
  }

  /** The open wait of the same agent, or the first open one of its tasks. */
  #waited({ agent, task, primitive, time, got }: TraceEvent): void {
    const open = listOf(this.#waits, primitive);
    const wait = open.find((each) => each.agent === agent && each.task === task);
    if (wait === undefined) return;
    open.splice(open.indexOf(wait), 1);
    Object.assign(wait, { end: time, open: false, got });
    if (!got) return;
    const cause = this.#lastCause(primitive, time);
    if (cause === undefined || cause.event.time < wait.begin - SKEW) return;
    const { event, hold } = cause;
    this.arrows.push({ cause: event, hold, wait });
  }

  #lastCause(primitive: string, time: number): Cause | undefined {
    return listOf(this.#causes, primitive).findLast(({ event }) => event.time <= time + SKEW);
  }

  /** The releaser's latest hold; otherwise, because anybody may release it, the first hold of anybody. */
  #endHold({ agent, primitive, time }: TraceEvent): Draft | undefined {
    const open = listOf(this.#holds, primitive);
    const hold = open.findLast((each) => each.agent === agent) ?? open[0];
    if (hold === undefined) return undefined;
    open.splice(open.indexOf(hold), 1);
    return Object.assign(hold, { end: time, open: false });
  }
}

function listOf<Item>(lists: Map<string, Item[]>, key: string): Item[] {
  let list = lists.get(key);
  if (list === undefined) {
    list = [];
    lists.set(key, list);
  }
  return list;
}

/**
 * Derives the spans and arrows from events.
 *
 * @param events in order of time
 * @param end when the trace ended, in ms since the epoch
 */
export function storyOf(events: readonly TraceEvent[], end: number): Story {
  const teller = new Teller(end);
  for (const event of events) teller.tell(event);
  return { spans: teller.spans, arrows: teller.arrows };
}

/** How long two spans overlapped, in ms. */
export const overlap = (one: TraceSpan, other: TraceSpan): number =>
  Math.max(0, Math.min(one.end, other.end) - Math.max(one.begin, other.begin));
