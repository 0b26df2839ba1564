/**
 * Cells: the pieces that an arena is cut into. A primitive has one for ever; records of waits and blocks, which are cells
 * of any size, can be freed, and serve again for whatever has the same length.
 *
 * A cell begins with its descriptor, the rest is its owner's:
 *
 * ```text
 *  31  30     19 18     12 11   9 8     6 5    0
 * +---+---------+---------+------+-------+------+
 * | 0 | check   | length  | role | gates | code |
 * +---+---------+---------+------+-------+------+
 * ```
 *
 * The check is a hash of the cell's index, so that a handle that points into the middle of a cell is found out.
 *
 * The descriptor of a new cell is written by compare-and-swap *before* NEXT moves past it, and whoever finds it there
 * moves NEXT on: an agent that dies on the way leaves an arena that can be walked, at worst with a cell nobody uses.
 */
import { SyncError } from '../errors.js';
import { BLOCK_CODE, CLEARED_CODE, FREE_CODE, RECORD_CODE } from './codes.js';
import { bytesFree, capacityOf, FREED, firstCell, grainOf, NEXT, SEARCH } from './region.js';

/** Nothing that the core knows of. */
export const PLAIN = 0;
/** Who holds it, as `owner.ts` has it; behind it are the words of `death.ts`. */
export const OWNED = 1;
/** Whose wait it records, as `records.ts` has it. */
export const RECORD = 2;
/** Who holds it, as `owner.ts` has it, for the length of one call; what it guards is whole at each step, so death frees it. */
export const LATCH = 3;
/** Who holds it alone, if one does, as `owner.ts` has it; behind it are the words of `death.ts`. */
export const SHARED = 4;
export type Role = typeof PLAIN | typeof OWNED | typeof RECORD | typeof LATCH | typeof SHARED;

/** What a cell of one kind is made of: a descriptor, then the gates, then the state. */
export interface Kind {
  /** The primitive's name, as in its class and its handles. */
  readonly name: string;
  /** One of codes.ts, of this kind alone. */
  readonly code: number;
  /** How many words an agent may sleep on; they are the cell's words 1 … gates. */
  readonly gates: number;
  /** What the first word after the gates says. */
  readonly role: Role;
  /** Words in all, the descriptor included. */
  readonly words: number;
  /** The properties by which an object gives views of itself, which are shared as `name.view`. */
  readonly views?: readonly string[];
}

/** The first gate of a cell, where it has any. */
export const GATE = 1;

const GATES_SHIFT = 6;
const ROLE_SHIFT = 9;
const LENGTH_SHIFT = 12;
const CHECK_SHIFT = 19;
const CODE_MASK = 63;

/** Lengths are multiples of so many words. */
const UNIT = 4;
/** Up to so many units a length is exact; from there on it is 1 or 1.5 times a power of two. */
const EXACT = 63;

/** @returns how a length, in units, is written: the smallest that holds so many */
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

/** How many words a cell takes in this arena. */
const lengthCodeFor = (words: Int32Array, needed: number): number => {
  const grain = grainOf(words);
  return lengthCode((Math.ceil(needed / grain) * grain) / UNIT);
};
export const lengthOf = (words: Int32Array, needed: number): number => unitsOf(lengthCodeFor(words, needed)) * UNIT;

/**
 * Takes a cell of zeros.
 *
 * @returns the index of the cell's descriptor, or 0 when there is no room
 */
export const allocate = (words: Int32Array, kind: Kind): number => take(words, kind, kind.words);

/**
 * The same, for what a program can do without: an arena's room is for what it was made for.
 *
 * @returns the index of the cell's descriptor, or 0 while the arena is more than half full
 */
export function allocateSpare(words: Int32Array, kind: Kind): number {
  return bytesFree(words) - lengthOf(words, kind.words) * 4 < capacityOf(words) / 2 ? 0 : allocate(words, kind);
}

/**
 * Takes a block of zeros: a piece of any size, which `free` gives back.
 *
 * @param needed how many words of it can be used: those from BLOCK_START on, behind its descriptor
 * @returns the index of its descriptor, or 0 when there is no room
 */
export const allocateBlock = (words: Int32Array, needed: number): number => take(words, BLOCK, needed + BLOCK_START);
/** @returns how many words of an arena a block takes, at the most */
export const blockLength = (needed: number): number =>
  unitsOf(lengthCode(Math.ceil((needed + BLOCK_START) / BLOCK_GRAIN) * (BLOCK_GRAIN / UNIT))) * UNIT;
/** The largest grain of an arena, in words. */
const BLOCK_GRAIN = 16;
/** The first word of a block that can be used; so it is aligned for 64-bit numbers. */
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
 * So many cells are looked at for a freed one while there is unused room. The search goes on where the last one ended, so
 * what is freed is found before long, and no allocation costs more for there being many cells.
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
    // Behind the last cell the search begins anew.
    at = descriptor === 0 ? first : at + wordsIn(descriptor);
    // All of them were looked at, and who finds no room leaves the arena as it was.
    if (at === began) return 0;
  }
  Atomics.store(words, SEARCH, at);
  return 0;
}

/**
 * Gives a record's cell or a block back. Nobody may use it any more.
 *
 * @throws Error when there is no cell that can be freed: somebody has freed it twice, or written over its descriptor
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

/** @returns how many gates the cell has that stands there */
export const gatesOf = (words: Int32Array, index: number): number => gatesIn(Atomics.load(words, index));

/** @returns what the word behind the gates says, where a cell stands; PLAIN elsewhere */
export function roleAt(words: Int32Array, index: number): Role {
  const descriptor = Atomics.load(words, index);
  return descriptor >> CHECK_SHIFT === check(index) ? roleIn(descriptor) : PLAIN;
}

/** @returns the code of a cell's kind */
export const codeOf = (words: Int32Array, index: number): number => codeIn(Atomics.load(words, index));

/** Whether a cell of this kind stands at this index. */
export function isCell(words: Int32Array, index: number, kind: Kind): boolean {
  return isPiece(words, index, kind, kind.words);
}

/** Whether a block with so many words to use stands at this index. */
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
 * @param visit is given a cell's index, its number of gates, and what the word behind them says
 */
export function eachCell(words: Int32Array, visit: (index: number, gates: number, role: Role) => void): void {
  for (let index = firstCell(words); index < words.length; ) {
    const descriptor = Atomics.load(words, index);
    if (descriptor === 0) return;
    visit(index, gatesIn(descriptor), roleIn(descriptor));
    index += wordsIn(descriptor);
  }
}

/** A cell's ordinal for people: how many grains it stands behind the first cell. */
export const cellNumber = (words: Int32Array, index: number): number => (index - firstCell(words)) / grainOf(words);
