/**
 * The codes of what stands in cells: the one place where they are given out, so that no two kinds have the same. Constants each,
 * so that a bundle has those of the kinds that it has.
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
/** What people call an agent. */
export const AGENT_NAME_CODE = 53;
/** The events of an agent. */
export const LANE_CODE = 54;
/** Where an agent waits. */
export const STACK_CODE = 55;
/** A text that events of a trace name. */
export const TEXT_CODE = 56;
/** The waits for a primitive, counted. */
export const STATISTICS_CODE = 58;
/** What people call a primitive. */
export const NAME_CODE = 59;
/** The wait of an agent for a Condition, or what it has of something that many may have. */
export const RECORD_CODE = 60;
/** A piece of any size. */
export const BLOCK_CODE = 61;
/** A cell that can be allocated. */
export const FREE_CODE = 62;
/** A freed cell that somebody clears, to use it again. */
export const CLEARED_CODE = 63;
