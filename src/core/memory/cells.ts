/**
 * Cells: the pieces that an arena is divided into. A primitive keeps its cell forever; records of waits, and blocks, which
 * are cells of any size, can be freed and reused for anything of the same length.
 *
 * A cell begins with its descriptor; the rest belongs to its owner:
 *
 * ```text
 *  31  30     19 18     12 11   9 8     6 5    0
 * +---+---------+---------+------+-------+------+
 * | 0 | check   | length  | role | gates | code |
 * +---+---------+---------+------+-------+------+
 * ```
 *
 * The check is a hash of the cell's index, which exposes a handle that points into the middle of a cell.
 *
 * The descriptor of a new cell is written by compare-and-swap *before* NEXT moves past it, and any agent that finds it there
 * advances NEXT: an agent that dies in between leaves an arena that can be walked, at worst with a cell that nobody uses.
 */
import { SyncError } from '../errors.js';
import { BLOCK_CODE, CLEARED_CODE, FREE_CODE, RECORD_CODE } from './codes.js';
import { bytesFree, capacityOf, FREED, firstCell, grainOf, NEXT, SEARCH } from './region.js';

/** Nothing known to the core. */
export const PLAIN = 0;
/** Its owner, as in `owner.ts`, followed by the words of `death.ts`. */
export const OWNED = 1;
/** The agent whose wait it records, as in `records.ts`. */
export const RECORD = 2;
/** Its owner, as in `owner.ts`, for the duration of one call; what it guards is whole at each step, so death frees it. */
export const LATCH = 3;
/** Its exclusive holder, if it has one, as in `owner.ts`, followed by the words of `death.ts`. */
export const SHARED = 4;
export type Role = typeof PLAIN | typeof OWNED | typeof RECORD | typeof LATCH | typeof SHARED;

/** The layout of cells of one kind: a descriptor, then the gates, then the state. */
export interface Kind {
  /** The primitive's name, as in its class and its handles. */
  readonly name: string;
  /** One of the codes in codes.ts, unique to this kind. */
  readonly code: number;
  /** The number of words that an agent may sleep on: the cell's words 1 … gates. */
  readonly gates: number;
  /** The meaning of the first word after the gates. */
  readonly role: Role;
  /** The total number of words, including the descriptor. */
  readonly words: number;
  /** The properties that are views of the object, which are shared as `name.view`. */
  readonly views?: readonly string[];
}

/** The first gate of a cell, if it has any. */
export const GATE = 1;

const GATES_SHIFT = 6;
const ROLE_SHIFT = 9;
const LENGTH_SHIFT = 12;
const CHECK_SHIFT = 19;
const CODE_MASK = 63;

/** Lengths are multiples of this many words. */
const UNIT = 4;
/** Up to this many units a length is exact; beyond, it is 1 or 1.5 times a power of two. */
const EXACT = 63;

/** @returns the code of a length in units: the smallest that holds this many */
function lengthCode(units: number): number {
  if (units <= EXACT) return units;
  let code = EXACT + 1;
  while (unitsOf(code) < units) code++;
  return code;
}

function unitsOf(code: number): number {
  if (code <= EXACT) return code;
  const step = code - EXACT - 1;
  return ((step & 1) === 0 ? 64 : 96) * 2 ** (step >> 1);
}

const check = (index: number): number => (Math.imul(index + 1, 0x9e3779b1) >>> 20) | 1;
const describe = (kind: Pick<Kind, 'code' | 'gates' | 'role'>, index: number, length: number): number =>
  (check(index) << CHECK_SHIFT) |
  (length << LENGTH_SHIFT) |
  (kind.role << ROLE_SHIFT) |
  (kind.gates << GATES_SHIFT) |
  kind.code;
const plain = (code: number) => ({ code, gates: 0, role: PLAIN }) as const;
const BLOCK = /* @__PURE__ */ plain(BLOCK_CODE);
const FREE = /* @__PURE__ */ plain(FREE_CODE);
const CLEARED = /* @__PURE__ */ plain(CLEARED_CODE);

const lengthIn = (descriptor: number): number => (descriptor >> LENGTH_SHIFT) & 127;
const wordsIn = (descriptor: number): number => unitsOf(lengthIn(descriptor)) * UNIT;
const gatesIn = (descriptor: number): number => (descriptor >> GATES_SHIFT) & 7;
const roleIn = (descriptor: number): Role => ((descriptor >> ROLE_SHIFT) & 7) as Role;
const codeIn = (descriptor: number): number => descriptor & CODE_MASK;

/** The number of words that a cell takes in this arena. */
const lengthCodeFor = (words: Int32Array, needed: number): number => {
  const grain = grainOf(words);
  return lengthCode((Math.ceil(needed / grain) * grain) / UNIT);
};
export const lengthOf = (words: Int32Array, needed: number): number => unitsOf(lengthCodeFor(words, needed)) * UNIT;

/**
 * Allocates a zeroed cell.
 *
 * @returns the index of the cell's descriptor, or 0 when there is no room
 */
export const allocate = (words: Int32Array, kind: Kind): number => take(words, kind, kind.words);

/**
 * The same, for cells that a program can do without: an arena's room is meant for what it was made for.
 *
 * @returns the index of the cell's descriptor, or 0 while the arena is more than half full
 */
export function allocateSpare(words: Int32Array, kind: Kind): number {
  return bytesFree(words) - lengthOf(words, kind.words) * 4 < capacityOf(words) / 2 ? 0 : allocate(words, kind);
}

/**
 * Allocates a zeroed block: a piece of any size, to be freed with `free`.
 *
 * @param needed how many usable words it must have, from BLOCK_START on, after its descriptor
 * @returns the index of its descriptor, or 0 when there is no room
 */
