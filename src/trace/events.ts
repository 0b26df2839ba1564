/** What an event can be of, and how it reads. */

/** What can happen to a primitive; {@link TraceEvent.event} says what each means. */
export type TraceEventName = 'wait' | 'waited' | 'acquire' | 'release' | 'signal' | 'ask';

/** In the order of their codes. */
export const NAMES: readonly TraceEventName[] = ['wait', 'waited', 'acquire', 'release', 'signal', 'ask'];
export const WAIT = 0;
/** Its figure: 1 when the wait got what it was for. */
export const WAITED = 1;
/** Its figure: SHARING when others may have it too. */
export const ACQUIRE = 2;
/** Its figure: how many are given back. */
export const RELEASE = 3;
/** Its figure: how many it is for. */
export const SIGNAL = 4;
export const ASK = 5;

/** Beside what an event is: of a task; a release that another has asked for. */
export const TASK = 1 << 3;
export const FORCED = 1 << 4;
export const EVENT_MASK = TASK - 1;

/** One event of a trace. */
export interface TraceEvent {
  /** When, in ms since the epoch, by a clock that all agents share. */
  readonly time: number;
  /** The agent, by its number among the agents of the trace. */
  readonly agent: number;
  /** Whether a task of it did that. */
  readonly task: boolean;
  /**
   * What happened: it began to `wait`; has `waited`, with what it waited for or without; did `acquire` something or `release` it;
   * gave a `signal` (set an Event, notified a Condition, arrived at a Barrier); did `ask` the holder of a GIL to drop it.
   */
  readonly event: TraceEventName;
  /** Kind, number and name of the primitive. */
  readonly primitive: string;
  /** Of `waited`: whether it got it. True for other events. */
  readonly got: boolean;
  /** Of `release`: whether it was of a GIL that another agent had asked for. */
  readonly forced: boolean;
  /** Of `release` and `signal`: how many permits, or how many it is for; 1 for other events. */
  readonly count: number;
  /** The stack of what the agent did, where stacks were asked for. */
  readonly stack: string | undefined;
}
