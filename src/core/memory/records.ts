/**
 * Records of waits: cells that say whose a wait is and how to undo it, so that the agent that retires a dead one can do
 * that without knowing the primitive. A record belongs to one agent, which uses it for one wait after another, or to tally
 * its share of something.
 *
 * ```text
 * cell   0  descriptor
 *        1  gate          what the waiter sleeps on, if the primitive has no better place
 *        2  owner         the agent's owner word; 0 until it has written it; GONE once a dead agent's record is freed
 *        3  state         see below
 *        4, 5  link       for a primitive that keeps its waiters in a list: see wait-list.ts; of a tally: see tally.ts;
 *                         of a party: see noteParty and noteActor
 *        6  subject       index of a word of the primitive, which an ENTITLED owner's death changes;
 *                         the three words after it say how: see undoing; of a tally: the word that counts
 *        7  seats         of a tally: see tally.ts
 * ```
 *
 * | state | means | on the owner's death |
 * |---|---|---|
 * | IDLE | no wait | the record is freed |
 * | LINKED | in a list, waiting | DEAD; the list's guard removes it and frees it |
 * | ENTITLED | others also depend on what the owner has, or was promised | undone as the subject says, and freed |
 * | DEAD | in a list, but nobody's wait | |
 * | TALLYING | no wait, but the owner's share of something | all of it is returned, and the record freed |
 *
 * If the undoing agent dies too, the undoing is done twice; the primitives tolerate that.
 */
import { SyncError } from '../errors.js';
import { allocate, eachCell, free, GATE, type Kind, lengthOf, RECORD } from './cells.js';
import { RECORD_CODE } from './codes.js';
import { ownerOf } from './owner.js';
import { agentSlots } from './region.js';
import { LINK_WORDS } from './wait-list.js';

export const RECORD_GATE = GATE;
const GONE = -1;
export const OWNER = 2;
export const STATE = 3;
export const LINK = 4;
const ACTS = LINK + 1;
export const SUBJECT = LINK + LINK_WORDS;
export const SEATS_OF = SUBJECT + 1;

const KIND: Kind = { name: 'wait record', code: RECORD_CODE, gates: 1, role: RECORD, words: SEATS_OF + 1 };

export const IDLE = 0;
export const LINKED = 1;
export const ENTITLED = 2;
export const DEAD = 3;
export const TALLYING = 4;

/** An agent keeps this many records for its next waits, and frees the others. */
const KEPT = 8;

/** The record of an agent's share of something, as its member knows it. */
export interface KnownTally {
  /** Its cell; 0 once it was put back. */
  record: number;
  /** How many tasks need it even if the agent has nothing. */
  waits: number;
}

/** The part of a member that concerns its records. */
export interface Recorder {
  readonly words: Int32Array;
  readonly ownerWord: number;
  /** The records that the agent has but does not use. */
  readonly idleRecords: number[];
  /** The records of its shares, by the words that count them. */
  readonly tallies: Map<number, KnownTally>;
  /** Whether there may be more records of it in the arena. */
  hasForgotten: boolean;
}

/** How many bytes it takes to record one wait of every member at the same time. */
export const roomForWaits = (words: Int32Array): number => agentSlots(words) * lengthOf(words, KIND.words) * 4;

/**
 * Takes a record for one wait.
 *
 * @param subject the word that the owner's death changes; the three words after it are already set
 * @returns the index of its cell
 * @throws SyncError `ERR_ARENA_FULL` when the agent has no idle one, and there is no room for another
 */
export function takeRecord(member: Recorder, subject: number): number {
  const record = recordFor(member, subject);
  if (record === 0) throw noRoom();
  return record;
}

