/** Python's `local`. */
import { checkFunction, isThenable, shown } from '../core/arguments.js';
import { client } from '../tasks/client.js';

type Trap = (target: object, ...rest: never[]) => unknown;

/**
 * An object that each thread has for itself: Python's `threading.local`. Threads share no variables, so each has those of
 * its modules for itself already; this is for code that is written for one and the same object, and for agents that
 * serve one thread after the other.
 *
 * @param create makes what a thread begins with; by default an empty object. Its methods are called on the local: what has
 *   private members, and a Map or the like, is to be a property of it
 * @returns an object whose properties are those of the thread that reads or writes them
 * @throws TypeError when `create` is no function; when it returns no object, or a promise, wherever the local is used
 *
 * @example
 * ```ts
 * import { local } from 'atomics-sync-free/threading';
 * const request = local(() => ({ user: 'nobody' }));
 * request.user = 'Ada';
 * console.log(request.user); // Ada
 * ```
 */
export function local<T extends object = Record<string, unknown>>(create: () => T = () => ({}) as T): T {
  checkFunction('create', create);
  let owner: number | undefined;
  let own: T;
  const current = (): T => {
    const { ident } = client().entry;
    if (owner !== ident) {
      const made = create();
      if (typeof made !== 'object' || made === null || isThenable(made))
        throw new TypeError(`what a local begins with is an object, and create has returned ${shown(made)}`);
      own = made;
      owner = ident;
    }
    return own;
  };
  const handler = Object.fromEntries(
    (['get', 'set', 'has', 'deleteProperty', 'ownKeys', 'getPrototypeOf', 'setPrototypeOf'] as const).map((trap) => [
      trap,
      (_: T, ...rest: never[]) => (Reflect[trap] as Trap)(current(), ...rest),
    ]),
  );
  // Nothing can be fixed in an object that is another one in each thread.
  return new Proxy({} as T, {
    ...handler,
    getOwnPropertyDescriptor(_, key) {
      const found = Reflect.getOwnPropertyDescriptor(current(), key);
      return found && { ...found, configurable: true };
    },
    defineProperty: (_, key, descriptor) =>
      descriptor.configurable !== false && Reflect.defineProperty(current(), key, descriptor),
    preventExtensions: () => false,
  });
}
