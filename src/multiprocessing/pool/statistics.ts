/** What a pool has done, and has yet to do, in tasks: a chunk is one. See `Pool.statistics`. */
export interface PoolStatistics {
  /** How many workers it has. */
  readonly workers: number;
  /** Tasks that no worker has begun, without those still to be made of a call's items. */
  readonly waiting: number;
  /** Tasks that workers are busy with. */
  readonly running: number;
  /** Tasks that are done and have not failed. */
  readonly completed: number;
  /** Tasks that have failed, including by the death of a worker. */
  readonly failed: number;
  /** Tasks that were given up. */
  readonly cancelled: number;
  /** How often a task was begun again because its worker had died. */
  readonly retried: number;
  /** How many workers have died, or were ended, in a task or not; not those that left after their last task. */
  readonly deaths: number;
}
