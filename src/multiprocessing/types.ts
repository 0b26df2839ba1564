/** The types of values and arrays in shared memory: by readable names, and by the codes of Python's ctypes. */

/** A type by its readable name. */
export type TypeName =
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float32'
  | 'float64';

/**
 * A type by its code in Python: `b` `B` 8 bits, `h` `H` 16, `i` `I` 32, `l` `L` `q` `Q` 64 (a long has 64 bits, as on
 * most hosts of Python), the capitals unsigned; `f` and `d` floats of 32 and 64 bits.
 */
export type TypeCode = 'b' | 'B' | 'h' | 'H' | 'i' | 'I' | 'l' | 'L' | 'q' | 'Q' | 'f' | 'd';

/** A type, by its name or its code. */
export type ElementType = TypeName | TypeCode;

/** What a value of a type is in JavaScript: integers of 64 bits are bigints. */
export type ElementOf<Type extends ElementType> = Type extends 'int64' | 'uint64' | 'l' | 'L' | 'q' | 'Q'
  ? bigint
  : number;

/** An array of one of the types. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** The typed array for a type of elements. */
export type ArrayOf<Type extends ElementType> = Type extends 'int8' | 'b'
  ? Int8Array
  : Type extends 'uint8' | 'B'
    ? Uint8Array
    : Type extends 'int16' | 'h'
      ? Int16Array
      : Type extends 'uint16' | 'H'
        ? Uint16Array
        : Type extends 'int32' | 'i'
          ? Int32Array
          : Type extends 'uint32' | 'I'
            ? Uint32Array
            : Type extends 'int64' | 'l' | 'q'
              ? BigInt64Array
              : Type extends 'uint64' | 'L' | 'Q'
                ? BigUint64Array
                : Type extends 'float32' | 'f'
                  ? Float32Array
                  : Float64Array;

interface ArrayClass {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): TypedArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
}

/** The types in an order that never changes: shared memory stores a type as its index here. */
const NAMES: readonly TypeName[] = [
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'float32',
  'float64',
];

const CLASSES: Readonly<Record<TypeName, ArrayClass>> = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
};

const CODES: Readonly<Record<TypeCode, TypeName>> = {
  b: 'int8',
  B: 'uint8',
  h: 'int16',
  H: 'uint16',
  i: 'int32',
  I: 'uint32',
  l: 'int64',
  L: 'uint64',
  q: 'int64',
  Q: 'uint64',
  f: 'float32',
  d: 'float64',
};

/**
 * @returns the number of a type, for shared memory
 * @throws TypeError for anything else, with what to do about strings
 */
export function typeNumber(type: ElementType): number {
  const number = NAMES.indexOf(Object.hasOwn(CODES, type) ? CODES[type as TypeCode] : (type as TypeName));
  if (number >= 0) return number;
  throw new TypeError(
    `a type must be one of ${NAMES.join(', ')}, or one of the codes ${Object.keys(CODES).join(' ')}, not ${String(type)}; ` +
      'text goes through a queue, or as bytes into an array of uint8',
  );
}

export const isTypeNumber = (number: number): boolean => number in NAMES;
export const nameOfType = (number: number): TypeName => NAMES[number];
export const classOfType = (number: number): ArrayClass => CLASSES[NAMES[number]];

/** Whether reading and writing an element can be done by Atomics: floats cannot. */
const isInteger = (number: number): boolean => !NAMES[number].startsWith('float');

/** Reads an element: integers atomically and in order with everything else, floats by a plain read. */
export function read(array: TypedArray, index: number, type: number): number | bigint {
  return isInteger(type) ? Atomics.load(array as Int32Array, index) : array[index];
}

/**
 * Writes an element. What does not fit wraps, as in a typed array.
 *
 * @throws TypeError for a value that is not a number; for integers, not a whole number; for those of 64 bits, not a
 *   bigint
 */
export function write(array: TypedArray, index: number, type: number, value: number | bigint): void {
  checkElement(type, value);
  if (isInteger(type)) Atomics.store(array as Int32Array, index, value as number);
  else array[index] = value as number;
}

/** @throws TypeError for a value that is not of the type; for integers, also for a fraction, NaN and infinities */
export function checkElement(type: number, value: unknown): void {
  const expected = NAMES[type].endsWith('int64') ? 'bigint' : 'number';
  if (typeof value !== expected) {
    throw new TypeError(
      `a value of type ${NAMES[type]} must be a ${expected}, not ${value === null ? 'null' : typeof value}`,
    );
  }
  if (expected === 'number' && isInteger(type) && !Number.isInteger(value))
    throw new TypeError(`a value of type ${NAMES[type]} must be a whole number, not ${value}; Math.trunc makes it one`);
}
