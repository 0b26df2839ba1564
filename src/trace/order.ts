/** What the `trace` command asks of the program that it starts. */

/** The environment variable that carries it, as JSON. */
export const ORDER = 'ATOMICS_SYNC_FREE_TRACE';

export interface TraceOrder {
  /** The file to which the trace is written when the program ends, as JSON: what the constructor of Trace takes. */
  readonly file: string;
  /** As for `start`. */
  readonly capacity: number;
  readonly stacks: boolean;
}
