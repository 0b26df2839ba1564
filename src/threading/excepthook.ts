/** What becomes of errors that nobody asks for. */
import { checkFunction } from '../core/arguments.js';
import { markUsed } from '../tasks/order.js';
import { tellUnclaimed } from '../tasks/unclaimed.js';

/** A thread, as an excepthook sees it. */
export interface ThreadInfo {
  /** What it is called. */
  readonly name: string;
  /** Its number. */
  readonly ident: number | undefined;
  /** Whether the program may end although it runs. */
  readonly daemon: boolean;
}

/** What an excepthook is told. */
export interface ExceptHookArgs {
  /** What the thread's target threw. */
  readonly error: unknown;
  /** The thread. */
  readonly thread: ThreadInfo;
}

/**
 * Prints the name of a thread and the error that has ended it, to stderr: what is done with errors of threads that nobody
 * asks for by `result`, unless `setExcepthook` says otherwise.
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
  console.error(error);
}

let current: (args: ExceptHookArgs) => void = excepthook;

/**
 * Says what is done with errors of threads that nobody asks for: it is called in the agent that started the thread, when
 * its event loop turns, and what it throws is thrown there. Where that agent has ended before, it is called in the thread
 * itself. Such an error does not end the program.
 *
 * @param hook what to do; `excepthook`, which prints them, by default
 * @returns what was done until now
 * @throws TypeError when it is no function
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
  // A later thread of this worker is not to have it.
  markUsed();
  tellUnclaimed((error, thread) => hook({ error, thread }));
  return before;
}

/** Calls the hook. */
export const report = (error: unknown, thread: ThreadInfo): void => current({ error, thread });
