/**
 * Tallies: how often an agent has what many may have at one time, written down so that its death takes out exactly that.
 *
 * What is counted stands in one shared word (the permits of a Semaphore, the readers of an RWLock), and who has how much of
 * it in a record of each agent's. A change is made by compare-and-swap of the word, and an agent can die between that and
 * the note in its record. A guess would lose a permit, or invent one. So a change can be *detected*: it flips a bit of
 * the word, its mark, which nobody else flips until the change is settled.
 *
 * ```text
 * the word  31 30 29   24 23                0
 *          +-----+-------+-------------------+
 *          |  0  | marks |    what counts    |     one mark a seat, the lowest for the first
 *          +-----+-------+-------------------+
 *
 * a seat    14     5   4   3      2       1      0
 *          +--------+--------+--------+------+------+
 *          |  slot  |  kind  | parity | BUSY | mark |     of a free seat all but the mark is 0
 *          +--------+--------+--------+------+------+
 *
 * seats 0 … 3: each is that of the agent in the slot of this number, and of nobody else; it stays busy between changes
 *       4, 5: all other agents share them
 *
 * record (see records.ts), in the state TALLYING
 *        4  HELD     count << 1 | parity; the parity changes with every change
 *        5  BACK     what is added to the word when one is given back; negative where the word counts the agents that have
 *                    the thing: then, when an agent gives back the last that it has
 *        6  subject  index of the word
 *        7  SEATS    index of the first seat; behind the last one, if BACK is positive, stands the most that may be there
 * ```
 *
 * | word | written by |
 * |---|---|
 * | a mark | whoever has its seat, by the change itself; all other writers of the word keep it |
 * | a free seat that is shared | whoever takes it, by compare-and-swap: from then on, until the seat is free, its mark says what it says there |
 * | a seat of an agent's own | that agent alone, plainly; after its death whoever retires it |
 * | HELD beyond the first, where the word counts agents | the agent alone, since nothing else changes by it |
 * | a busy seat that is shared, and the record | the agent; after its death whoever retires it, one at a time |
 *
 * A change: (1) take a seat, whose entry says which agent, which kind of change, the parity of HELD and the mark before
 * it; (2) compare-and-swap the word, the mark flipped; if it fails, free the seat and begin anew; (3) write HELD; (4) free
 * the seat, with the new mark, if it is shared: what an agent's own says of a change that is done does no harm, since HELD
 * has the other parity.
 *
 * **After a death** at any point a busy seat of the agent tells how far it came: while the mark is that of the entry,
 * nothing was changed; a flipped mark and the entry's parity mean that HELD is still to be written; with the other parity it
 * is written. Whoever retires the agent does the rest, so that HELD is exact, and then gives all of it back by one more
 * change of this form, in the dead agent's name: if it dies itself, the next one finds that change as it would have found the
 * agent's own. What a mark says hangs on no other agent's progress, so nobody helps anybody, and none of it can be
 * mistaken for something older.
 *
 * Who finds both shared seats taken waits for a moment: they are taken for three accesses, unless an agent was stopped or has
 * died just there. A retirement waits for nobody: what finds no seat is left for the next look (see sweep.ts), since the
 * seats may be those of others that are dead and that nobody has found yet.
 *
 * **Plain accesses.** While an agent lives nobody else reads its HELD, its record's other words, or its own seat. Whoever
 * does so after its death sees all that it has written: a thread that has ended has left nothing in the store buffer of its
 * processor. A shared seat is freed by a plain write; until others see it, they find the seat busy.
 *
 * The idea of a bit a process in the word that is compared and swapped is that of Ben-Baruch, Hendler and Rusanovsky, "Upper
 * and Lower Bounds on the Space Complexity of Detectable Objects", PODC 2020; that a few seats do, since a bit is needed
 * only while a change is under way, and that the first agents, which most programs have no more of, need not ask for
 * one, is of this file.
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

/** How many words there are for the seats of a word, one for each mark. */
export const SEATS = 6;
/** So many are each an agent's own: the agent's whose slot has the number. */
const OWN_SEATS = 4;
/** The part of a word that is its owner's. */
const COUNTED = (1 << MARKS_SHIFT) - 1;

