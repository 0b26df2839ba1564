/**
 * The outcome of a function, in memory shared by the worker and the agent that started it.
 *
 * ```text
 * word 0   STATUS   0 until there is one; VALUE or THREW, and bits
 *      1   LENGTH   the number of bytes it takes
 *      2   TOLD     1 once somebody is about to report an error that nobody has asked for
 *      3   TAKEN    1 once a worker of the user's own has taken its order
 *
 * byte 64 …         a message of the codec
 * ```
 *
 * The worker writes it before it strikes itself off the roll, and the agent that started it reads it after that.
 */
import { copyBytes } from './codec/copy.js';
import type { Parcels } from './parcels.js';

const STATUS = 0;
const LENGTH = 1;
const TOLD = 2;
const TAKEN = 3;
const START = 64;

const VALUE = 1;
const THREW = 2;
/** Reading it requires memory that the spawner brings. */
const MEMORY = 4;
/** The bytes are in the last piece of that memory. */
const APART = 8;

const FIRST_BYTES = 4096;
/** The memory can grow up to this size, and takes none of it in advance; larger outcomes are sent separately. */
const MOST_BYTES = 2 ** 26;

/** The outcome of a function. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown };

/** @returns memory for an outcome */
export const newOutcome = (): SharedArrayBuffer => new SharedArrayBuffer(FIRST_BYTES, { maxByteLength: MOST_BYTES });

/** @returns what stands before the message */
const headOf = (buffer: SharedArrayBuffer): Int32Array => new Int32Array(buffer, 0, START / 4);

/** Resets the memory of an outcome that has been read. */
export function resetOutcome(buffer: SharedArrayBuffer): void {
  const words = headOf(buffer);
  Atomics.store(words, STATUS, 0);
  Atomics.store(words, TOLD, 0);
}

/** Records that the worker has its order. */
export function markTaken(buffer: SharedArrayBuffer): void {
  Atomics.store(headOf(buffer), TAKEN, 1);
}

/** @returns whether the worker has its order */
export const isTaken = (buffer: SharedArrayBuffer): boolean => Atomics.load(headOf(buffer), TAKEN) === 1;

/** @returns whether the caller is the one to report the error: both the worker and the agent that started it may try */
export const claimTelling = (buffer: SharedArrayBuffer): boolean => Atomics.exchange(headOf(buffer), TOLD, 1) === 0;

/**
 * Writes the outcome.
 *
 * @param parcels a Parcels whose parcels the reader can unpack
 * @param known memory that the reader already has
 * @returns further memory that the reader needs, for the spawner to bring
 * @throws SyncError `ERR_NOT_CLONEABLE` when it cannot be sent; in this case nothing is written
 */
export function writeOutcome(
  buffer: SharedArrayBuffer,
  outcome: Outcome,
  parcels: Parcels,
  known: readonly SharedArrayBuffer[],
): SharedArrayBuffer[] {
  const value = outcome.kind === 'value' ? outcome.value : outcome.error;
  const { bytes, memory } = parcels.pack(value, outcome.kind === 'value' ? 'the result' : 'what was thrown', known);
  const more = memory.slice(known.length);
  const fits = makeRoom(buffer, START + bytes.length);
  const target = fits ? buffer : new SharedArrayBuffer(START + bytes.length);
  copyBytes(bytes, new Uint8Array(target, START), 0);
  if (!fits) more.push(target);
  const words = headOf(buffer);
  words[LENGTH] = bytes.length;
  const kind = outcome.kind === 'value' ? VALUE : THREW;
  Atomics.store(words, STATUS, kind | (more.length > 0 ? MEMORY : 0) | (fits ? 0 : APART));
  return more;
}

/** @returns whether there are now this many bytes; hosts that cannot grow memory keep the initial size */
function makeRoom(buffer: SharedArrayBuffer, bytes: number): boolean {
  if (bytes > buffer.byteLength && buffer.growable && bytes <= buffer.maxByteLength) buffer.grow(bytes);
  return bytes <= buffer.byteLength;
}

const statusOf = (buffer: SharedArrayBuffer): number => Atomics.load(headOf(buffer), STATUS);

/** Whether there is an outcome. */
export const hasOutcome = (buffer: SharedArrayBuffer): boolean => statusOf(buffer) !== 0;

/** Whether reading it requires memory that the spawner brings. */
export const needsMemory = (buffer: SharedArrayBuffer): boolean => (statusOf(buffer) & MEMORY) !== 0;

/**
 * Reads the outcome, which must exist.
 *
 * @param parcels a Parcels that can unpack what it was written with
 * @param known the `known` with which it was written
 * @param more what `writeOutcome` returned
 */
export function readOutcome(
  buffer: SharedArrayBuffer,
  parcels: Parcels,
  known: readonly SharedArrayBuffer[],
  more: readonly SharedArrayBuffer[],
): Outcome {
  const status = statusOf(buffer);
  const length = headOf(buffer)[LENGTH];
  const source = (status & APART) !== 0 ? more[more.length - 1] : buffer;
  const value = parcels.unpack({ bytes: new Uint8Array(source, START, length), memory: [...known, ...more] });
  return (status & VALUE) !== 0 ? { kind: 'value', value } : { kind: 'threw', error: value };
}
