/**
 * Counters in shared memory: of a primitive's waits and their outcomes, and of its acquisitions while it is traced. Each
 * primitive that somebody has waited for has one cell, which all agents add to, and one for each agent that traces it.
 *
 * ```text
 * cell   0  descriptor
 *        1  WHOSE      the index of the primitive's cell; written last
 *        2  WAITS      how many waits have ended
 *        3  GIVEN_UP   how many of them did not get what they waited for
 *        4  WAITED     how long they took, in µs: 64 bits in two words, the lower first
 *        6  LONGEST    how long the longest took, in µs
 *        7  TAKEN      how many times it was acquired while traced
 *        8  HELD       how long it was held, in µs: 64 bits
 *       10  LONGEST_HELD
 *       11  WRITER     the only agent that counts its acquisitions here; 0 in the shared cell
 *       12 … 63        how many waits took this long: two words for each doubling of the time, from 1 µs
 * ```
 *
 * Waits are added with one atomic operation per word. Acquisitions are far more frequent, so each agent has its own cell
 * for them, which nobody else writes; the cell of a dead agent is reused by another. The words need not be consistent: a
 * reader may see what is ending just now in some words and not in others. Two agents that create the cell at the same time
 * create two; reading sums over all.
 */
import { allocateSpare, codeOf, eachCell, type Kind, PLAIN } from '../core/memory/cells.js';
import { STATISTICS_CODE } from '../core/memory/codes.js';
import { isLive } from '../core/memory/slots.js';

const WHOSE = 1;
const WAITS = 2;
const GIVEN_UP = 3;
const WAITED = 4;
const LONGEST = 6;
const TAKEN = 7;
const HELD = 8;
const LONGEST_HELD = 10;
const WRITER = 11;
const BUCKETS = 12;
const WORDS = 64;
const MOST_BUCKETS = WORDS - BUCKETS;
/** Buckets for each doubling of the time. */
const A_DOUBLING = 2;

const KIND: Kind = { name: 'statistics', code: STATISTICS_CODE, gates: 0, role: PLAIN, words: WORDS };

/** Sums and maxima of what all agents did with a primitive. */
export interface Counts {
  waits: number;
  givenUp: number;
  waited: number;
  longest: number;
  taken: number;
  held: number;
  longestHeld: number;
  readonly buckets: number[];
}

/**
 * Finds or creates the cell in which a primitive's waits are counted.
 *
 * @returns its index, or 0 while the arena is more than half full
 */
export function countsFor(words: Int32Array, cell: number): number {
  let found = 0;
  eachCell(words, (index) => {
    if (found === 0 && isOf(words, index, cell) && Atomics.load(words, index + WRITER) === 0) found = index;
  });
  return found === 0 ? make(words, cell, 0) : found;
}

/**
 * Finds or creates the cell in which one agent counts its acquisitions of a primitive.
 *
 * @returns its index, or 0 as above
 */
export function holdsFor(words: Int32Array, cell: number, agent: number): number {
  let found = 0;
  eachCell(words, (index) => {
    if (found !== 0 || !isOf(words, index, cell)) return;
    const writer = Atomics.load(words, index + WRITER);
    const isLeft = writer !== 0 && writer !== agent && !isLive(words, writer);
    const isMine =
      writer === agent || (isLeft && Atomics.compareExchange(words, index + WRITER, writer, agent) === writer);
    if (isMine) found = index;
  });
  return found === 0 ? make(words, cell, agent) : found;
}

function make(words: Int32Array, cell: number, writer: number): number {
  const made = allocateSpare(words, KIND);
  if (made === 0) return 0;
  Atomics.store(words, made + WRITER, writer);
  Atomics.store(words, made + WHOSE, cell);
  return made;
}

const isOf = (words: Int32Array, index: number, cell: number): boolean =>
  codeOf(words, index) === STATISTICS_CODE && Atomics.load(words, index + WHOSE) === cell;

/**
 * Counts a wait that has ended.
 *
 * @param counts the index that `countsFor` gave
 * @param waited how long it took, in ms
 */
export function countWait(words: Int32Array, counts: number, waited: number, got: boolean): void {
  const us = microseconds(waited);
  Atomics.add(words, counts + WAITS, 1);
  if (!got) Atomics.add(words, counts + GIVEN_UP, 1);
  addTo(words, counts + WAITED, us);
  raise(words, counts + LONGEST, us);
  Atomics.add(words, counts + BUCKETS + bucketOf(us), 1);
}

/**
 * Counts an acquisition that was released.
 *
 * @param counts the index that `holdsFor` gave the calling agent
 * @param held how long it was held, in ms
 */
export function countHold(words: Int32Array, counts: number, held: number): void {
  const us = microseconds(held);
  words[counts + TAKEN]++;
  const sum = (words[counts + HELD] >>> 0) + us;
  words[counts + HELD] = sum;
  if (sum >= 2 ** 32) words[counts + HELD + 1]++;
  if (us > words[counts + LONGEST_HELD]) words[counts + LONGEST_HELD] = us;
}

const microseconds = (ms: number): number => Math.min(Math.max(Math.round(ms * 1000), 0), 2 ** 31 - 1);

function addTo(words: Int32Array, at: number, us: number): void {
  const before = Atomics.add(words, at, us) >>> 0;
  if (before + us >= 2 ** 32) Atomics.add(words, at + 1, 1);
}

function raise(words: Int32Array, at: number, us: number): void {
  for (;;) {
    const most = Atomics.load(words, at);
    if (us <= most || Atomics.compareExchange(words, at, most, us) === most) return;
  }
}

const bucketOf = (us: number): number =>
  Math.min(Math.floor(Math.log2(Math.max(us, 1)) * A_DOUBLING), MOST_BUCKETS - 1);
/** The time, in µs, at which the next bucket begins. */
const endOf = (bucket: number): number => 2 ** ((bucket + 1) / A_DOUBLING);

/** @returns what all agents did with the primitive, times in µs */
export function readCounts(words: Int32Array, cell: number): Counts {
  const counts: Counts = {
    waits: 0,
    givenUp: 0,
    waited: 0,
    longest: 0,
    taken: 0,
    held: 0,
    longestHeld: 0,
    buckets: new Array(MOST_BUCKETS).fill(0),
  };
  eachCell(words, (index) => {
    if (!isOf(words, index, cell)) return;
    counts.waits += Atomics.load(words, index + WAITS);
    counts.givenUp += Atomics.load(words, index + GIVEN_UP);
    counts.waited += longAt(words, index + WAITED);
    counts.longest = Math.max(counts.longest, Atomics.load(words, index + LONGEST));
    counts.taken += Atomics.load(words, index + TAKEN);
    counts.held += longAt(words, index + HELD);
    counts.longestHeld = Math.max(counts.longestHeld, Atomics.load(words, index + LONGEST_HELD));
    for (let i = 0; i < MOST_BUCKETS; i++) counts.buckets[i] += Atomics.load(words, index + BUCKETS + i);
  });
  return counts;
}

const longAt = (words: Int32Array, at: number): number =>
  Atomics.load(words, at + 1) * 2 ** 32 + (Atomics.load(words, at) >>> 0);

/** @returns the time in µs below which this share of the waits was: the end of a bucket, and never above the longest wait */
export function quantile({ buckets, longest }: Counts, share: number): number {
  const all = buckets.reduce((sum, many) => sum + many, 0);
  let below = 0;
  for (const [bucket, many] of buckets.entries()) {
    below += many;
    if (many > 0 && below >= all * share) return Math.min(endOf(bucket), longest);
  }
  return longest;
}
