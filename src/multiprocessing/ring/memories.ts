/**
 * The shared memory that an agent knows, by the ids under which others name it. A reference to memory cannot be written
 * into bytes, so an item names what it refers to: an arena, and the memory of a queue or an array, contain their own
 * ids, and other memory is given an id by the agent that puts it first. The agent that takes the item finds what it
 * names among the memory that has reached it, in whatever way: lending.ts is one.
 */
import { SyncError } from '../../core/errors.js';
import { badHandle, type Handle } from '../../core/memory/handle.js';
import { arenaAt } from '../../core/memory/joined-arena.js';
import { KnownMemories } from '../../core/memory/known-memories.js';
import { bufferOfArena } from '../../core/memory/member.js';
import { countShared } from '../../core/memory/pressure.js';
import { randomWords } from '../../core/random.js';
import type { Place } from '../../core/share/place.js';
import type { Memories } from '../../tasks/codec/index.js';

/** How many hexadecimal digits of an arena's id make its number: 52 bits. */
const DIGITS = 13;
/** What memory of this layer begins with, before two random words. */
const MAGIC = 0x41534651; // "ASFQ"
const IDENTITY_WORDS = 3;
/** How many bytes of a memory hold its identity. */
export const IDENTITY_BYTES = 4 * IDENTITY_WORDS;

/** How many loans there are of a memory: while there is one, an item may name it. */
const loans = new WeakMap<SharedArrayBuffer, number>();
const known = /* @__PURE__ */ new KnownMemories((memory) => (loans.get(memory) ?? 0) > 0);
/** The ids of memory that does not contain its own. */
const given = new WeakMap<SharedArrayBuffer, number>();
/** What the item that is being encoded has named so far; if a getter puts another item, each has its own part. */
export const named: SharedArrayBuffer[] = [];
/** Which memory is missing, by the error that says so. */
const missing = new WeakMap<object, number>();

/** Writes its identity into new memory. */
export function giveIdentity(buffer: SharedArrayBuffer): void {
  new Int32Array(buffer, 0, IDENTITY_WORDS).set([MAGIC, ...randomWords(2)]);
  countShared(buffer);
}

const numberOf = (high: number, low: number): number => (high >>> 11) * 2 ** 32 + low;

/** @returns the id that memory contains, or undefined if it contains none */
export function identityOf(buffer: SharedArrayBuffer): number | undefined {
  if (buffer.byteLength < IDENTITY_BYTES) return undefined;
  const [magic, high, low] = new Uint32Array(buffer, 0, IDENTITY_WORDS);
  return magic === MAGIC ? numberOf(high, low) : undefined;
}

/** The word by which a cell knows the memory that belongs to it. */
export const memoryWord = (buffer: SharedArrayBuffer): number => (identityOf(buffer) ?? 0) | 0;

/** The handle of what has memory besides its arena. */
export interface MemoryHandle extends Handle {
  readonly memory: readonly SharedArrayBuffer[];
}

/**
 * The memory that a handle has brought.
 *
 * @param index which of those in the handle
 * @param word the cell's word for it
 * @param bytes how many it must have at least
 * @throws SyncError `ERR_HANDLE` when it is not that memory
 */
export function memoryIn({ handle }: Place, index: number, word: number, bytes: number): SharedArrayBuffer {
  const { kind = 'of no kind', memory } = (handle ?? {}) as Partial<MemoryHandle>;
  const buffer = memory?.[index];
  const isOne = Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]';
  if (!isOne || buffer === undefined || buffer.byteLength < bytes || memoryWord(buffer) !== word) throw badHandle(kind);
  return learn(buffer);
}

/**
 * Remembers memory that has reached this agent, for as long as something else keeps it.
 *
 * @param id its id, if it does not contain it
 * @returns the object of this memory that the agent uses: each message makes another one
 */
export function learn(buffer: SharedArrayBuffer, id = identityOf(buffer)): SharedArrayBuffer {
  return id === undefined ? buffer : called(id, known.add(id, buffer));
}

/**
 * Like `learn`, for memory that an item names: as long as there is no loan of it, it need not be the same object when
 * it arrives again.
 */
export const meet = (buffer: SharedArrayBuffer, id: number): SharedArrayBuffer => called(id, known.pass(id, buffer));

function called(id: number, buffer: SharedArrayBuffer): SharedArrayBuffer {
  if (id !== identityOf(buffer)) given.set(buffer, id);
  return buffer;
}

/** Counts the loans of a memory. */
export const countLoans = (buffer: SharedArrayBuffer, more: 1 | -1): void =>
  void loans.set(buffer, (loans.get(buffer) ?? 0) + more);

const numberOfArena = (id: string): number => Number.parseInt(id.slice(0, DIGITS), 16);

/** @returns the id under which items name a memory */
export function idOf(buffer: SharedArrayBuffer): number {
  const said = identityOf(buffer) ?? given.get(buffer);
  if (said !== undefined) return said;
  const arena = arenaAt(buffer, 0, buffer.byteLength);
  const [high, low] = new Uint32Array(randomWords(2));
  const id = arena === undefined ? numberOf(high, low) : -numberOfArena(arena.id);
  // An item may outlive everything in this agent that uses the arena.
  meet(buffer, id);
  return id;
}

/** @returns the memory of an id, if it has reached this agent */
export const find = (id: number): SharedArrayBuffer | undefined =>
  known.find(id) ?? (id < 0 ? bufferOfArena((arena) => numberOfArena(arena) === -id) : undefined);

/** @returns the id of the memory without which an item could not be read, if that is what an error reports */
export const missingMemory = (error: unknown): number | undefined => missing.get(Object(error));

/** What the codec asks. */
export const memories: Memories = {
  idOf(buffer) {
    named.push(buffer);
    const id = idOf(buffer);
    // Memory that another copy of the package made contains its id, and has not reached this copy before.
    meet(buffer, id);
    return id;
  },

  of(id) {
    const buffer = find(id);
    if (buffer !== undefined) return buffer;
    const error = new SyncError(
      'ERR_UNKNOWN_MEMORY',
      'the next item refers to shared memory that has not reached this agent; the item is still there: get it by the form ' +
        'whose name ends in Async, which asks the other agents for it, or send the memory once by a message (share)',
    );
    missing.set(error, id);
    throw error;
  },
};
