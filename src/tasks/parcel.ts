/** Values on their way between a worker and whoever started it: bytes, and the shared memory that they refer to. */
import { endWays, takeWays, type Way } from '../core/memory/ways.js';
import type { Shareable } from '../core/share/sharing.js';
import { GIL } from '../gil/gil.js';
import { DeadlockError } from '../recover/deadlock.js';
import { PRIMITIVES } from '../sync/attach.js';
import { BrokenBarrierError } from '../sync/barrier.js';
import { Codec, type ErrorClass } from './codec/index.js';
import { WorkerDiedError } from './died.js';

/** A value as it is sent. It has no bytes where it is undefined, as most results are: the codec is not asked then. */
export interface Parcel {
  readonly bytes: Uint8Array;
  /** The memory that the bytes refer to, by index. */
  readonly memory: readonly SharedArrayBuffer[];
  /** What is on its way by it. */
  readonly ways?: readonly Way[];
}

const errors = new Map<string, ErrorClass>([
  ['BrokenBarrierError', BrokenBarrierError],
  ['DeadlockError', DeadlockError],
  ['WorkerDiedError', WorkerDiedError],
]);
const classes: Shareable[] = [...PRIMITIVES, GIL];

/** The classes of errors that are known, by their names. */
export const knownErrors = (): ReadonlyMap<string, ErrorClass> => errors;

/** The classes of live objects that are known. */
export const knownClasses = (): readonly Shareable[] => classes;

/** Makes a class of live objects known, so that values have them. */
export function registerClass(known: Shareable): void {
  if (classes.includes(known)) return;
  classes.push(known);
  codec = undefined;
}

/**
 * Makes a class of errors known, so that what a worker throws comes back as an object of it. Call it where both sides
 * load it: in the module that defines the class. Of classes that are not known the name, the message, the code, the
 * cause and their own properties come back, and the nearest built-in class.
 *
 * @param known the class; its constructor is not called when an error comes back
 * @param name by which it is known on both sides; that of the class by default, which a minifier may change: give it where
 *   the program is minified
 * @throws TypeError when it is no class of errors, or another class of that name is known
 *
 * @example
 * ```ts
 * import { registerError } from 'atomics-sync-free/threading';
 * export class OutOfCheese extends Error {
 *   override name = 'OutOfCheese';
 * }
 * registerError(OutOfCheese);
 * ```
 */
export function registerError(known: ErrorClass, name = (known as { readonly name?: string } | undefined)?.name): void {
  const { prototype } = Object(known) as Partial<ErrorClass>;
  if (!(prototype instanceof Error)) throw new TypeError('registerError takes a class of errors');
  if (typeof name !== 'string' || name === '')
    throw new TypeError('registerError takes the name of a class that has none');
  const other = errors.get(name);
  if (other !== undefined && other !== known)
    throw new TypeError(`another class of errors called ${name} is registered; give this one another name`);
  errors.set(name, known);
  codec = undefined;
}

/** The memory that bytes refer to while they are written or read, by index. */
let named: SharedArrayBuffer[] = [];
/** One codec for all parcels: to make one takes much longer than a small parcel. */
let codec: Codec | undefined;

function codecOf(): Codec {
  const idOf = (buffer: SharedArrayBuffer): number => {
    const at = named.indexOf(buffer);
    return at >= 0 ? at : named.push(buffer) - 1;
  };
  const of = (id: number): SharedArrayBuffer => named[id];
  codec ??= new Codec({ memories: { idOf, of }, errors, classes });
  return codec;
}

/** Calls something while bytes refer to this memory; what it calls may read and write others in between. */
function naming<T>(memory: SharedArrayBuffer[], call: () => T): T {
  const before = named;
  named = memory;
  try {
    return call();
  } finally {
    named = before;
  }
}

const NO_BYTES = new Uint8Array(0);

/**
 * @param root what the value is called in the message of an error
 * @param known memory that the receiver has, by index
 * @throws SyncError `ERR_NOT_CLONEABLE` when something in it cannot be sent
 */
export function pack(value: unknown, root: string, known: readonly SharedArrayBuffer[] = []): Parcel {
  const memory = [...known];
  if (value === undefined) return { bytes: NO_BYTES, memory };
  takeWays();
  try {
    return { bytes: naming(memory, () => codecOf().encodeToBytes(value, root)), memory, ways: takeWays() };
  } catch (error) {
    endWays(takeWays());
    throw error;
  }
}

/** @throws what the codec throws when it is damaged, or something in it cannot be attached */
export const unpack = ({ bytes, memory }: Parcel): unknown =>
  bytes.length === 0 ? undefined : naming([...memory], () => codecOf().decodeBytes(bytes));
