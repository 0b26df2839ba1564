/** What happens to errors that nobody asks for. */
import { checkFunction } from '../core/arguments.js';
import { print } from '../core/thrown.js';
import { markUsed } from '../tasks/order.js';
import { tellUnclaimed } from '../tasks/unclaimed.js';

/** A thread, as an excepthook sees it. */
export interface ThreadInfo {
  /** Its name. */
  readonly name: string;
  /** Its identifier, a number. */
  readonly ident: number | undefined;
  /** Whether the program may end while it is running. */
  readonly daemon: boolean;
}

/** The arguments of an excepthook. */
export interface ExceptHookArgs {
  /** What the thread's target threw. */
  readonly error: unknown;
  /** The thread. */
  readonly thread: ThreadInfo;
}

/**
 * Prints the name of a thread and the error that ended it to stderr. This is the default handling of thread errors that
 * nobody asks for with `result`; `setExcepthook` changes it.
 *
 * @param args the error and the thread
 *
 * @example
 * ```ts
 * import { excepthook, setExcepthook } from 'atomics-sync-free/threading';
 * let errors = 0;
 * setExcepthook((args) => {
 *   errors++;
 *   excepthook(args);
 * });
 * console.log(setExcepthook() === excepthook, errors); // false 0
 * ```
 */
export function excepthook({ error, thread }: ExceptHookArgs): void {
  console.error(`Exception in thread ${thread.name}:`);
  print(error);
}

let current: (args: ExceptHookArgs) => void = excepthook;

/**
 * Sets the handler of thread errors that nobody asks for. It is called in the agent that started the thread, from its event
 * loop, and what it throws is thrown there. If that agent has already ended, it is called in the thread itself. Such an
 * error does not end the program.
 *
 * @param hook the handler; by default `excepthook`, which prints the error
 * @returns the previous handler
 * @throws TypeError when the hook is not a function
 *
 * @example
 * ```ts
 * import { setExcepthook, Thread } from 'atomics-sync-free/threading';
 * const told = new Promise<void>((resolve) => {
 *   setExcepthook(({ error, thread }) => {
 *     console.log(thread.name, String(error)); // shop RangeError: out of cheese
 *     resolve();
 *   });
 * });
 * const target = () => {
 *   throw new RangeError('out of cheese');
 * };
 * new Thread({ target, name: 'shop' }).start();
 * await told;
 * setExcepthook(); // prints them again
 * ```
 */
export function setExcepthook(hook: (args: ExceptHookArgs) => void = excepthook): (args: ExceptHookArgs) => void {
  checkFunction('an excepthook', hook);
  const before = current;
  current = hook;
  // A later thread of this worker must not inherit it.
  markUsed();
  tellUnclaimed((error, thread) => hook({ error, thread }));
  return before;
}

/** Calls the hook. */
export const report = (error: unknown, thread: ThreadInfo): void => current({ error, thread });
