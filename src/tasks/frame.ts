/**
 * How users' functions are called, as seen in stacks: from one frame, which is named after the package. Everything below it
 * is of no use to a reader of the stack, and is cut off.
 */
import type { Function_ } from './call.js';

/** The name of the functions that call users' functions, or wait for what these return. */
export const FRAME = 'atomics-sync-free';
/** That frame, in the formats of V8 and of others. */
const OURS = /^ *at (?:async )?(?:[\w$]+\.)?atomics-sync-free \(|^(?:async\*)?atomics-sync-free@/;
/** Any frame with a position in a file; other lines are text that somebody appended to the stack. */
const PLACE = /:\d+:\d+\)?$/;

// Minifiers leave such names alone. JavaScriptCore keeps no frame for a tail call, so there only stacks that begin
// after an await are cut.

/** Calls a function with arguments. */
export const callWith = {
  'atomics-sync-free'(fn: Function_, args: readonly unknown[]): unknown {
    return fn(...(args as never[]));
  },
}[FRAME];

/** Calls a method of an object. */
export const callOn = {
  'atomics-sync-free'(object: object, method: string, args: readonly unknown[]): unknown {
    return (object as Record<string, Function_>)[method](...(args as never[]));
  },
}[FRAME];

/** Creates an object of a class. */
export const makeOf = {
  'atomics-sync-free'(of: Function_, args: readonly unknown[]): unknown {
    return Reflect.construct(of, args);
  },
}[FRAME];

/** Waits for what a function returned. */
export const awaited = {
  async 'atomics-sync-free'(value: unknown): Promise<unknown> {
    return await value;
  },
}[FRAME];

/**
 * @returns a stack without what is below a frame from which the package called a function, in each of its parts: a worker's
 *   stack may be followed by that of the agent that started it
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

/** Cuts the stack of an error that is to be printed. */
export function cut(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  try {
    if (typeof error.stack === 'string') error.stack = cutStack(error.stack);
  } catch {
    // It is frozen, or reading its stack throws.
  }
  return error;
}
