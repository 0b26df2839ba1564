/**
 * Who holds a lock and who waits for it: the word that every owned primitive has behind its gates, and the ids of
 * agents that it holds.
 *
 * ```text
 *  31 30     29      28               5    4       3          2         1        0
 * +-----+-----------+--------------------+------+----------+----------+-------+---------+
 * |  0  | ABANDONED | owner: an agent id | TASK | STARVING | STARVING | ASYNC | BLOCKED |
 * |     |           | or 0               |      | task     | agent    |       |         |
 * +-----+-----------+--------------------+------+----------+----------+-------+---------+
 * ```
 *
 * An agent id is `generation << 10 | slot`, 24 bits: owner words stay small integers also in engines that have only
 * 31 bits for them.
 *
 * There are two kinds of waiter: a blocked agent (asleep in Atomics.wait) and an async task. A bit or gate of a kind is
 * found by adding the kind, BLOCKED_WAITER or TASK_WAITER, to that of blocked agents.
 */
export const BLOCKED_WAITER = 0;
export const TASK_WAITER = 1;

/** Somebody of the kind may be asleep on the kind's gate: `BLOCKED << kind`. Stale is harmless, missing is not. */
export const BLOCKED = 1 << 0;
export const ASYNC = 1 << 1;
/** Somebody of the kind has been passed over for too long: `STARVING << kind`. */
export const STARVING = 1 << 2;
export const STARVING_TASK = 1 << 3;
/** The bits by which waiters change a word that somebody else holds. */
export const WAITER_BITS = BLOCKED | ASYNC | STARVING | STARVING_TASK;
/** The holder is an async task; without an owner: the lock is reserved for a task. */
export const TASK = 1 << 4;
export const OWNER_SHIFT = 5;
/** Alone in the word: the owner died. Beside an owner: that one repairs what a dead one left. See death.ts. */
export const ABANDONED = 1 << 29;

const SLOT_BITS = 10;
const GENERATION_BITS = 14;
const GENERATION_MASK = (1 << GENERATION_BITS) - 1;

export const MAX_AGENT_ID = (1 << (SLOT_BITS + GENERATION_BITS)) - 1;

/** @returns the id of the agent that has this slot in this generation */
export const agentId = (slot: number, generation: number): number =>
  ((generation & GENERATION_MASK) << SLOT_BITS) | slot;
export const slotOf = (agent: number): number => agent & ((1 << SLOT_BITS) - 1);
export const generationOf = (agent: number): number => agent >> SLOT_BITS;
/** 1 … GENERATION_MASK, then 1 again: 0 would make slot 0's id "no owner". */
export const nextGeneration = (generation: number): number => (generation % GENERATION_MASK) + 1;

/** @returns an agent's id as people read it: its slot, and after the dot which holder of the slot it is */
export const agentName = (agent: number): string => `agent ${slotOf(agent)}.${generationOf(agent)}`;

/** @returns the owner word of an agent's blocking calls; its tasks' has TASK as well */
export const ownerWordOf = (agent: number): number => agent << OWNER_SHIFT;

/** @returns 0 where nobody has it, the id of its owner, or no agent's id where it is abandoned or under repair */
export const ownerOf = (word: number): number => word >> OWNER_SHIFT;

/** @returns the id of the agent that an owner word names, as its owner or as the one that repairs it, or 0 */
export const agentIn = (word: number): number => (word & ~ABANDONED) >> OWNER_SHIFT;

/** @returns the kind of waiter that a caller is: BLOCKED_WAITER or TASK_WAITER */
export const waiterKind = (me: number): number => ((me & TASK) === 0 ? BLOCKED_WAITER : TASK_WAITER);
