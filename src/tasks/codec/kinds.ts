/**
 * The kind of an object, determined by what it can do and not by its class: it may come from another realm, or be of a subclass.
 */
import { HANDLE, type Handle } from '../../core/memory/handle.js';
import { VIEWS } from './format.js';

/** How an object is encoded. */
export type ObjectKind =
  | 'plain'
  | 'live'
  | 'Map'
  | 'Set'
  | 'Date'
  | 'RegExp'
  | 'Error'
  | 'ArrayBuffer'
  | 'SharedArrayBuffer'
  | 'view'
  | 'wrapper'
  | 'none';

export const handleOf = (object: object): (() => Handle) | undefined => (object as { [HANDLE]?: () => Handle })[HANDLE];

/** A class's getter, which may be in a superclass: somebody may have replaced a global with a subclass. */
function get(prototype: object, name: PropertyKey): () => unknown {
  const own = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  return own ?? get(Object.getPrototypeOf(prototype), name);
}

const viewName = get(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);
const sharedLength = globalThis.SharedArrayBuffer && get(SharedArrayBuffer.prototype, 'byteLength');

/** Calls that throw for all objects except those of one kind, by the name that `toString` gives to such objects. */
const PROOFS: Readonly<Record<string, readonly [ObjectKind, (object: object) => unknown]>> = {
  Map: ['Map', proof(get(Map.prototype, 'size'))],
  Set: ['Set', proof(get(Set.prototype, 'size'))],
  Date: ['Date', proof(Date.prototype.getTime)],
  RegExp: ['RegExp', (object) => object !== RegExp.prototype && proof(get(RegExp.prototype, 'source'))(object)],
  ArrayBuffer: ['ArrayBuffer', proof(get(ArrayBuffer.prototype, 'byteLength'))],
  SharedArrayBuffer: ['SharedArrayBuffer', proof(sharedLength as () => unknown)],
  Boolean: ['wrapper', proof(Boolean.prototype.valueOf)],
  Number: ['wrapper', proof(Number.prototype.valueOf)],
  String: ['wrapper', proof(String.prototype.valueOf)],
  BigInt: ['wrapper', proof(BigInt.prototype.valueOf)],
};

function proof(method: () => unknown): (object: object) => unknown {
  return (object) => method.call(object);
}

/** Objects of the language that have no byte form, and no global class to recognize them by. */
const WITHOUT_CLASS = /^(Symbol|Module|(Async)?Generator|.* Iterator|Iterator Helper|Intl\..*|WebAssembly\..*)$/;

/** How the text of a function ends that is not a program's own. */
const NATIVE = /\{\s*\[native code\]\s*\}$/;

/** @returns the kind of an object that is not an array; `none` if it has no byte form, such as a Promise */
export function kindOf(object: object): ObjectKind {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === Object.prototype || prototype === null) return 'plain';
  if (typeof handleOf(object) === 'function') return 'live';
  if (ArrayBuffer.isView(object)) return 'view';
  const tag = tagOf(object);
  // Errors made without the constructor of Error, as many a library does, and proxies of errors.
  if (tag === 'Object') return object instanceof Error ? 'Error' : 'plain';
  if (tag === 'Error' || tag === 'DOMException') return 'Error';
  const known = Object.hasOwn(PROOFS, tag) ? PROOFS[tag] : undefined;
  if (known !== undefined && holds(known[1], object)) return known[0];
  if (isOfHost(object, tag)) return 'none';
  // A class may give its objects another name.
  for (const [kind, proves] of Object.values(PROOFS)) if (holds(proves, object)) return kind;
  return 'plain';
}

/** The name that `toString` gives to an object: the kind of its internal slots, unless a class overrides it. */
export const tagOf = (object: object): string => Object.prototype.toString.call(object).slice('[object '.length, -1);

function holds(proves: (object: object) => unknown, object: object): boolean {
  try {
    proves(object);
    return true;
  } catch {
    return false;
  }
}

/** Whether it is of an opaque class of the language or the host: a Promise, a MessagePort, a URL. */
function isOfHost(object: object, tag: string): boolean {
  if (WITHOUT_CLASS.test(tag)) return true;
  const made: unknown = (globalThis as Record<string, unknown>)[tag];
  if (typeof made !== 'function' || Object.hasOwn(PROOFS, tag)) return false;
  return object instanceof made || isOfOtherRealm(object, tag);
}

/** Whether it is of a class of the language, such as Promise, in another realm. */
function isOfOtherRealm(object: object, name: string): boolean {
  for (let at: unknown = object; at !== null; at = Object.getPrototypeOf(at)) {
    const made: unknown = Object.getOwnPropertyDescriptor(at, 'constructor')?.value;
    if (typeof made === 'function' && made.name === name && NATIVE.test(Function.prototype.toString.call(made)))
      return true;
  }
  return false;
}

/** @returns the index in VIEWS of a typed array's class or of DataView; −1 for a class that this package does not know */
export const viewKind = (view: ArrayBufferView): number =>
  VIEWS.indexOf((viewName.call(view) ?? 'DataView') as (typeof VIEWS)[number]);

/** Whether a value can be the buffer of a view. */
export function isBuffer(value: unknown): value is ArrayBufferLike {
  if (value instanceof ArrayBuffer) return true;
  if (typeof value !== 'object' || value === null) return false;
  const tag = tagOf(value);
  return tag === 'ArrayBuffer' || tag === 'SharedArrayBuffer';
}

/** @returns the value in a wrapper, whatever its class does with valueOf */
export function primitiveOf(wrapper: object): unknown {
  for (const { prototype } of [Boolean, Number, String, BigInt]) {
    const unwrap = (prototype.valueOf as () => unknown).bind(wrapper);
    if (holds(unwrap, wrapper)) return unwrap();
  }
  return undefined;
}
