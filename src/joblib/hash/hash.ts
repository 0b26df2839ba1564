/** joblib's `hash`. */
import { canonicalHash } from './canonical.js';

/**
 * Hashes a value by what it is: equal values have equal hashes, in any process, on any runtime. It is what the results of a
 * Memory are filed by.
 *
 * The order of an object's keys, of a Map's entries and of a Set's members does not count. 0 and −0 are two values, as are 1,
 * `1n` and `true`; all NaN are one. The class of a typed array counts, a Buffer being none but its own. Large typed arrays
 * are hashed where they are, without a copy. Of arrays the items count, and what the result of a match has besides.
 *
 * @param value anything made of plain objects, arrays, Maps, Sets, primitives, dates, regular expressions, errors (without
 *   their stacks), buffers and their views
 * @returns the sha-256 of a canonical encoding: 64 hexadecimal digits
 * @throws SyncError `ERR_NOT_HASHABLE` for functions, symbols, promises and the like, objects of classes (subclasses of Map, Array
 *   and such, too), and what contains itself; the message begins with the path to it
 *
 * @example
 * ```ts
 * import { hash } from 'atomics-sync-free/joblib';
 * console.log(hash({ a: 1, b: [2] }) === hash({ b: [2], a: 1 })); // true
 * ```
 */
export const hash = (value: unknown): string => canonicalHash(value);
