/**
 * What an arena looks like in memory, and how a region becomes one. Everything is 32-bit words; an index is a word's
 * place from the start of the region.
 *
 * ```text
 * word 0 … 15        header
 * 16 a word …        agent slots, 16 words each
 * then               cells, one after the other, each on a grain boundary, up to NEXT
 * ```
 *
 * Any access may be an agent's last, since terminate() lands between two of them. So nothing here is "in progress"
 * for one agent alone: formatting and allocation are done by compare-and-swap, and whoever comes along completes
 * what another has begun.
 */

import { checkInteger } from './arguments.js';
import { SyncError } from './errors.js';

// --- header ---------------------------------------------------------------------------------------------------
/** MAGIC once the arena is ready; before that 0, or FORMATTING with the geometry of whoever came first. */
const STATE = 0;
/** The layout's version. */
const VERSION = 1;
/** Four random words: the arena's identity. Written once. */
const ID = 2;
/** The arena's size in bytes. Written once. */
const CAPACITY = 6;
/** Number of agent slots << 1 | packed. Written once. */
const GEOMETRY = 7;
/** Index of the first word that no cell has. Only grows. */
const NEXT = 8;
const HEADER_WORDS = 16;

const MAGIC = 0x41534631; // "ASF1"
const FORMATTING = 0x46000000;
const FORMATTING_MASK = 0x7f000000;
/** Changed with every change of the layout: two versions must not work on one memory. */
export const LAYOUT_VERSION = 1;

// --- agent slots ----------------------------------------------------------------------------------------------
export const SLOT_WORDS = 16;
/** generation << 2 | FREE, LIVE or DEAD. */
export const LIFE = 0;
/** Written through one view and read through another, to prove that both show the same memory. */
export const NONCE = 1;

export const MAX_AGENTS = 1024;

// --- cells ----------------------------------------------------------------------------------------------------
const LINE_WORDS = 16;
const PACKED_WORDS = 4;
export const MIN_BYTES = 1024;
export const MAX_BYTES = 2 ** 31 - 64;

export function idOf(words: Int32Array): string {
  let id = '';
  for (let i = 0; i < 4; i++) id += (Atomics.load(words, ID + i) >>> 0).toString(16).padStart(8, '0');
  return id;
}

export const agentSlots = (words: Int32Array): number => words[GEOMETRY] >> 1;
export const isPacked = (words: Int32Array): boolean => (words[GEOMETRY] & 1) === 1;
export const capacityOf = (words: Int32Array): number => words[CAPACITY];
export const slotIndex = (slot: number): number => HEADER_WORDS + slot * SLOT_WORDS;
export const firstCell = (words: Int32Array): number => slotIndex(agentSlots(words));
const grainOf = (words: Int32Array): number => (isPacked(words) ? PACKED_WORDS : LINE_WORDS);
/** Bytes that no cell has yet. */
export const bytesFree = (words: Int32Array): number => capacityOf(words) - Atomics.load(words, NEXT) * 4;

/** The geometry of a new arena. */
export interface Geometry {
  agents: number;
  packed: boolean;
}

const bytesNeeded = (agents: number): number => (slotIndex(agents) + LINE_WORDS) * 4;

function checkRoom(agents: number, byteLength: number): void {
  if (byteLength < bytesNeeded(agents)) {
    throw new SyncError(
      'ERR_ARENA_SIZE',
      `an arena for ${agents} agents takes at least ${bytesNeeded(agents)} bytes, and the region has ${byteLength}`,
    );
  }
}

const nonZero = (): number => {
  const [word] = crypto.getRandomValues(new Int32Array(1));
  return word || 1;
};

/**
 * Makes the region an arena, or finds that it is one; together with any number of agents that do the same.
 *
 * @param words the whole region
 * @param geometry what a new arena shall be like; a ready arena keeps its own
 * @returns the arena's words, which may be fewer than the region's
 */
export function formatOrOpen(words: Int32Array, geometry: Geometry): Int32Array {
  let state = Atomics.load(words, STATE);
  if (state === 0) {
    checkRoom(geometry.agents, words.byteLength);
    if (!isZero(words)) {
      // Not ours to overwrite, unless another agent has just begun to format it.
      if (Atomics.load(words, STATE) === 0) throw notAnArena();
    }
    const claim = FORMATTING | (geometry.agents << 1) | (geometry.packed ? 1 : 0);
    state = Atomics.compareExchange(words, STATE, 0, claim) || claim;
  }
  if ((state & FORMATTING_MASK) === FORMATTING) {
    completeFormat(words, state);
    state = MAGIC;
  }
  if (state !== MAGIC) throw notAnArena();
  return checkOpened(words);
}

/** Opens the arena that has exactly these words, and formats nothing; undefined where there is none. */
export function open(words: Int32Array): Int32Array | undefined {
  if (words.length < HEADER_WORDS || Atomics.load(words, STATE) !== MAGIC) return undefined;
  if (Atomics.load(words, CAPACITY) !== words.byteLength) return undefined;
  return checkOpened(words);
}

function isZero(words: Int32Array): boolean {
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  return true;
}

/** Every word is set by whoever comes first, so that it does not matter who dies on the way. */
function completeFormat(words: Int32Array, claim: number): void {
  const geometry = claim & ~FORMATTING_MASK;
  const agents = geometry >> 1;
  if (agents < 1 || agents > MAX_AGENTS) throw notAnArena();
  if (Atomics.load(words, CAPACITY) === 0) checkRoom(agents, words.byteLength);
  Atomics.compareExchange(words, CAPACITY, 0, words.byteLength);
  Atomics.compareExchange(words, GEOMETRY, 0, geometry);
  for (let i = 0; i < 4; i++) Atomics.compareExchange(words, ID + i, 0, nonZero());
  Atomics.compareExchange(words, NEXT, 0, slotIndex(agents));
  Atomics.compareExchange(words, VERSION, 0, LAYOUT_VERSION);
  Atomics.compareExchange(words, STATE, claim, MAGIC);
}