const HELD = LINK;
const BACK = LINK + 1;

const PARITY = 1;
const ONE = 2;
/** The most that an agent can have. */
export const MOST_HELD = 2 ** 30 - 1;
const countIn = (held: number): number => held >> 1;

const MARK = 1;
const BUSY = 2;
const PARITY_SHIFT = 2;
const KIND_SHIFT = 3;
const KIND = 3;
const SLOT_SHIFT = 5;
/** One more is held. */
const TAKE = 0;
/** One is given back. */
const GIVE = 1;
/** All are. */
const GIVE_ALL = 2;

/** What a seat says of a change, but for the mark. */
const entryOf = (slot: number, kind: number, held: number): number =>
  (slot << SLOT_SHIFT) | (kind << KIND_SHIFT) | ((held & PARITY) << PARITY_SHIFT) | BUSY;
const markIn = (word: number, seat: number): number => (word >> (MARKS_SHIFT + seat)) & 1;

/** @returns what HELD is after a change */
const heldAfter = (held: number, kind: number): number =>
  (kind === GIVE_ALL ? held & PARITY : held + (kind === TAKE ? ONE : -ONE)) ^ PARITY;

/** Where a change is made, and by whom. */
interface Where {
  /** Index of the word that counts. */
  readonly word: number;
  /** Index of the first seat. */
  readonly seats: number;
  /** The slot of the agent. */
  readonly slot: number;
}

/** What `take` and `give` answer, besides GOT and AGAIN. */
export const NOT_NOW = -1;

/** An agent keeps so many records of what it has none of, for the next time. */
const KEPT = 8;

/** A member, as far as its tallies go. */
interface Tallier extends Recorder {
  readonly agent: number;
  /** With so many records, those are put back that say that it has nothing. */
  mostTallies: number;
}

const NONE: KnownTally = { record: 0, waits: 0 };

/** What one agent has of one thing: the view that a live object has of the agent's record. */
export class Tally {
  readonly #member: Tallier;
  readonly #words: Int32Array;
  readonly #me: number;
  readonly #where: Where;
  readonly #back: number;
  /** What the member knows of it, as this object last knew that. */
  #known = NONE;

  /**
   * @param word index of the word that counts
   * @param seats index of the first seat
   * @param back what one that is given back adds to the word
   */
  constructor(member: Tallier, word: number, seats: number, back: number) {
    this.#member = member;
    this.#words = member.words;
    this.#me = member.ownerWord;
    this.#where = { word, seats, slot: slotOf(member.agent) };
    this.#back = back;
  }

  /** The record, or 0. When others have retired the agent it is not its own any more, so it is asked. */
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

