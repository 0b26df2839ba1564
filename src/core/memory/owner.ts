/**
 * Who holds a lock and who waits for it: the word that every owned primitive has after its gates, and the agent ids in it.
 *
 * ```text
 *  31 30     29      28               5    4       3          2         1        0
 * +-----+-----------+--------------------+------+----------+----------+-------+---------+
 * |  0  | ABANDONED | owner: an agent id | TASK | STARVING | STARVING | ASYNC | BLOCKED |
 * |     |           | or 0               |      | task     | agent    |       |         |
 * +-----+-----------+--------------------+------+----------+----------+-------+---------+
 * ```
 *
 * An agent id is `generation << 10 | slot`, 24 bits: owner words stay small integers even in engines that have only 31 bits for them.
 *
 * There are two kinds of waiter: a blocked agent (asleep in Atomics.wait) and an async task. The bit or gate of a kind is
 * found by adding the kind, BLOCKED_WAITER or TASK_WAITER, to that of blocked agents.
 */
export const BLOCKED_WAITER = 0;
export const TASK_WAITER = 1;

/**
 * A waiter of the kind may be asleep on the kind's gate: `BLOCKED << kind`. A stale bit is harmless, a missing one is not.
 */
export const BLOCKED = 1 << 0;
export const ASYNC = 1 << 1;
/** A waiter of the kind has been passed over for too long: `STARVING << kind`. */
export const STARVING = 1 << 2;
export const STARVING_TASK = 1 << 3;
/** The bits by which waiters change a word that somebody else holds. */
export const WAITER_BITS = BLOCKED | ASYNC | STARVING | STARVING_TASK;
/** The holder is an async task; without an owner: the lock is reserved for a task. */
export const TASK = 1 << 4;
export const OWNER_SHIFT = 5;
/** Alone in the word: the owner died. Beside an owner: that agent repairs what a dead one left. See death.ts. */
export const ABANDONED = 1 << 29;

/**
 * A word that many may hold at the same time, or one exclusively:
 *
 * ```text
 *  31 30 29   24 23       8      7       6 … 0
 * +-----+-------+-----------+-----------+--------+
 * |  0  | marks | holders   | EXCLUSIVE | others |
 * +-----+-------+-----------+-----------+--------+
 *
 * EXCLUSIVE   holders
 * 0           how many agents hold it
 * 1           0: its exclusive holder died
 * 1           short name [| REPAIR]: its exclusive holder, or the agent that repairs what a dead one left
 * ```
 *
 * A short name is the slot + 1 and the last 4 bits of the generation. The slot alone would suffice, because a slot gets no
 * new holder before everything that names the previous one has been taken from it; the generation exposes most agents that
 * were wrongly taken for dead.
 */
/** The bits 24 … 29 of a word that counts: see tally.ts. */
export const MARKS_SHIFT = 24;
export const MARKS = 0x3f << MARKS_SHIFT;
export const EXCLUSIVE = 1 << 7;
export const HOLDERS_SHIFT = 8;
export const HOLDERS = 0xffff << HOLDERS_SHIFT;
export const REPAIR = 1 << 23;

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

/** @returns an agent's id for human readers: its slot, and after the dot which holder of the slot it is */
export const agentName = (agent: number): string => `agent ${slotOf(agent)}.${generationOf(agent)}`;

/** @returns the owner word of an agent's blocking calls; its tasks' has TASK as well */
export const ownerWordOf = (agent: number): number => agent << OWNER_SHIFT;

/**
 * @returns 0 when nobody has it, otherwise the id of its owner; when it is abandoned or under repair, a value that is no agent's id
 */
export const ownerOf = (word: number): number => word >> OWNER_SHIFT;

/** @returns the id of the agent that an owner word names, as its owner or as its repairer, or 0 */
export const agentIn = (word: number): number => (word & ~ABANDONED) >> OWNER_SHIFT;

/** The shift of the part of a short name that is not the slot. */
const SHORT_SHIFT = 11;
const SHORT_GENERATION = 15;

/** @returns the part of a word that says that this agent holds it exclusively */
export const exclusiveWordOf = (agent: number): number =>
  ((((generationOf(agent) & SHORT_GENERATION) << SHORT_SHIFT) | (slotOf(agent) + 1)) << HOLDERS_SHIFT) | EXCLUSIVE;

/** Whether an agent holds a word exclusively, as its owner or to repair what a dead one left. */
export const isExclusively = (word: number, agent: number): boolean =>
  (word & ((HOLDERS & ~REPAIR) | EXCLUSIVE)) === exclusiveWordOf(agent);

/** @returns the slot of the agent that holds a word exclusively, or -1 */
export const exclusiveSlotOf = (word: number): number =>
  (word & EXCLUSIVE) === 0 ? -1 : ((word >> HOLDERS_SHIFT) & ((1 << SHORT_SHIFT) - 1)) - 1;

/**
 * @param latest the id of the agent that has that slot, or had it last
 * @returns the agent that holds a word exclusively; an earlier holder of the slot if the short name is not the latest one's
 */
export function exclusiveAgentIn(word: number, latest: number): number {
  const behind = (generationOf(latest) - (word >> (HOLDERS_SHIFT + SHORT_SHIFT))) & SHORT_GENERATION;
  return agentId(slotOf(latest), generationOf(latest) - behind);
}

/** @returns the kind of waiter that a caller is: BLOCKED_WAITER or TASK_WAITER */
export const waiterKind = (me: number): number => ((me & TASK) === 0 ? BLOCKED_WAITER : TASK_WAITER);