export const allocateBlock = (words: Int32Array, needed: number): number => take(words, BLOCK, needed + BLOCK_START);
/** @returns the greatest number of words of an arena that a block takes */
export const blockLength = (needed: number): number =>
  unitsOf(lengthCode(Math.ceil((needed + BLOCK_START) / BLOCK_GRAIN) * (BLOCK_GRAIN / UNIT))) * UNIT;
/** The largest grain of an arena, in words. */
const BLOCK_GRAIN = 16;
/** The first usable word of a block, aligned for 64-bit numbers. */
export const BLOCK_START = 2;

function take(words: Int32Array, kind: Pick<Kind, 'code' | 'gates' | 'role'>, needed: number): number {
  const length = lengthCodeFor(words, needed);
  const size = unitsOf(length) * UNIT;
  const freed = Atomics.load(words, FREED) > 0 ? takeFreed(words, kind, length, FEW_CELLS) : 0;
  if (freed !== 0) return freed;
  for (;;) {
    const next = Atomics.load(words, NEXT);
    if (next + size > words.length) return takeFreed(words, kind, length, Infinity);
    const found = Atomics.compareExchange(words, next, 0, describe(kind, next, length));
    Atomics.compareExchange(words, NEXT, next, next + (found === 0 ? size : wordsIn(found)));
    if (found === 0) return next;
  }
}

/**
 * How many cells are searched for a freed one while there is unused room. The search continues where the last one ended, so
 * a freed cell is found before long, and allocation does not get slower with the number of cells.
 */
const FEW_CELLS = 32;

/** @param most how many cells to look at */
function takeFreed(
  words: Int32Array,
  kind: Pick<Kind, 'code' | 'gates' | 'role'>,
  length: number,
  most: number,
): number {
  const first = firstCell(words);
  const began = Atomics.load(words, SEARCH) || first;
  let at = began;
  for (let seen = 0; seen < most; seen++) {
    const descriptor = at < words.length ? Atomics.load(words, at) : 0;
    if (descriptor === describe(FREE, at, length)) {
      if (Atomics.compareExchange(words, at, descriptor, describe(CLEARED, at, length)) === descriptor) {
        const size = unitsOf(length) * UNIT;
        Atomics.sub(words, FREED, size);
        Atomics.store(words, SEARCH, at + size);
        for (let i = 1; i < size; i++) Atomics.store(words, at + i, 0);
        Atomics.store(words, at, describe(kind, at, length));
        return at;
      }
    }
    // After the last cell the search starts again at the first.
    at = descriptor === 0 ? first : at + wordsIn(descriptor);
    // All cells have been searched; when there is no room, the arena is left as it was.
    if (at === began) return 0;
  }
  Atomics.store(words, SEARCH, at);
  return 0;
}

/**
 * Frees a record's cell or a block. Nobody may use it any more.
 *
 * @throws SyncError `ERR_INVARIANT` when there is no freeable cell: it was freed twice, or its descriptor was overwritten
 */
export function free(words: Int32Array, index: number): void {
  const descriptor = Atomics.load(words, index);
  const length = lengthIn(descriptor);
  const code = codeIn(descriptor);
  const freed = describe(FREE, index, length);
  const isOne = index >= firstCell(words) && descriptor >> CHECK_SHIFT === check(index);
  const may = isOne && (code === BLOCK_CODE || code === RECORD_CODE);
  if (!may || Atomics.compareExchange(words, index, descriptor, freed) !== descriptor) {
    throw new SyncError('ERR_INVARIANT', `the cell at word ${index} was freed, but is not in use`);
  }
  Atomics.add(words, FREED, unitsOf(length) * UNIT);
}

/** @returns the number of gates of the cell at this index */
export const gatesOf = (words: Int32Array, index: number): number => gatesIn(Atomics.load(words, index));

/** @returns the meaning of the word after the gates, if there is a cell at this index; otherwise PLAIN */
export function roleAt(words: Int32Array, index: number): Role {
  const descriptor = Atomics.load(words, index);
  return descriptor >> CHECK_SHIFT === check(index) ? roleIn(descriptor) : PLAIN;
}

/** @returns the code of a cell's kind */
export const codeOf = (words: Int32Array, index: number): number => codeIn(Atomics.load(words, index));

/** Whether there is a cell of this kind at this index. */
export function isCell(words: Int32Array, index: number, kind: Kind): boolean {
  return isPiece(words, index, kind, kind.words);
}

/** Whether there is a block with this many usable words at this index. */
export function isBlock(words: Int32Array, index: number, needed: number): boolean {
  return isPiece(words, index, BLOCK, needed + BLOCK_START);
}

function isPiece(
  words: Int32Array,
  index: number,
  kind: Pick<Kind, 'code' | 'gates' | 'role'>,
  needed: number,
): boolean {
  if (!Number.isInteger(index) || index < firstCell(words) || index + needed > words.length) return false;
  const descriptor = Atomics.load(words, index);
  return descriptor === describe(kind, index, lengthIn(descriptor)) && wordsIn(descriptor) >= needed;
}

/**
 * Walks the cells.
 *
 * @param visit called with a cell's index, its number of gates, and the meaning of the word after them
 */
export function eachCell(words: Int32Array, visit: (index: number, gates: number, role: Role) => void): void {
  for (let index = firstCell(words); index < words.length; ) {
    const descriptor = Atomics.load(words, index);
    if (descriptor === 0) return;
    visit(index, gatesIn(descriptor), roleIn(descriptor));
    index += wordsIn(descriptor);
  }
}

/** A cell's number for human readers: how many grains it is after the first cell. */
export const cellNumber = (words: Int32Array, index: number): number => (index - firstCell(words)) / grainOf(words);