  /** How many the agent has; 0 also when it was retired. Only the agent writes it, so it reads it plainly. */
  get count(): number {
    const { record } = this;
    return record === 0 ? 0 : countIn(this.#words[record + HELD]);
  }

  /**
   * Makes sure that there is a record.
   *
   * @returns nothing; or an error: SyncError `ERR_ARENA_FULL` when there is no room for one, `ERR_RETIRED` when the agent
   *   was retired
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
    // From here on the others are looked at when the agent dies.
    setState(words, record, TALLYING);
    this.#known = { record, waits: 0 };
    tallies.set(this.#where.word, this.#known);
    return undefined;
  }

  /** Keeps the record while a task waits, though the agent has nothing yet. */
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
   * @param seen what the word is
   * @param next what it is to be, its marks as they are
   * @returns GOT; AGAIN when the word is another by now; NOT_NOW when all seats are taken, or there is no record
   */
  take(seen: number, next: number): number {
    const { record } = this;
    return record === 0 ? NOT_NOW : change(this.#words, this.#where, record, seen, next, TAKE);
  }

  /** Gives one back, as `take` takes one; there must be one. It is tried again until the answer is GOT: see giveWay. */
  give(seen: number, next: number): number {
    return change(this.#words, this.#where, this.#known.record, seen, next, GIVE);
  }

  /** Has one more, or one less, where the word counts agents; there must be one before and after. */
  change(by: 1 | -1): void {
    this.#words[this.#known.record + HELD] += by * ONE;
  }

  /** Puts the records back of what the agent has none of. */
  #tidyUp(): void {
    const { words, tallies } = this.#member;
    for (const [word, known] of tallies) {
      const { record, waits } = known;
      if (waits > 0 || countIn(words[record + HELD]) > 0) continue;
      tallies.delete(word);
      // For the live objects that have it.
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
  // All that calls something comes before the change: a call may find the stack full, and throw.
  const after = heldAfter(held, kind);
  const mark = markIn(seen, seat);
  const landed = Atomics.compareExchange(words, word, seen, flipped(next, seat)) === seen;
  if (landed) words[record + HELD] = after;
  if (seat >= OWN_SEATS) words[seats + seat] = mark ^ (landed ? 1 : 0);
  return landed ? GOT : AGAIN;
}

/**
 * Takes a seat of those that agents share.
 *
 * @param entry what the seat is to say, but for the mark
 * @returns which seat, or -1
 */
function takeSharedSeat(words: Int32Array, seats: number, slot: number, seen: number, entry: number): number {
  const shared = SEATS - OWN_SEATS;
  for (let i = 0; i < shared; i++) {
    // Neighbours begin with different ones.
    const seat = OWN_SEATS + ((slot + i) % shared);
    const mark = markIn(seen, seat);
    if (Atomics.compareExchange(words, seats + seat, mark, entry | mark) === mark) return seat;
  }
  return -1;
}

const flipped = (word: number, seat: number): number => word ^ (1 << (MARKS_SHIFT + seat));

/**
 * Gives back what a dead agent had, if a record is its tally. Safe to repeat, and to be left half done, by one after the
 * other.
 *
 * @returns false when there is no seat for that now
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

/** Whether a record says that an agent has something, or that its death changes something. */
export function holdsBy(words: Int32Array, record: number, agent: number): boolean {
  if (ownerOf(Atomics.load(words, record + OWNER)) !== agent) return false;
  const state = recordState(words, record);
  return state === ENTITLED || (state === TALLYING && countIn(Atomics.load(words, record + HELD)) > 0);
}

/** Does the rest of a change in the midst of which the agent, or one that retired it, has died. */
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

/** @returns what the word is once all of a record's count is given back, though not beyond its limit */
function wordAfter(words: Int32Array, record: number, word: number): number {
  const back = Atomics.load(words, record + BACK);
  // Of agents, each is counted once, however often it has the thing.
  if (back < 0) return word + back;
  const after = (word & COUNTED) + countIn(Atomics.load(words, record + HELD)) * back;
  const most = Atomics.load(words, Atomics.load(words, record + SEATS_OF) + SEATS);
  const beyond = Math.max(Math.floor(after / back) - most, 0);
  return (word & MARKS) | (after - beyond * back);
}

/** For those who look on: how many a record says that its agent has, if it is a tally. */
export const countInRecord = (words: Int32Array, record: number): number =>
  recordState(words, record) === TALLYING ? countIn(Atomics.load(words, record + HELD)) : 0;

/**
 * For people: it may change while it is added up.
 *
 * @returns how many of something all agents have together
 */
export function countAll(words: Int32Array, subject: number): number {
  let count = 0;
  eachRecord(words, subject, TALLYING, (record) => {
    count += countIn(Atomics.load(words, record + HELD));
  });
  return count;
}
