/** What parcels may contain besides values of the language: live objects, and errors of classes known by name. */
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
/** The modules that make further classes known, by kind. */
const homes = new Map<string, string>();

/** Packs and unpacks parcels with objects of all these classes. */
export const parcels = /* @__PURE__ */ new Parcels((memories) => new Codec({ memories, errors, classes }));

/** The known error classes, by name. */
export const knownErrors = (): ReadonlyMap<string, ErrorClass> => errors;

/** The known classes of live objects. */
export const knownClasses = (): readonly Shareable[] => classes;

/**
 * Makes a class of live objects known, so that values may contain them.
 *
 * @param home the path, from a folder of the package, of the module that does this: for workers that receive such an object
 */
export function registerClass(known: Shareable, home: string): void {
  if (classes.includes(known)) return;
  classes.push(known);
  homes.set(known.kind.name, home);
  parcels.renew();
}

/**
 * @param fileOf returns the URL of a path from a folder of the package
 * @returns one of these kinds that not every worker knows: the package has one module that makes such kinds known, and it covers all
 */
export function rarerOf(kinds: readonly string[], fileOf: (path: string) => string): Rarer | undefined {
  for (const kind of kinds) {
    const home = homes.get(kind);
    if (home !== undefined) return { kind, home: fileOf(home) };
  }
  return undefined;
}

/**
 * Registers an error class, so that an error of it thrown in a worker arrives as an object of that class. Call it where
 * both sides load it: in the module that defines the class. Errors of unregistered classes arrive with their name, message,
 * code, cause and own properties, as objects of the nearest built-in class.
 *
 * @param known the class; its constructor is not called when an error arrives
 * @param name the name by which both sides know it; by default that of the class, which a minifier may change: give one if
 *   the program is minified
 * @throws TypeError when it is not an error class, or another class of that name is registered
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
  if (!(prototype instanceof Error)) throw new TypeError('registerError takes an error class');
  if (typeof name !== 'string' || name === '')
    throw new TypeError('registerError needs a name for a class that has none');
  const other = errors.get(name);
  if (other !== undefined && other !== known)
    throw new TypeError(`another error class called ${name} is registered; give this one another name`);
  errors.set(name, known);
  parcels.renew();
}
