/** Python's `local`. */
import { checkFunction, isThenable, shown } from '../core/arguments.js';
import { client } from '../tasks/client.js';

type Trap = (target: object, ...rest: never[]) => unknown;

/**
 * An object whose properties are separate in each thread: Python's `threading.local`. Threads share no variables, so each
 * already has its own copy of every module's variables; this is for code written around one object, and for agents that run
 * one thread after another.
 *
 * @param create makes a thread's initial object; by default an empty one. Methods are called with the local as `this`: an
 *   object with private members, or a Map or the like, must be a property of the local
 * @returns an object whose properties belong to the thread that reads or writes them
 * @throws TypeError when `create` is not a function; wherever the local is used, when `create` returns a promise or
 *   anything but an object
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
        throw new TypeError(`create must return an object, the initial value of the local, not ${shown(made)}`);
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
  // What `console.log` shows: it looks at the object behind a Proxy.
  const behind = { [Symbol.for('nodejs.util.inspect.custom')]: current };
  // Nothing can be fixed in an object that is a different one in each thread.
  return new Proxy(behind as object as T, {
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