function checkOpened(words: Int32Array): Int32Array {
  const version = Atomics.load(words, VERSION);
  if (version !== LAYOUT_VERSION) {
    throw new SyncError(
      'ERR_ARENA_VERSION',
      `this arena has layout version ${version}, and this copy of atomics-sync-free works on ${LAYOUT_VERSION}; ` +
        'let all agents load the same version',
    );
  }
  const capacity = Atomics.load(words, CAPACITY);
  if (capacity > words.byteLength) {
    throw new SyncError(
      'ERR_ARENA_SIZE',
      `the region has ${words.byteLength} bytes, and the arena in it has ${capacity}`,
    );
  }
  const agents = agentSlots(words);
  if (capacity < MIN_BYTES || capacity % 4 !== 0 || agents < 1 || capacity < bytesNeeded(agents)) throw notAnArena();
  return capacity === words.byteLength ? words : new Int32Array(words.buffer, words.byteOffset, capacity / 4);
}

const notAnArena = (): SyncError =>
  new SyncError(
    'ERR_ARENA_MAGIC',
    'the region holds data that is no arena; give Arena.over a region of zeros, or one that holds an arena',
  );

// --- allocation -----------------------------------------------------------------------------------------------

/** Nothing that the core knows of. */
export const PLAIN = 0;
/** Who holds it, as `owner.ts` has it. */
export const OWNED = 1;
/** Whose wait it records, as `records.ts` has it. */
export const RECORD = 2;
export type Role = typeof PLAIN | typeof OWNED | typeof RECORD;

/** What a cell of one kind of primitive is made of: a descriptor, then the gates, then the state. */
export interface Kind {
  /** The primitive's name, as in its class and its handles. */
  readonly name: string;
  /** 1 … 63, different for every kind. */
  readonly code: number;
  /** How many words an agent may sleep on; they are the cell's words 1 … gates. */
  readonly gates: number;
  /** What the first word after the gates says. */
  readonly role: Role;
  /** Words in all, the descriptor included. */
  readonly words: number;
}

/*
 * A descriptor:   check (14 bits) | length in units of 4 words (6) | role (2) | gates (3) | code (6)
 * The check is a hash of the cell's index: a handle that points into the middle of a cell is found out by it.
 */
const UNIT = 4;
const GATES_SHIFT = 6;
const ROLE_SHIFT = 9;
const LENGTH_SHIFT = 11;
const CHECK_SHIFT = 17;

const describe = (kind: Kind, index: number, length: number): number =>
  (check(index) << CHECK_SHIFT) |
  ((length / UNIT) << LENGTH_SHIFT) |
  (kind.role << ROLE_SHIFT) |
  (kind.gates << GATES_SHIFT) |
  kind.code;

const check = (index: number): number => (Math.imul(index + 1, 0x9e3779b1) >>> 18) | 1;
const lengthIn = (descriptor: number): number => ((descriptor >> LENGTH_SHIFT) & 63) * UNIT;
const gatesIn = (descriptor: number): number => (descriptor >> GATES_SHIFT) & 7;
const roleIn = (descriptor: number): Role => ((descriptor >> ROLE_SHIFT) & 3) as Role;

/** How many words a cell of this kind takes in this arena. */
export const lengthOf = (words: Int32Array, kind: Kind): number =>
  Math.ceil(kind.words / grainOf(words)) * grainOf(words);

/**
 * Takes a new cell.
 *
 * The descriptor is written by compare-and-swap *before* NEXT moves past the cell, and whoever finds it there moves
 * NEXT on. So an agent that dies on the way leaves a walkable arena, at worst with a cell that nobody uses.
 *
 * @returns the index of the cell's descriptor, or 0 when there is no room
 */
export function allocate(words: Int32Array, kind: Kind): number {
  const length = lengthOf(words, kind);
  for (;;) {
    const next = Atomics.load(words, NEXT);
    if (next + length > words.length) return 0;
    const found = Atomics.compareExchange(words, next, 0, describe(kind, next, length));
    Atomics.compareExchange(words, NEXT, next, next + (found === 0 ? length : lengthIn(found)));
    if (found === 0) return next;
  }
}

/** Whether a cell of this kind stands at this index. */
export function isCell(words: Int32Array, index: number, kind: Kind): boolean {
  if (!Number.isInteger(index) || index < firstCell(words) || index + kind.words > words.length) return false;
  const descriptor = Atomics.load(words, index);
  return descriptor === describe(kind, index, lengthIn(descriptor)) && lengthIn(descriptor) >= kind.words;
}

/**
 * Walks the allocation table.
 *
 * @param visit is given a cell's index, its number of gates, and what the word behind them says
 */
export function eachCell(words: Int32Array, visit: (index: number, gates: number, role: Role) => void): void {
  for (let index = firstCell(words); index < words.length; ) {
    const descriptor = Atomics.load(words, index);
    if (descriptor === 0) return;
    visit(index, gatesIn(descriptor), roleIn(descriptor));
    index += lengthIn(descriptor);
  }
}

/** A cell's ordinal for people: how many grains it stands behind the first cell. */
export const cellNumber = (words: Int32Array, index: number): number => (index - firstCell(words)) / grainOf(words);

/** @throws TypeError or RangeError for a geometry that no arena can have */
export function checkGeometry(geometry: Geometry): void {
  checkInteger('agents', geometry.agents, 1, MAX_AGENTS);
  if (typeof geometry.packed !== 'boolean') throw new TypeError(`packed is a boolean, not ${typeof geometry.packed}`);
}
