/**
 * The layout of an arena in memory, and how a region becomes one. Everything is 32-bit words; an index is a word's position
 * from the start of the region.
 *
 * ```text
 * word 0 … 15        header
 * 16 words a slot    agent slots, and one more: see slots.ts
 * then               cells, one after another, each on a grain boundary, up to NEXT: see cells.ts
 * ```
 *
 * Any access may be an agent's last, because terminate() lands between two of them. So nothing here is "in progress" for
 * one agent only: formatting is done by compare-and-swap, and any agent completes what another has begun.
 */
import { checkInteger } from '../arguments.js';
import { SyncError } from '../errors.js';
import { randomWords } from '../random.js';

// --- header ---------------------------------------------------------------------------------------------------
/** MAGIC once the arena is ready; before that 0, or FORMATTING with the geometry of the agent that came first. */
const STATE = 0;
/** The layout's version. */
const VERSION = 1;
/** Four random words: the arena's identity. Written once. */
const ID = 2;
/** The arena's size in bytes. Written once. */
const CAPACITY = 6;
/** Number of agent slots << 1 | packed. Written once. */
const GEOMETRY = 7;
/** Index of the first word not in a cell. Only grows. */
export const NEXT = 8;
/** The approximate number of words in freed cells; a hint, because a dying agent may leave it wrong. */
export const FREED = 9;
/** Where the search for a freed cell continues: the index of a cell, or 0 for the first. */
export const SEARCH = 10;
/**
 * The gate of agents that wait for the first of several things, because an agent can sleep on only one word. 0 until
 * somebody does; changed, then notified, when one of the things marked as awaited in this way is there.
 */
export const BELL = 11;
/** Whether traces are currently kept in the arena: see trace/lane.ts. */
export const TRACE = 12;
const HEADER_WORDS = 16;

const MAGIC = 0x41534631; // "ASF1"
const FORMATTING = 0x46000000;
const FORMATTING_MASK = 0x7f000000;
/** Changed with every change of the layout: two versions must not use the same memory. */
export const LAYOUT_VERSION = 10;

const SLOT_WORDS = 16;
/** With the entrance slot it is a power of two, as many as an id has bits for. */
export const MAX_AGENTS = 1023;
export const DEFAULT_AGENTS = 128;
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
const cellsBehind = (agents: number): number => slotIndex(agents + 1);
export const firstCell = (words: Int32Array): number => cellsBehind(agentSlots(words));
/** Cell lengths and positions are multiples of this many words. */
export const grainOf = (words: Int32Array): number => (isPacked(words) ? PACKED_WORDS : LINE_WORDS);
/** The number of bytes not yet in a cell. */
export const bytesFree = (words: Int32Array): number => capacityOf(words) - Atomics.load(words, NEXT) * 4;

/** The geometry of a new arena. */
export interface Geometry {
  agents: number;
  packed: boolean;
}

const bytesNeeded = (agents: number): number => (cellsBehind(agents) + LINE_WORDS) * 4;

/** @throws SyncError `ERR_ARENA_SIZE` */
export function checkRoom(agents: number, byteLength: number): void {
  if (byteLength < bytesNeeded(agents)) {
    throw new SyncError(
      'ERR_ARENA_SIZE',
      `an arena for ${agents} agents needs at least ${bytesNeeded(agents)} bytes, but the region has ${byteLength}`,
    );
  }
}

/**
 * Makes the region an arena, or finds that it is one, concurrently with any number of agents that do the same.
 *
 * @param words the whole region
 * @param geometry the geometry of a new arena; a ready arena keeps its own
 * @returns the arena's words, which may be fewer than the region's
 */
