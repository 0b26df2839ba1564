/**
 * Tallies: how many an agent holds of something that many may hold at the same time, recorded so that its death returns exactly that.
 *
 * The total is in one shared word (the permits of a Semaphore, the readers of an RWLock), and each agent's share is in a
 * record of its own. A change is made by compare-and-swap of the word, and an agent can die between that and the update of
 * its record. A guess would lose a permit, or invent one. So a change is made *detectable*: it flips a bit of the word, its
 * mark, which nobody else flips until the change is settled.
 *
 * ```text
 * the word  31 30 29   24 23                0
 *          +-----+-------+-------------------+
 *          |  0  | marks |    what counts    |     one mark per seat, the lowest for the first
 *          +-----+-------+-------------------+
 *
 * a seat    14     5   4   3      2       1      0
 *          +--------+--------+--------+------+------+
 *          |  slot  |  kind  | parity | BUSY | mark |     of a free seat all but the mark is 0
 *          +--------+--------+--------+------+------+
 *
 * seats 0 … 3: each belongs to the agent in the slot of this number only; it stays busy between changes
 *       4, 5: shared by all other agents
 *
 * record (see records.ts), in the state TALLYING
 *        4  HELD     count << 1 | parity; the parity changes with every change
 *        5  BACK     what is added to the word when one is returned; negative when the word counts the agents that have
 *                    the thing: then it is added when an agent returns its last one
 *        6  subject  index of the word
 *        7  SEATS    index of the first seat; after the last one, if BACK is positive, comes the greatest permitted count
 * ```
 *
 * | word | written by |
 * |---|---|
 * | a mark | the agent that has its seat, by the change itself; all other writers of the word keep it |
 * | a free shared seat | the agent that takes it, by compare-and-swap: from then on, until the seat is free, its mark has the meaning given by the seat |
 * | an agent's own seat | only that agent, with plain writes; after its death the agent that retires it |
 * | HELD beyond the first, when the word counts agents | only the agent, because nothing else changes with it |
 * | a busy shared seat, and the record | the agent; after its death the agents that retire it, one at a time |
 *
 * A change: (1) take a seat, whose entry says which agent, which kind of change, the parity of HELD and the mark before it;
 * (2) compare-and-swap the word with the mark flipped; if that fails, free the seat and start again; (3) write HELD; (4)
 * free the seat, with the new mark, if it is shared: an agent's own seat may keep the entry of a completed change, because
 * HELD then has the other parity.
 *
 * **After a death** at any point a busy seat of the agent shows how far it got: while the mark is that of the entry,
 * nothing was changed; a flipped mark and the entry's parity mean that HELD has yet to be written; with the other parity it
 * has been. The agent that retires it does the rest, so that HELD is exact, and then returns all of it by one more change
 * of this form, in the dead agent's name: if it dies too, the next one finds that change as it would have found the dead
 * agent's own. The meaning of a mark depends on no other agent's progress, so no agent helps another, and nothing can be
 * mistaken for something older.
 *
 * An agent that finds both shared seats taken waits for a moment: they are taken for three accesses, unless an agent was
 * stopped or died exactly there. A retirement waits for nobody: what finds no seat is left for the next look (see
 * sweep.ts), because the seats may belong to dead agents that have not yet been detected.
 *
 * **Plain accesses.** While an agent lives, nobody else reads its HELD, its record's other words, or its own seat. An agent
 * that does so after its death sees everything it wrote: a thread that has ended has left nothing in its processor's store
 * buffer. A shared seat is freed by a plain write; until others see it, they find the seat busy.
 *
 * The idea of one bit per process in the compare-and-swapped word is from Ben-Baruch, Hendler and Rusanovsky, "Upper and Lower
 * Bounds on the Space Complexity of Detectable Objects", PODC 2020. Two things are new here: a few seats suffice, because a bit
 * is needed only while a change is under way; and the first agents, which are all that most programs have, need not take one.
 */
