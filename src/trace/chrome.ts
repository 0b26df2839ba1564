/**
 * Chrome's trace event format, as far as it is used here: slices on threads (`X`), thread names (`M`), and flows, arrows
 * from one slice (`s`) to another (`f`). Times are in µs since the first event.
 *
 * Slices of one thread must nest. Those of an agent need not: it may release first what it acquired first, and its tasks
 * run concurrently. So an agent has as many threads here as its slices need.
 */
import type { TraceEvent } from './events.js';
import type { TraceArrow, TraceSpan } from './spans.js';

/** An event of Chrome's trace event format. */
export interface ChromeTraceEvent {
  /** Its phase: a slice, a thread name, an arrow's start, an arrow's end. */
  readonly ph: 'X' | 'M' | 's' | 'f';
  /** The text shown for it. */
  readonly name: string;
  /** The process: the same for all. */
  readonly pid: number;
  /** The thread: an agent, or a task of one. */
  readonly tid: number;
  /** Its category, to filter by. */
  readonly cat?: string;
  /** Its time, in µs. */
  readonly ts?: number;
  /** Its duration, in µs. */
  readonly dur?: number;
  /** The arrow that it is an end of. */
  readonly id?: number;
  /** The arrow is bound to the slice that encloses its end. */
  readonly bp?: 'e';
  /** Shown when it is selected. */
  readonly args?: Readonly<Record<string, unknown>>;
}

/** A file of Chrome's trace event format. */
export interface ChromeTrace {
  /** The unit in which viewers show times; the events' own times are in µs. */
  readonly displayTimeUnit: 'ms';
  /** Slices, names and arrows. */
  readonly traceEvents: readonly ChromeTraceEvent[];
  /** Data about the trace as a whole. */
  readonly otherData: Readonly<Record<string, unknown>>;
}

/** What is to be written. */
interface Source {
  readonly agents: readonly { readonly name: string; readonly lost: number }[];
  readonly events: readonly TraceEvent[];
  readonly spans: readonly TraceSpan[];
  readonly arrows: readonly TraceArrow[];
  readonly lost: number;
}

const PID = 1;
/** The length, in µs, of the slice for an instantaneous event, which needs one to be visible and to have arrows. */
const MOMENT = 1;
/**
 * The length shown, in µs, for what was over within one tick of the clock (a quarter of a µs): a slice of length zero has no
 * arrows. A slice that ends together with its enclosing one also ends this much earlier, to leave that one a moment of its own.
 */
const LEAST = 0.01;
/** An arrow leaves a slice before the slice ends, in µs. */
const BEFORE_END = 0.001;

/** A slice that has no thread yet. */
interface Slice {
  readonly agent: number;
  readonly task: boolean;
  readonly begin: number;
  end: number;
  readonly name: string;
  readonly cat: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Its source: a span or an event. */
  readonly of: object;
}

/** One line of the display. */
interface Track {
  readonly agent: number;
  readonly task: boolean;
  /** The ends of the slices still open at the end of the last one. */
  readonly open: number[];
}

export function chromeTraceOf({ agents, events, spans, arrows, lost }: Source): ChromeTrace {
  const first = events[0]?.time ?? 0;
  const us = (time: number): number => Math.max(0, round((time - first) * 1e3));
  const moments = events.filter(({ event }) => event === 'signal' || event === 'ask');
  const slices = [...spans.map((span) => sliceOf(span, us)), ...moments.map((event) => momentOf(event, us))].sort(
    (one, other) => one.begin - other.begin || other.end - one.end,
  );
  const tracks: Track[] = [];
  const places = new Map<object, { readonly tid: number; readonly slice: Slice }>();
  const written = slices.map((slice): ChromeTraceEvent => {
    const tid = placeOn(tracks, slice);
    places.set(slice.of, { tid, slice });
    const { name, cat, begin, end, args } = slice;
    return { ph: 'X', name, cat, pid: PID, tid, ts: begin, dur: round(end - begin), args };
  });
  const flows = arrows.flatMap((arrow, id) => {
    const from = places.get(arrow.hold ?? arrow.cause);
    const to = places.get(arrow.wait);
    return from === undefined || to === undefined ? [] : flowOf(id + 1, from, to);
  });
  return {
    displayTimeUnit: 'ms',
    traceEvents: [...namesOf(tracks, agents), ...written, ...flows],
    otherData: { generator: 'atomics-sync-free', lostEvents: lost },
  };
}

