/**
 * How functions of users are called, as stacks show it: by one frame, which is named after the package. What is below that is
 * of no use to whoever reads the stack, and is cut off.
 */

/** What functions are called that call others, or wait for what these have returned. */
export const FRAME = 'atomics-sync-free';
/** That frame, as V8 writes it, and as others do. */
const OURS = /^ *at (?:async )?(?:[\w$]+\.)?atomics-sync-free \(|^(?:async\*)?atomics-sync-free@/;
/** Any frame of a place in a file; others are of what somebody has written below the stack. */
const PLACE = /:\d+:\d+\)?$/;

type Callable = (...args: never[]) => unknown;

// Minifiers leave such names as they are. JavaScriptCore keeps no frame of what ends by a call, so there only stacks are cut that
// begin behind an await.

/** Calls a function with arguments. */
export const callWith = {
  'atomics-sync-free'(fn: Callable, args: readonly unknown[]): unknown {
    return fn(...(args as never[]));
  },
}[FRAME];

/** Calls a method of an object. */
export const callOn = {
  'atomics-sync-free'(object: object, method: string, args: readonly unknown[]): unknown {
    return (object as Record<string, Callable>)[method](...(args as never[]));
  },
}[FRAME];

/** Makes an object of a class. */
export const makeOf = {
  'atomics-sync-free'(of: Callable, args: readonly unknown[]): unknown {
    return Reflect.construct(of, args);
  },
}[FRAME];

/** Waits for what a function has returned. */
export const awaited = {
  async 'atomics-sync-free'(value: unknown): Promise<unknown> {
    return await value;
  },
}[FRAME];

/**
 * @returns a stack without what is below a frame by which the package has called a function, in each of its parts: below that
 *   of a worker may stand that of whoever started it
 */
export function cutStack(stack: string): string {
  if (!stack.includes(FRAME)) return stack;
  let isBelow = false;
  const kept = stack.split('\n').filter((line) => {
    if (isBelow && PLACE.test(line)) return false;
    isBelow = OURS.test(line);
    return true;
  });
  return kept.join('\n');
}

/** Has an error that is to be printed show so much of its stack. */
export function cut(error: unknown): unknown {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return error;
  try {
    error.stack = cutStack(error.stack);
  } catch {
    // It is frozen.
  }
  return error;
}