import type { SyncError } from '../errors.js';
import { AGAIN, GOT } from '../wait/pass.js';
import { MARKS, MARKS_SHIFT, ownerOf, slotOf } from './owner.js';
import {
  ENTITLED,
  eachRecord,
  findRecords,
  type KnownTally,
  LINK,
  noRoomTo,
  OWNER,
  putRecord,
  type Recorder,
  recordFor,
  recordState,
  SEATS_OF,
  STATE,
  SUBJECT,
  setState,
  TALLYING,
} from './records.js';
import { refusalOf } from './slots.js';

/** The number of seat words, one for each mark. */
export const SEATS = 6;
/** This many seats are each reserved for one agent: the one whose slot has the seat's number. */
const OWN_SEATS = 4;
/** The part of a word that belongs to the primitive. */
const COUNTED = (1 << MARKS_SHIFT) - 1;

const HELD = LINK;
const BACK = LINK + 1;

const PARITY = 1;
const ONE = 2;
/** The most that an agent can hold. */
export const MOST_HELD = 2 ** 30 - 1;
const countIn = (held: number): number => held >> 1;

const MARK = 1;
const BUSY = 2;
const PARITY_SHIFT = 2;
const KIND_SHIFT = 3;
const KIND = 3;
const SLOT_SHIFT = 5;
/** One more is taken. */
const TAKE = 0;
/** One is returned. */
const GIVE = 1;
/** All are returned. */
const GIVE_ALL = 2;

/** A seat's entry for a change, without the mark. */
const entryOf = (slot: number, kind: number, held: number): number =>
  (slot << SLOT_SHIFT) | (kind << KIND_SHIFT) | ((held & PARITY) << PARITY_SHIFT) | BUSY;
const markIn = (word: number, seat: number): number => (word >> (MARKS_SHIFT + seat)) & 1;

/** @returns the value of HELD after a change */
const heldAfter = (held: number, kind: number): number =>
  (kind === GIVE_ALL ? held & PARITY : held + (kind === TAKE ? ONE : -ONE)) ^ PARITY;

/** Where a change is made, and by which agent. */
interface Where {
  /** Index of the word that counts. */
  readonly word: number;
  /** Index of the first seat. */
  readonly seats: number;
  /** The slot of the agent. */
  readonly slot: number;
}

/** What `take` and `give` return, besides GOT and AGAIN. */
export const NOT_NOW = -1;

/** An agent keeps this many records that show nothing held, for the next time. */
const KEPT = 8;

/** The part of a member that concerns its tallies. */
interface Tallier extends Recorder {
  readonly agent: number;
  /** At this many records, those that show nothing held are put back. */
  mostTallies: number;
}

const NONE: KnownTally = { record: 0, waits: 0 };

/** How many one agent holds of one thing: a live object's view of the agent's record. */
export class Tally {
  readonly #member: Tallier;
  readonly #words: Int32Array;
  readonly #me: number;
  readonly #where: Where;
  readonly #back: number;
  /** What the member knows of it, as last seen by this object. */
  #known = NONE;

  /**
   * @param word index of the word that counts
   * @param seats index of the first seat
   * @param back what returning one adds to the word
   */
  constructor(member: Tallier, word: number, seats: number, back: number) {
    this.#member = member;
    this.#words = member.words;
    this.#me = member.ownerWord;
    this.#where = { word, seats, slot: slotOf(member.agent) };
    this.#back = back;
  }

  /** The record, or 0. If others have retired the agent, the record is no longer its own, so this is checked. */
  get record(): number {
    const { record } = this.#known;
    return record !== 0 && this.#words[record + OWNER] === this.#me ? record : this.#lookUp();
  }

  #lookUp(): number {
    const member = this.#member;
    if (member.hasForgotten) findRecords(member);
    const known = member.tallies.get(this.#where.word) ?? NONE;
    const { record } = known;
    const isMine = record !== 0 && this.#words[record + OWNER] === this.#me && this.#words[record + STATE] === TALLYING;
    this.#known = isMine ? known : NONE;
    return this.#known.record;
  }