/** Rounds to whole ns. */
const round = (us: number): number => Math.round(us * 1e3) / 1e3;

function sliceOf(span: TraceSpan, us: (time: number) => number): Slice {
  const { kind, agent, task, primitive, begin, end, open, got, stack } = span;
  const outcome = kind === 'wait' ? { got: open ? 'not yet' : got } : {};
  return {
    agent,
    task,
    begin: us(begin),
    end: Math.max(us(end), round(us(begin) + LEAST)),
    name: kind === 'wait' ? `wait for ${primitive}` : primitive,
    cat: kind,
    args: { ...outcome, ...(open ? { open } : {}), ...(stack === undefined ? {} : { stack }) },
    of: span,
  };
}

function momentOf(event: TraceEvent, us: (time: number) => number): Slice {
  const { agent, task, primitive, time } = event;
  const begin = us(time);
  return {
    agent,
    task,
    begin,
    end: round(begin + MOMENT),
    name: `${event.event} ${primitive}`,
    cat: event.event,
    args: {},
    of: event,
  };
}

/** Finds a track of its agent in which a slice nests: @returns the number of the thread */
function placeOn(tracks: Track[], slice: Slice): number {
  const { agent, task, begin, end } = slice;
  const fits = tracks.findIndex((track) => {
    if (track.agent !== agent || track.task !== task) return false;
    while (track.open.length > 0 && track.open[track.open.length - 1] <= begin) track.open.pop();
    return track.open.length === 0 || track.open[track.open.length - 1] >= end;
  });
  const at = fits >= 0 ? fits : tracks.push({ agent, task, open: [] }) - 1;
  const { open } = tracks[at];
  if (open[open.length - 1] === end && end - begin > LEAST) slice.end = round(end - LEAST);
  open.push(slice.end);
  return at + 1;
}

function namesOf(tracks: readonly Track[], agents: Source['agents']): ChromeTraceEvent[] {
  const order = tracks
    .map((track, at) => ({ ...track, tid: at + 1 }))
    .sort((one, other) => one.agent - other.agent || Number(one.task) - Number(other.task) || one.tid - other.tid);
  return [
    { ph: 'M', name: 'process_name', pid: PID, tid: 0, args: { name: 'atomics-sync-free' } },
    ...order.flatMap(({ agent, task, tid }, at): ChromeTraceEvent[] => [
      {
        ph: 'M',
        name: 'thread_name',
        pid: PID,
        tid,
        args: { name: `${agents[agent].name}${task ? ' (tasks)' : ''}` },
      },
      { ph: 'M', name: 'thread_sort_index', pid: PID, tid, args: { sort_index: at } },
    ]),
  ];
}

interface Placed {
  readonly tid: number;
  readonly slice: Slice;
}

/**
 * An arrow, unless it would lead back in time because its start and the wait that it ends fell within one tick of the clock.
 */
function flowOf(id: number, from: Placed, to: Placed): ChromeTraceEvent[] {
  const arrives = round(to.slice.end - BEFORE_END);
  const leaves = Math.min(round(from.slice.end - BEFORE_END), arrives);
  if (leaves < from.slice.begin) return [];
  const common = { name: 'lets through', cat: 'flow', pid: PID, id };
  return [
    { ...common, ph: 's', tid: from.tid, ts: leaves },
    { ...common, ph: 'f', bp: 'e', tid: to.tid, ts: arrives },
  ];
}
