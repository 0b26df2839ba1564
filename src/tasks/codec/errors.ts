/** Which parts of an error are sent, and how it is recreated. */
import { OwnerDiedError, SyncError, TimeoutError } from '../../core/errors.js';

/** A class of errors: a reader creates its objects without calling it. */
export interface ErrorClass {
  /** What its objects inherit from. */
  readonly prototype: Error;
}

/** From the most specific to the most general: an error's class is the first of which it is an instance. */
const BUILT_IN = [AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, Error];

const BUILT_IN_NAMES: ReadonlyMap<string, ErrorClass> = new Map(BUILT_IN.map((each) => [each.name, each]));
export const DOM_EXCEPTION = 'DOMException';

/** The properties that are written separately. */
const PARTS = new Set(['message', 'stack', 'cause', 'errors']);

/** The classes of errors that one codec knows. */
export class Errors {
  readonly #known: ReadonlyMap<string, ErrorClass>;

  /**
   * @param classes classes besides those of the language and of the primitives, by the names that the reader knows them by
   */
  constructor(classes: ReadonlyMap<string, ErrorClass>) {
    // A minifier renames classes, and differently in the file of a worker.
    this.#known = new Map<string, ErrorClass>([
      ['SyncError', SyncError],
      ['TimeoutError', TimeoutError],
      ['OwnerDiedError', OwnerDiedError],
      ...classes,
    ]);
  }

  /** @returns the name of the class that every reader has, and of the one that some readers have */
  namesOf(error: Error): { readonly builtIn: string; readonly known: string | undefined } {
    const prototype: unknown = Object.getPrototypeOf(error);
    for (const [name, known] of this.#known)
      if (known.prototype === prototype) return { builtIn: builtInOf(error), known: name };
    return { builtIn: builtInOf(error), known: undefined };
  }

  /** @returns an error with what its class provides; undefined for a class that is not built in */
  make(builtIn: string, known: string | undefined, name: string | undefined, message: string): Error | undefined {
    if (builtIn === DOM_EXCEPTION) {
      const { DOMException } = globalThis;
      return typeof DOMException === 'function' ? new DOMException(message, name) : new Error();
    }
    const base = BUILT_IN_NAMES.get(builtIn);
    if (base === undefined) return undefined;
    const made = (known === undefined ? undefined : this.#known.get(known)) ?? base;
    return withoutStack(() => Reflect.construct(Error, [], made as unknown as typeof Error) as Error);
  }
}

/** V8 takes longer to capture a stack than to read an error, and the error brings its own. */
function withoutStack<T>(make: () => T): T {
  const host = Error as { stackTraceLimit?: unknown };
  const limit = Object.getOwnPropertyDescriptor(host, 'stackTraceLimit');
  if (limit?.writable !== true) return make();
  host.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    host.stackTraceLimit = limit.value;
  }
}

function builtInOf(error: Error): string {
  const { DOMException } = globalThis;
  if (typeof DOMException === 'function' && error instanceof DOMException) return DOM_EXCEPTION;
  const name = nameOf(error);
  if (name !== undefined && BUILT_IN_NAMES.has(name)) return name;
  const is = (each: ErrorClass): boolean => Object.prototype.isPrototypeOf.call(each.prototype, error);
  // An error of another realm is an instance of none of these.
  return BUILT_IN.find(is)?.name ?? 'Error';
}

/** In place of a property whose getter throws. */
export const UNREADABLE = Symbol('unreadable');

/**
 * @returns a property of an error. An error without its stack is better than none at all: reading that one calls what a program
 *   has assigned to `Error.prepareStackTrace`, and it may throw for every error.
 */
export function partOf(error: Error, key: string): unknown {
  try {
    return (error as unknown as Record<string, unknown>)[key];
  } catch {
    return UNREADABLE;
  }
}

/** @returns a property as a text; undefined if it has none */
export function textOfPart(error: Error, key: string): string | undefined {
  const value = partOf(error, key);
  if (value === UNREADABLE) return undefined;
  try {
    return String(value);
  } catch {
    return undefined;
  }
}

export const nameOf = (error: Error): string | undefined => textOfPart(error, 'name');

/** What is sent even if it is not enumerable, as in a SuppressedError of the language, which not every host has. */
const ALWAYS = ['code', 'error', 'suppressed'];

/** @returns the keys that a program has added: own enumerable properties, and some others */
export function extraKeys(error: Error): string[] {
  const keys = Object.keys(error).filter((key) => !PARTS.has(key));
  return [...keys, ...ALWAYS.filter((key) => Object.hasOwn(error, key) && !keys.includes(key))];
}