/** @returns a record as `takeRecord` takes it, or 0 when there is no room */
export function recordFor(member: Recorder, subject: number): number {
  if (member.hasForgotten) findRecords(member);
  const record = member.idleRecords.pop() ?? newRecord(member);
  const { words } = member;
  // Only its owner writes it, and it is often the same as before.
  if (record !== 0 && words[record + SUBJECT] !== subject) Atomics.store(words, record + SUBJECT, subject);
  return record;
}

/** @returns the error of waits for which there is no record */
const noRoom = (): SyncError => noRoomTo('record another wait: each task or agent that waits at the same time takes');
export const noRoomTo = (what: string): SyncError =>
  new SyncError(
    'ERR_ARENA_FULL',
    `no room in this arena to ${what} ${KIND.words * 4} bytes or more; make a larger one ({ byteLength: … })`,
  );

/**
 * Abandons a LINKED record without the lock that guards its list: it is treated as a dead waiter's.
 *
 * @returns false when the record is no longer in a list because its waiter was entitled
 */
export const disown = (words: Int32Array, record: number): boolean =>
  Atomics.compareExchange(words, record + STATE, LINKED, DEAD) === LINKED;

/** @returns the records that are, or were, in the list of this subject */
export function recordsOf(words: Int32Array, subject: number): number[] {
  const records: number[] = [];
  eachCell(words, (index, _gates, role) => {
    if (role !== RECORD || Atomics.load(words, index + SUBJECT) !== subject) return;
    const state = Atomics.load(words, index + STATE);
    if (state === LINKED || state === DEAD) records.push(index);
  });
  return records;
}

/** Walks the records of this subject that are in one state. */
export function eachRecord(words: Int32Array, subject: number, state: number, visit: (record: number) => void): void {
  eachCell(words, (index, _gates, role) => {
    if (role !== RECORD || Atomics.load(words, index + SUBJECT) !== subject) return;
    if (Atomics.load(words, index + STATE) === state) visit(index);
  });
}

/** Puts a record back after its wait. */
export function putRecord({ words, idleRecords }: Recorder, record: number): void {
  Atomics.store(words, record + STATE, IDLE);
  if (idleRecords.length < KEPT) {
    idleRecords.push(record);
    return;
  }
  free(words, record);
}

/** Frees a dead agent's record that is no longer in a list; if several agents do this, one succeeds. */
export function freeRecord(words: Int32Array, record: number): void {
  const owner = Atomics.load(words, record + OWNER);
  if (owner !== GONE && Atomics.compareExchange(words, record + OWNER, owner, GONE) === owner) free(words, record);
}

function newRecord({ words, ownerWord }: Recorder): number {
  for (;;) {
    const index = allocate(words, KIND) || ownerlessRecord(words);
    // Another agent may have taken it for one left by a dead agent.
    if (index === 0 || Atomics.compareExchange(words, index + OWNER, 0, ownerWord) === 0) return index;
  }
}

/** @returns a record whose taker died before it had written its owner word, or 0 */
function ownerlessRecord(words: Int32Array): number {
  let found = 0;
  eachCell(words, (index, _gates, role) => {
    if (role === RECORD && found === 0 && Atomics.load(words, index + OWNER) === 0) found = index;
  });
  return found;
}

/** Finds the records that an agent has forgotten, before it takes any other. */
export function findRecords(member: Recorder): void {
  const { words, ownerWord, idleRecords, tallies } = member;
  eachCell(words, (index, _gates, role) => {
    if (role !== RECORD || Atomics.load(words, index + OWNER) !== ownerWord) return;
    const state = Atomics.load(words, index + STATE);
    if (state === IDLE) idleRecords.push(index);
    if (state === TALLYING) tallies.set(Atomics.load(words, index + SUBJECT), { record: index, waits: 0 });
  });
  member.hasForgotten = false;
}

/** The link by which a primitive's list refers to a record, and the reverse. */
export const linkOf = (record: number): number => record + LINK;
export const recordAt = (link: number): number => link - LINK;