export function formatOrOpen(words: Int32Array, geometry: Geometry): Int32Array {
  let state = Atomics.load(words, STATE);
  if (state === 0) {
    // Data that is not an arena must not be overwritten, unless another agent has just begun to format the region.
    if (!isZero(words) && Atomics.load(words, STATE) === 0) throw notAnArena();
    checkRoom(geometry.agents, words.byteLength);
    const claim = claimOf(geometry);
    state = Atomics.compareExchange(words, STATE, 0, claim) || claim;
  }
  if ((state & FORMATTING_MASK) === FORMATTING) {
    const agents = (state & ~FORMATTING_MASK) >> 1;
    if (agents < 1 || agents > MAX_AGENTS) throw notAnArena();
    if (Atomics.load(words, CAPACITY) === 0) checkRoom(agents, words.byteLength);
    completeFormat(words, state);
    state = MAGIC;
  }
  if (state !== MAGIC) throw notAnArena();
  checkVersion('arena', Atomics.load(words, VERSION));
  const capacity = capacityOf(words);
  if (capacity > words.byteLength) {
    throw new SyncError(
      'ERR_ARENA_SIZE',
      `the region has ${words.byteLength} bytes, but the arena in it has ${capacity}`,
    );
  }
  if (!isSound(words)) throw notAnArena();
  return capacity === words.byteLength ? words : new Int32Array(words.buffer, words.byteOffset, capacity / 4);
}

/** @returns the words of a new arena in its own memory, which has room for this many agents */
export function formatNew(byteLength: number, geometry: Geometry): Int32Array {
  const words = new Int32Array(new SharedArrayBuffer(byteLength));
  // Nobody else knows this memory.
  words[STATE] = claimOf(geometry);
  completeFormat(words, words[STATE]);
  return words;
}

const claimOf = ({ agents, packed }: Geometry): number => FORMATTING | (agents << 1) | (packed ? 1 : 0);

/** Opens the arena that consists of exactly these words, without formatting; undefined if there is none. */
export function open(words: Int32Array): Int32Array | undefined {
  if (words.length < HEADER_WORDS || Atomics.load(words, STATE) !== MAGIC) return undefined;
  checkVersion('arena', Atomics.load(words, VERSION));
  return isSound(words) && capacityOf(words) === words.byteLength ? words : undefined;
}

/** Whether the header's values are possible ones. */
function isSound(words: Int32Array): boolean {
  const capacity = capacityOf(words);
  const agents = agentSlots(words);
  return capacity >= MIN_BYTES && capacity % 4 === 0 && agents > 0 && capacity >= bytesNeeded(agents);
}

function isZero(words: Int32Array): boolean {
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  return true;
}

/** Every word is set by whichever agent comes first, so that it does not matter which one dies in between. */
function completeFormat(words: Int32Array, claim: number): void {
  const geometry = claim & ~FORMATTING_MASK;
  const agents = geometry >> 1;
  Atomics.compareExchange(words, CAPACITY, 0, words.byteLength);
  Atomics.compareExchange(words, GEOMETRY, 0, geometry);
  const id = randomWords(4);
  for (let i = 0; i < 4; i++) Atomics.compareExchange(words, ID + i, 0, id[i] || 1);
  Atomics.compareExchange(words, NEXT, 0, cellsBehind(agents));
  Atomics.compareExchange(words, VERSION, 0, LAYOUT_VERSION);
  Atomics.compareExchange(words, STATE, claim, MAGIC);
}

/** @throws SyncError `ERR_ARENA_VERSION` */
export function checkVersion(what: string, version: number): void {
  if (version === LAYOUT_VERSION) return;
  throw new SyncError(
    'ERR_ARENA_VERSION',
    `this ${what} has layout ${version}, but this copy of atomics-sync-free has ${LAYOUT_VERSION}; let all agents load the ` +
      'same version',
  );
}

const notAnArena = (): SyncError =>
  new SyncError(
    'ERR_ARENA_MAGIC',
    'the region holds data that is not an arena; give Arena.over a region of zeros, or one that holds an arena',
  );

/** @throws TypeError or RangeError for an impossible geometry */
export function checkGeometry(geometry: Geometry): void {
  checkInteger('agents', geometry.agents, 1, MAX_AGENTS);
  if (typeof geometry.packed !== 'boolean')
    throw new TypeError(`packed must be a boolean, not ${typeof geometry.packed}`);
}