  /** How many the agent holds; also 0 when it was retired. A plain read, because only the agent writes it. */
  get count(): number {
    const { record } = this;
    return record === 0 ? 0 : countIn(this.#words[record + HELD]);
  }

  /**
   * Makes sure that there is a record.
   *
   * @returns undefined, or an error: SyncError `ERR_ARENA_FULL` when there is no room for one, `ERR_RETIRED`
   *   when the agent was retired
   */
  prepare(): SyncError | undefined {
    if (this.record !== 0) return undefined;
    const member = this.#member;
    const { words, tallies } = member;
    const refused = refusalOf(words, member.agent);
    if (refused !== undefined) return refused;
    if (tallies.size >= member.mostTallies) this.#tidyUp();
    const record = recordFor(member, this.#where.word);
    if (record === 0) return noRoomTo('record what this agent holds: each thing that it holds a part of takes');
    const { seats, slot } = this.#where;
    words[record + HELD] = 0;
    words[record + BACK] = this.#back;
    words[record + SEATS_OF] = seats;
    if (slot < OWN_SEATS) words[seats + slot] = 0;
    // From here on, the other words are read when the agent dies.
    setState(words, record, TALLYING);
    this.#known = { record, waits: 0 };
    tallies.set(this.#where.word, this.#known);
    return undefined;
  }

  /** Keeps the record while a task waits, even if the agent holds nothing yet. */
  keptDuring(wait: () => Promise<boolean>): Promise<boolean> {
    const tally = this.#member.tallies.get(this.#where.word);
    if (tally === undefined) return wait();
    tally.waits++;
    return wait().then(
      (got) => {
        tally.waits--;
        return got;
      },
      (reason) => {
        tally.waits--;
        throw reason;
      },
    );
  }

  /**
   * Takes one by a change of the word.
   *
   * @param seen the current value of the word
   * @param next its new value, with unchanged marks
   * @returns GOT; AGAIN when the word has changed; NOT_NOW when all seats are taken, or there is no record
   */
  take(seen: number, next: number): number {
    const { record } = this;
    return record === 0 ? NOT_NOW : change(this.#words, this.#where, record, seen, next, TAKE);
  }

  /** Returns one, as `take` takes one; there must be one. The caller retries until the answer is GOT: see giveWay. */
  give(seen: number, next: number): number {
    return change(this.#words, this.#where, this.#known.record, seen, next, GIVE);
  }

  /** Records one more or one less when the word counts agents; at least one must be held before and after. */
  change(by: 1 | -1): void {
    this.#words[this.#known.record + HELD] += by * ONE;
  }

  /** Puts back the records that show nothing held. */
  #tidyUp(): void {
    const { words, tallies } = this.#member;
    for (const [word, known] of tallies) {
      const { record, waits } = known;
      if (waits > 0 || countIn(words[record + HELD]) > 0) continue;
      tallies.delete(word);
      // For live objects that refer to it.
      known.record = 0;
      putRecord(this.#member, record);
    }
    this.#member.mostTallies = Math.max(KEPT, 2 * tallies.size);
  }
}

/** One change, in the name of the agent whose record it is. */
function change(words: Int32Array, where: Where, record: number, seen: number, next: number, kind: number): number {
  const { word, seats, slot } = where;
  const held = words[record + HELD];
  const entry = entryOf(slot, kind, held);
  let seat = slot;
  if (slot < OWN_SEATS) words[seats + seat] = entry | markIn(seen, seat);
  else seat = takeSharedSeat(words, seats, slot, seen, entry);
  if (seat < 0) return NOT_NOW;
  // Everything that calls a function comes before the change: a call may overflow the stack and throw.
  const after = heldAfter(held, kind);
  const mark = markIn(seen, seat);
  const landed = Atomics.compareExchange(words, word, seen, flipped(next, seat)) === seen;
  if (landed) words[record + HELD] = after;
  if (seat >= OWN_SEATS) words[seats + seat] = mark ^ (landed ? 1 : 0);
  return landed ? GOT : AGAIN;
}

/**
 * Takes one of the shared seats.
 *
 * @param entry the seat's entry, without the mark
 * @returns the number of the seat, or -1
 */
function takeSharedSeat(words: Int32Array, seats: number, slot: number, seen: number, entry: number): number {
  const shared = SEATS - OWN_SEATS;
  for (let i = 0; i < shared; i++) {
    // Agents in neighbouring slots begin with different seats.
    const seat = OWN_SEATS + ((slot + i) % shared);
    const mark = markIn(seen, seat);
    if (Atomics.compareExchange(words, seats + seat, mark, entry | mark) === mark) return seat;
  }
  return -1;
}

const flipped = (word: number, seat: number): number => word ^ (1 << (MARKS_SHIFT + seat));

/**
 * Returns what a dead agent held, if a record is its tally. Safe to repeat, and to be left half done, by one agent after another.
 *
 * @returns false when no seat is available now
 */
export function giveBackAll(words: Int32Array, record: number, agent: number): boolean {
  if (ownerOf(Atomics.load(words, record + OWNER)) !== agent || recordState(words, record) !== TALLYING) return true;
  const where: Where = {
    word: Atomics.load(words, record + SUBJECT),
    seats: Atomics.load(words, record + SEATS_OF),
    slot: slotOf(agent),
  };
  settle(words, where, record);
  while (countIn(Atomics.load(words, record + HELD)) > 0) {
    const word = Atomics.load(words, where.word);
    if (change(words, where, record, word, wordAfter(words, record, word), GIVE_ALL) === NOT_NOW) return false;
  }
  return true;
}

/** Whether a record says that an agent holds something, or that its death changes something. */
export function holdsBy(words: Int32Array, record: number, agent: number): boolean {
  if (ownerOf(Atomics.load(words, record + OWNER)) !== agent) return false;
  const state = recordState(words, record);
  return state === ENTITLED || (state === TALLYING && countIn(Atomics.load(words, record + HELD)) > 0);
}

/** Completes a change during which the agent, or one that was retiring it, died. */
function settle(words: Int32Array, { word, seats, slot }: Where, record: number): void {
  for (let seat = 0; seat < SEATS; seat++) {
    const entry = Atomics.load(words, seats + seat);
    if ((entry & BUSY) === 0 || entry >> SLOT_SHIFT !== slot) continue;
    const mark = markIn(Atomics.load(words, word), seat);
    const held = Atomics.load(words, record + HELD);
    const noted = (held & PARITY) !== ((entry >> PARITY_SHIFT) & PARITY);
    if (mark !== (entry & MARK) && !noted) {
      Atomics.store(words, record + HELD, heldAfter(held, (entry >> KIND_SHIFT) & KIND));
    }
    Atomics.store(words, seats + seat, mark);
    return;
  }
}

/** @returns the value of the word once all of a record's count is returned, but not beyond its limit */
function wordAfter(words: Int32Array, record: number, word: number): number {
  const back = Atomics.load(words, record + BACK);
  // When agents are counted, each counts once, however many it holds.
  if (back < 0) return word + back;
  const after = (word & COUNTED) + countIn(Atomics.load(words, record + HELD)) * back;
  const most = Atomics.load(words, Atomics.load(words, record + SEATS_OF) + SEATS);
  const beyond = Math.max(Math.floor(after / back) - most, 0);
  return (word & MARKS) | (after - beyond * back);
}

/** For observers: how many a record says that its agent holds, if it is a tally. */
export const countInRecord = (words: Int32Array, record: number): number =>
  recordState(words, record) === TALLYING ? countIn(Atomics.load(words, record + HELD)) : 0;

/**
 * For human readers: it may change while it is added up.
 *
 * @returns how many of something all agents hold together
 */
export function countAll(words: Int32Array, subject: number): number {
  let count = 0;
  eachRecord(words, subject, TALLYING, (record) => {
    count += countIn(Atomics.load(words, record + HELD));
  });
  return count;
}
