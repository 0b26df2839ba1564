/** What an object is, by what it can do and not by its class: it may come from another realm, or be of a subclass. */
import { HANDLE, type Handle } from '../../core/memory/handle.js';
import { VIEWS } from './format.js';

/** How an object is written. */
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

/** A getter of a class, which may stand in a class above it: somebody may have put one of its own in a global's place. */
function get(prototype: object, name: PropertyKey): () => unknown {
  const own = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  return own ?? get(Object.getPrototypeOf(prototype), name);
}

const viewName = get(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);
const sharedLength = globalThis.SharedArrayBuffer && get(SharedArrayBuffer.prototype, 'byteLength');

/** Calls that throw for every object but those of one kind, by the name that such objects have for `toString`. */
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

/** Objects of the language that have no bytes, and no global class by which they could be known. */
const WITHOUT_CLASS = /^(Symbol|Module|(Async)?Generator|.* Iterator|Iterator Helper|Intl\..*|WebAssembly\..*)$/;

/** How a function ends, shown as text, that is none of a program's. */
const NATIVE = /\{\s*\[native code\]\s*\}$/;

/** @returns what an object is that is no array; `none` for what has no bytes, such as a Promise */
export function kindOf(object: object): ObjectKind {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === Object.prototype || prototype === null) return 'plain';
  if (typeof handleOf(object) === 'function') return 'live';
  if (ArrayBuffer.isView(object)) return 'view';
  const tag = tagOf(object);
  if (tag === 'Object') return 'plain';
  if (tag === 'Error' || tag === 'DOMException') return 'Error';
  const known = Object.hasOwn(PROOFS, tag) ? PROOFS[tag] : undefined;
  if (known !== undefined && holds(known[1], object)) return known[0];
  if (isOfHost(object, tag)) return 'none';
  // A class may give its objects another name.
  for (const [kind, proves] of Object.values(PROOFS)) if (holds(proves, object)) return kind;
  return 'plain';
}

/** What `toString` calls an object: the kind of its internal slots, unless a class says otherwise. */
export const tagOf = (object: object): string => Object.prototype.toString.call(object).slice('[object '.length, -1);

function holds(proves: (object: object) => unknown, object: object): boolean {
  try {
    proves(object);
    return true;
  } catch {
    return false;
  }
}

/** Whether a class of the language or of the host made it that nobody can take apart: a Promise, a MessagePort, a URL. */
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

/** @returns the index in VIEWS of a typed array's class or of DataView; −1 for one that this package does not know */
export const viewKind = (view: ArrayBufferView): number =>
  VIEWS.indexOf((viewName.call(view) ?? 'DataView') as (typeof VIEWS)[number]);

/** Whether a buffer can be the buffer of a view. */
export function isBuffer(value: unknown): value is ArrayBufferLike {
  if (value instanceof ArrayBuffer) return true;
  if (typeof value !== 'object' || value === null) return false;
  const tag = tagOf(value);
  return tag === 'ArrayBuffer' || tag === 'SharedArrayBuffer';
}

/** @returns what a wrapper wraps, whatever its class makes of valueOf */
export function primitiveOf(wrapper: object): unknown {
  for (const { prototype } of [Boolean, Number, String, BigInt]) {
    const unwrap = (prototype.valueOf as () => unknown).bind(wrapper);
    if (holds(unwrap, wrapper)) return unwrap();
  }
  return undefined;
}
