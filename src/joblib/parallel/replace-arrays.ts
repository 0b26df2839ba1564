/** Replaces the typed arrays in a value by others. */
import { tagOf } from '../../tasks/codec/kinds.js';

/** Arrays and plain objects that are nested deeper are not looked into. */
const DEPTH = 100;

/** Any typed array. */
export type TypedArray = Uint8Array;

export interface TypedArrayClass {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
}

/**
 * @param value which is not changed
 * @param replace returns what replaces a typed array; undefined if it stays
 * @returns the value itself, if all stay; otherwise a copy of the arrays and plain objects in it, as structured clone
 *   makes it: an object that is there twice is one object in the copy, too
 */
export function replaceArrays(value: unknown, replace: (array: TypedArray) => TypedArray | undefined): unknown {
  const replaced = new Map<object, TypedArray>();
  find(value, replace, replaced, new Set(), 0);
  return replaced.size === 0 ? value : copyOf(value, new Map<object, unknown>(replaced), 0);
}

function find(
  value: unknown,
  replace: (array: TypedArray) => TypedArray | undefined,
  replaced: Map<object, TypedArray>,
  seen: Set<object>,
  depth: number,
): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  if (ArrayBuffer.isView(value)) {
    const other = classOf(value) === undefined ? undefined : replace(value as TypedArray);
    if (other !== undefined) replaced.set(value, other);
  } else if (isContainer(value) && depth <= DEPTH) {
    seen.add(value);
    for (const each of Object.values(value)) find(each, replace, replaced, seen, depth + 1);
  }
}

/** @param copies what replaces an object */
function copyOf(value: unknown, copies: Map<object, unknown>, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (!isContainer(value) || depth > DEPTH) return value;
  const copy: object = Array.isArray(value) ? new Array(value.length) : {};
  copies.set(value, copy);
  for (const [key, each] of Object.entries(value)) {
    const content = copyOf(each, copies, depth + 1);
    Object.defineProperty(copy, key, { value: content, enumerable: true, configurable: true, writable: true });
  }
  return copy;
}

function isContainer(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Array.prototype || prototype === Object.prototype || prototype === null;
}

/** @returns the class of a typed array; undefined for a DataView, and for subclasses such as Buffer, which would be lost */
export function classOf(view: ArrayBufferView): TypedArrayClass | undefined {
  const name = tagOf(view);
  const known = (globalThis as Record<string, unknown>)[name];
  return name !== 'DataView' && view.constructor === known ? (known as TypedArrayClass) : undefined;
}
