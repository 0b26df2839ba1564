// Threads of tests: started, waited for with a limit, and asked for their outcome.
import { Thread, type ThreadSettings } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import type { Target } from '#dist/tasks/target.js';

/** Milliseconds that a thread of a test may take. */
const LIMIT = 30_000;

/** A thread that runs. */
export function started<Args extends unknown[], Result>(
  target: Target<Args, PromiseLike<Result> | Result>,
  args: [...Args],
  settings: ThreadSettings = {},
): Thread<Result, Args> {
  const thread = new Thread<Result, Args>({ ...settings, target, args });
  thread.start();
  return thread;
}

/** The same thread, which has ended; this agent has blocked for it. */
export function joined<T extends Pick<Thread, 'join' | 'isAlive'>>(thread: T): T {
  thread.join(LIMIT);
  assert.not(thread.isAlive(), `${thread} does not end`);
  return thread;
}

/** What a target returns in a thread. */
export const resultOf = <Args extends unknown[], Result>(
  target: Target<Args, PromiseLike<Result> | Result>,
  ...args: [...Args]
): Result => joined(started(target, args)).result;

/** What a call throws. */
export function thrownBy(call: () => unknown): Error & { readonly code?: string; readonly exitCode?: number } {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

/** What a target throws in a thread. */
export const errorOf = <Args extends unknown[]>(target: Target<Args, unknown>, ...args: [...Args]) =>
  thrownBy(() => resultOf(target, ...args));
