/**
 * Records of waits: cells that say of one wait whose it is and how to undo it, so that whoever retires a dead agent can
 * do that without knowing the primitive. A record belongs to one agent, which uses it for one wait after the other.
 *
 * ```text
 * cell   0  descriptor
 *        1  gate          what the waiter sleeps on, if the primitive has no better place
 *        2  owner         owner word of the agent, or 0: to be had
 *        3  state         see below
 *        4  next, 5 prev  links, for a primitive that keeps its waiters in a list
 *        6  undo at, 7 keep, 8 set, 9 add
 *                         what the death of an ENTITLED owner does to a word: word = (word & keep | set) + add
 * ```
 *
 * | state | means | on the owner's death |
 * |---|---|---|
 * | IDLE | no wait | the record is to be had |
 * | LINKED | in a list, waiting | DEAD; whoever guards the list takes it out, and then it is to be had |
 * | ENTITLED | what the owner has, or was promised, is not its alone | undone as the record says |
 * | DEAD | in a list, and nobody's wait | |
 *
 * An undoing that is repeated because the undoer died too is done twice; the primitives can stand that.
 */
import type { Arena } from './arena.js';
import { SyncError } from './errors.js';
import { agentSlots, allocate, eachCell, type Kind, lengthOf, RECORD } from './layout.js';
import { OWNER_SHIFT, ownerOf } from './owner.js';

const KIND: Kind = { name: 'wait record', code: 63, gates: 1, role: RECORD, words: 10 };

export const RECORD_GATE = 1;
const OWNER = 2;
export const RECORD_STATE = 3;
export const RECORD_NEXT = 4;
export const RECORD_PREV = 5;
export const UNDO_AT = 6;
const UNDO_KEEP = 7;
const UNDO_SET = 8;
const UNDO_ADD = 9;

export const IDLE = 0;
export const LINKED = 1;
export const ENTITLED = 2;
export const DEAD = 3;

/** How many words it takes to record a wait of every member at the same time. */
export const roomForWaits = (words: Int32Array): number => agentSlots(words) * lengthOf(words, KIND);

/**
 * Takes a record for one wait.
 *
 * @returns the index of its cell
 * @throws SyncError `ERR_ARENA_FULL` when the agent has none to spare, and there is no room for another
 */
export function takeRecord(arena: Arena): number {
  return arena.idleRecords.pop() ?? claimRecord(arena) ?? newRecord(arena);
}

/** Puts a record back after its wait. */
export function putRecord(arena: Arena, record: number): void {
  Atomics.store(arena.words, record + RECORD_STATE, IDLE);
  arena.idleRecords.push(record);
}

/** Lets go of a dead agent's record that is in no list any more. */
export function freeRecord(words: Int32Array, record: number): void {
  Atomics.store(words, record + RECORD_STATE, IDLE);
  Atomics.store(words, record + OWNER, 0);
}

/** Says what the owner's death shall do once the state is ENTITLED. */
export function setUndo(words: Int32Array, record: number, at: number, keep: number, set: number, add: number): void {
  Atomics.store(words, record + UNDO_AT, at);
  Atomics.store(words, record + UNDO_KEEP, keep);
  Atomics.store(words, record + UNDO_SET, set);
  Atomics.store(words, record + UNDO_ADD, add);
}

/** Takes over a record that a dead agent has left. */
function claimRecord({ words, agentId }: Arena): number | undefined {
  let claimed: number | undefined;
  eachCell(words, (index, _gates, role) => {
    if (role !== RECORD || claimed !== undefined) return;
    if (Atomics.compareExchange(words, index + OWNER, 0, agentId << OWNER_SHIFT) === 0) claimed = index;
  });
  return claimed;
}

function newRecord(arena: Arena): number {
  const { words, agentId } = arena;
  for (;;) {
    const index = allocate(words, KIND);
    if (index === 0) {
      throw new SyncError(
        'ERR_ARENA_FULL',
        `no room in this arena to record another wait: each task or agent that waits at the same time takes ` +
          `${KIND.words * 4} bytes or more; make a larger one ({ byteLength: … })`,
      );
    }
    // Another agent may claim it before we have put our name in.
    if (Atomics.compareExchange(words, index + OWNER, 0, agentId << OWNER_SHIFT) === 0) return index;
  }
}

/** Undoes the wait that a record shows, if it is this dead agent's. */
export function undoRecord(words: Int32Array, record: number, agent: number): void {
  if (ownerOf(Atomics.load(words, record + OWNER)) !== agent) return;
  const state = Atomics.compareExchange(words, record + RECORD_STATE, LINKED, DEAD);
  if (state === LINKED || state === DEAD) return;
  if (state === ENTITLED) undo(words, record);
  freeRecord(words, record);
}

function undo(words: Int32Array, record: number): void {
  const at = Atomics.load(words, record + UNDO_AT);
  const keep = Atomics.load(words, record + UNDO_KEEP);
  const set = Atomics.load(words, record + UNDO_SET);
  const add = Atomics.load(words, record + UNDO_ADD);
  for (;;) {
    const word = Atomics.load(words, at);
    if (Atomics.compareExchange(words, at, word, ((word & keep) | set) + add) === word) return;
  }
}
