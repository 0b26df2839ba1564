/** What the command `trace` asks of the program that it starts. */

/** The variable of the environment that says it, as JSON. */
export const ORDER = 'ATOMICS_SYNC_FREE_TRACE';

export interface TraceOrder {
  /** The file that the trace goes to when the program ends, as JSON: what the constructor of Trace takes. */
  readonly file: string;
  /** As `start` has them. */
  readonly capacity: number;
  readonly stacks: boolean;
}
