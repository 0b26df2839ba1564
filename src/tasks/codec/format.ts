/**
 * The bytes of a message. It is a sequence of little-endian 32-bit words that begins on a multiple of 8 bytes and is
 * padded with zeros to one:
 *
 * ```
 *  header │ the value │ deferred bodies, in the order of deferral │ padding
 * ```
 *
 * A value begins with one word:
 *
 * ```
 *  31 ………………………………………… 1 │ 0
 *  a 31-bit integer          │ 0
 *
 *  31 ………… 8 │      7      │ 6 … 1 │ 0
 *  argument  │ deferred    │ kind  │ 1     then what the kind says
 * ```
 *
 * An argument of `LONG` or more is in the next word, with `LONG` in its place. Data that consists of 8-byte units is
 * aligned to 8 bytes: otherwise copying to and from shared memory takes ten times as long.
 *
 * Equal values have equal bytes, whatever the runtime and whatever was encoded before: the form depends only on the value,
 * padding is zero, and there is one NaN.
 *
 * Objects are numbered in the order in which they begin; each further occurrence is a `REFERENCE` to that number. Lists of keys are
 * numbered too: the first object of a shape brings its keys, later ones refer to its number. Both counts restart with each message.
 */

/** `asc`, and the version of the format in the highest byte. */
export const HEADER = 0x0163_7361;
export const VERSION = HEADER >>> 24;

/** The smallest argument that gets a word of its own. */
export const LONG = 0xff_ffff;

/** The bit of a container whose contents come after the value, because it is nested too deeply for recursion. */
export const PUT_OFF = 0x80;

/** From this depth on, contents are deferred, so that neither side needs more stack for deeper values. */
export const DEPTH = 128;

/** Nesting allowed beyond `DEPTH` without being deferred: a view's buffer, a handle, the primitive in a wrapper. */
export const MORE_DEPTH = 8;

/** Objects with more keys, or longer ones, than this are written as pairs of key and value, not as a shape. */
export const SHAPE_KEYS = 32;
export const SHAPE_LENGTH = 1024;

/** Strings of up to this many characters are worth a loop in JavaScript and a place in the reader's cache. */
export const SHORT = 40;

/** `argument`: the upper bits; `then`: what follows. */
export const CONSTANT = 0; // argument: an index of CONSTANTS
export const DOUBLE = 1; // then: aligned, 8 bytes
export const ASCII = 2; // argument: length; then: one byte each
export const LATIN1 = 3; // argument: length; then: one byte each
export const UTF16 = 4; // argument: length; then: two bytes each, lone surrogates included
export const BIGINT = 5; // argument: number of words << 1 | negative; then: the magnitude, lowest word first
export const REFERENCE = 6; // argument: number of an object of this message
export const SHAPED = 7; // argument: number of keys; then: hash, the keys as one string, each value
export const SAME_SHAPE = 8; // argument: number of a shape of this message; then: each value
export const PAIRS = 9; // argument: count; then: key, value, …
export const ARRAY = 10; // argument: length; then: each value
export const INTEGERS = 11; // argument: length; then: one word each
export const DOUBLES = 12; // argument: length; then: aligned, 8 bytes each
export const SPARSE = 13; // argument: number of properties; then: length, key, value, …
export const MAP = 14; // argument: size; then: key, value, …
export const SET = 15; // argument: size; then: each item
export const DATE = 16; // then: aligned, 8 bytes
export const REGEXP = 17; // then: source, flags
export const WRAPPER = 18; // then: a primitive
export const ERROR = 19; // argument: which parts; then: built-in class, the parts, number of properties, key, value, …
export const BUFFER = 20; // argument: 1 if it is resizable; then: aligned, byteLength, maxByteLength if it has one, bytes
export const VIEW = 21; // argument: an index of VIEWS; then: aligned, byteOffset, length, buffer
export const SHARED = 22; // then: aligned, the memory's id
export const LIVE = 23; // then: a handle as plain data

export const CONSTANTS: readonly unknown[] = [undefined, null, false, true, -0, Number.NaN];

/** The first word of a value without an argument. */
export const word = (kind: number): number => (kind << 1) | 1;

const constant = (value: unknown): number => (CONSTANTS.findIndex((each) => Object.is(each, value)) << 8) | 1;
export const UNDEFINED_WORD = constant(undefined);
export const NULL_WORD = constant(null);
export const FALSE_WORD = constant(false);
export const TRUE_WORD = constant(true);
export const MINUS_ZERO_WORD = constant(-0);
export const NAN_WORD = constant(Number.NaN);

/** Names of classes, from which a view is recreated; only ever appended to. */
export const VIEWS = [
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float16Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const;

/** The optional parts of an error: bits of the argument, written in this order. */
export const CLASS = 1;
export const NAME = 2;
export const MESSAGE = 4;
export const STACK = 8;
export const CAUSE = 16;
export const ERRORS = 32;

/** How many words this many bytes take. */
export const wordsOf = (bytes: number): number => Math.ceil(bytes / 4);

/** The next even word, which begins on a multiple of 8 bytes. */
export const aligned = (at: number): number => at + (at % 2);

/** The hash by which a reader finds the keys of a shape: of the string's first word and its characters. */
export function hashOf(words: Int32Array, from: number, to: number): number {
  let hash = to - from;
  for (let i = from; i < to; i++) hash = mix(hash, words[i]);
  return hash;
}

export function mix(hash: number, next: number): number {
  const mixed = Math.imul(hash ^ next, 0x9e37_79b1);
  return mixed ^ (mixed >>> 15);
}
