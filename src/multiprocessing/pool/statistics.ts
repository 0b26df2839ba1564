/** What a pool has done, and has to do, in tasks: a chunk is one. See `Pool.statistics`. */
export interface PoolStatistics {
  /** How many workers it has. */
  readonly workers: number;
  /** Tasks that no worker has begun; not those that are still to be made of a call's items. */
  readonly waiting: number;
  /** Tasks that workers are busy with. */
  readonly running: number;
  /** Tasks that are done, whatever came of them but an error. */
  readonly completed: number;
  /** Tasks that have failed, the death of a worker included. */
  readonly failed: number;
  /** Tasks that were given up. */
  readonly cancelled: number;
  /** How often a task was begun again, as its worker had died. */
  readonly retried: number;
  /** How many workers have died, or were ended, in a task or not; not those that left after their last task. */
  readonly deaths: number;
}
