/** What parcels may hold besides what the language has: live objects, and errors of classes known by name. */
import type { Shareable } from '../core/share/sharing.js';
import { GIL } from '../gil/gil.js';
import { DeadlockError } from '../recover/deadlock.js';
import { PRIMITIVES } from '../sync/attach.js';
import { BrokenBarrierError } from '../sync/barrier.js';
import { Codec, type ErrorClass } from './codec/index.js';
import { WorkerDiedError } from './died.js';
import { Parcels, type Rarer } from './parcels.js';

const errors = new Map<string, ErrorClass>([
  ['BrokenBarrierError', BrokenBarrierError],
  ['DeadlockError', DeadlockError],
  ['WorkerDiedError', WorkerDiedError],
]);
const classes: Shareable[] = [...PRIMITIVES, GIL];
/** The modules that make further classes known, by the kinds of these. */
const homes = new Map<string, string>();

/** Makes and opens parcels with objects of all these classes. */
export const parcels = /* @__PURE__ */ new Parcels((memories) => new Codec({ memories, errors, classes }));

/** The classes of errors that are known, by their names. */
export const knownErrors = (): ReadonlyMap<string, ErrorClass> => errors;

/** The classes of live objects that are known. */
export const knownClasses = (): readonly Shareable[] => classes;

/**
 * Makes a class of live objects known, so that values have them.
 *
 * @param home the module that does it, from a folder of the package: for workers that are given such an object
 */
export function registerClass(known: Shareable, home: string): void {
  if (classes.includes(known)) return;
  classes.push(known);
  homes.set(known.kind.name, home);
  parcels.renew();
}

/**
 * @param fileOf gives the URL of a path from a folder of the package
 * @returns one of these kinds that not every worker knows: the package has one module that makes such known, and it does all
 */
export function rarerOf(kinds: readonly string[], fileOf: (path: string) => string): Rarer | undefined {
  for (const kind of kinds) {
    const home = homes.get(kind);
    if (home !== undefined) return { kind, home: fileOf(home) };
  }
  return undefined;
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
  parcels.renew();
}
