/** The kinds of events, and what an event looks like to readers. */

/** What can happen to a primitive; {@link TraceEvent.event} says what each means. */
export type TraceEventName = 'wait' | 'waited' | 'acquire' | 'release' | 'signal' | 'ask';

/** In the order of their codes. */
export const NAMES: readonly TraceEventName[] = ['wait', 'waited', 'acquire', 'release', 'signal', 'ask'];
export const WAIT = 0;
/** Its figure: 1 when the wait got what it waited for. */
export const WAITED = 1;
/** Its figure: SHARING when others may hold it too. */
export const ACQUIRE = 2;
/** Its figure: how many are released. */
export const RELEASE = 3;
/** Its figure: how many it is for. */
export const SIGNAL = 4;
export const ASK = 5;

/** Flags beside an event's kind: done by a task; a release that another agent asked for. */
export const TASK = 1 << 3;
export const FORCED = 1 << 4;
export const EVENT_MASK = TASK - 1;

/** One event of a trace. */
export interface TraceEvent {
  /** Its time, in ms since the epoch, by a clock that all agents share. */
  readonly time: number;
  /** The agent, as an index into the agents of the trace. */
  readonly agent: number;
  /** Whether one of the agent's tasks did it. */
  readonly task: boolean;
  /**
   * What happened: it began to `wait`; `waited`, successfully or not; did `acquire` something or `release` it; gave a
   * `signal` (set an Event, notified a Condition, arrived at a Barrier); or did `ask` the holder of a GIL to drop it.
   */
  readonly event: TraceEventName;
  /** Kind, number and name of the primitive. */
  readonly primitive: string;
  /** For `waited`: whether it got what it waited for. True for other events. */
  readonly got: boolean;
  /** For `release`: whether it released a GIL that another agent had asked for. */
  readonly forced: boolean;
  /** For `release` and `signal`: the number of permits or of receivers; 1 for other events. */
  readonly count: number;
  /** The agent's stack at that moment, if stacks were requested. */
  readonly stack: string | undefined;
}
