/**
 * The codes of the kinds of cells: assigned only here, so that no two kinds have the same code. Each is a separate
 * constant, so that a bundle contains only those of its kinds.
 */

// --- sync -------------------------------------------------------------------------------------------------------
export const LOCK_CODE = 1;
export const RLOCK_CODE = 2;
export const SEMAPHORE_CODE = 3;
export const BOUNDED_SEMAPHORE_CODE = 4;
export const EVENT_CODE = 5;
export const CONDITION_CODE = 6;
export const BARRIER_CODE = 7;
export const RWLOCK_CODE = 8;

// --- multiprocessing --------------------------------------------------------------------------------------------
export const SIMPLE_QUEUE_CODE = 20;
export const SIDE_CODE = 21;
export const QUEUE_CODE = 22;
export const JOINABLE_QUEUE_CODE = 23;
export const VALUE_CODE = 24;
export const ARRAY_CODE = 25;
export const CONNECTION_CODE = 26;
export const PIPE_CODE = 27;
export const CHANNEL_CODE = 28;
export const MANAGER_CODE = 30;

// --- gil --------------------------------------------------------------------------------------------------------
export const GIL_CODE = 32;

// --- what the core and those who look at it need ------------------------------------------------------------------
/** The name of an agent. */
export const AGENT_NAME_CODE = 53;
/** The events of an agent. */
export const LANE_CODE = 54;
/** Where an agent waits. */
export const STACK_CODE = 55;
/** A text that events of a trace refer to. */
export const TEXT_CODE = 56;
/** The counts of waits for a primitive. */
export const STATISTICS_CODE = 58;
/** The name of a primitive. */
export const NAME_CODE = 59;
/** An agent's wait for a Condition, or its share of something that many may hold. */
export const RECORD_CODE = 60;
/** A piece of any size. */
export const BLOCK_CODE = 61;
/** A cell that can be allocated. */
export const FREE_CODE = 62;
/** A freed cell that somebody is clearing for reuse. */
export const CLEARED_CODE = 63;