export const recordState = (words: Int32Array, record: number): number => Atomics.load(words, record + STATE);
/** The word that the waiter's death would change, for its own pass to read. */
export const subjectOf = (words: Int32Array, record: number): number => Atomics.load(words, words[record + SUBJECT]);
export function setState(words: Int32Array, record: number, state: number): void {
  Atomics.store(words, record + STATE, state);
}

/**
 * Entitles the waiter of a LINKED record, and wakes it.
 *
 * @returns false when the waiter is dead
 */
export function entitle(words: Int32Array, record: number): boolean {
  if (Atomics.compareExchange(words, record + STATE, LINKED, ENTITLED) !== LINKED) return false;
  Atomics.add(words, record + RECORD_GATE, 1);
  Atomics.notify(words, record + RECORD_GATE);
  return true;
}

// --- undoing ------------------------------------------------------------------------------------------------------

/** The number of words after a subject. */
export const UNDO_WORDS = 3;
const KEEP = 1;
const SET = 2;
const ADD = 3;

/**
 * Sets what the death of an ENTITLED owner does to a primitive's word: word = (word & keep | set) + add. Called once, when
 * the primitive is created.
 */
export function setUndo(words: Int32Array, subject: number, keep: number, set: number, add: number): void {
  Atomics.store(words, subject + KEEP, keep);
  Atomics.store(words, subject + SET, set);
  Atomics.store(words, subject + ADD, add);
}

/** Undoes a record's wait, if it is this dead agent's. */
export function undoRecord(words: Int32Array, record: number, agent: number): void {
  const owner = Atomics.load(words, record + OWNER);
  if (ownerOf(owner) !== agent) return;
  const state = Atomics.compareExchange(words, record + STATE, LINKED, DEAD);
  if (state === LINKED || state === DEAD) return;
  if (state === ENTITLED) undo(words, Atomics.load(words, record + SUBJECT));
  if (Atomics.compareExchange(words, record + OWNER, owner, GONE) === owner) free(words, record);
}

/**
 * Notes that the owner of an ENTITLED record is counted in its subject. A plain write, because others read it only
 * once the owner is blocked.
 *
 * @param word the value of the subject at that moment
 */
export function noteParty(words: Int32Array, record: number, word: number): void {
  words[record + LINK] = deathsIn(words, words[record + SUBJECT], word);
  words[record + ACTS] = 0;
}

/** Notes that all other counted parties wait for what this one does. */
export function noteActor(words: Int32Array, record: number): void {
  words[record + ACTS] = 1;
}

/** The part of a word that an owner's death changes: agents counted before the change no longer count. */
const deathsIn = (words: Int32Array, subject: number, word: number): number => word & words[subject + KEEP];

/** @returns the agents counted in a word, by ENTITLED records; for an agent that is not blocked this may be out of date */
export const partiesOf = (words: Int32Array, subject: number): number[] => partiesThat(words, subject, () => true);

/** @returns those of them whose actions the others wait for */
export const actorsOf = (words: Int32Array, subject: number): number[] =>
  partiesThat(words, subject, (record) => Atomics.load(words, record + ACTS) === 1);

function partiesThat(words: Int32Array, subject: number, accept: (record: number) => boolean): number[] {
  const parties: number[] = [];
  eachRecord(words, subject, ENTITLED, (record) => {
    const deaths = deathsIn(words, subject, Atomics.load(words, subject));
    if (Atomics.load(words, record + LINK) === deaths && accept(record))
      parties.push(ownerOf(Atomics.load(words, record + OWNER)));
  });
  return parties;
}

function undo(words: Int32Array, subject: number): void {
  const keep = Atomics.load(words, subject + KEEP);
  const set = Atomics.load(words, subject + SET);
  const add = Atomics.load(words, subject + ADD);
  for (;;) {
    const word = Atomics.load(words, subject);
    if (Atomics.compareExchange(words, subject, word, ((word & keep) | set) + add) === word) return;
  }
}
