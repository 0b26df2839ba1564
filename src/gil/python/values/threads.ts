/** Threads, and their waits. */
import type { Instance } from './classes.js';
import type { Frame } from './frames.js';
import type { Sync } from './sync.js';
import type { Value } from './value.js';

export type Action =
  | 'acquire'
  | 'wait'
  | 'wait again'
  | 'event'
  | 'permit'
  | 'join'
  | 'sleep'
  | 'arrive'
  | 'put'
  | 'get'
  | 'tasks';

/** What a thread waits for. */
export interface Waiting {
  readonly action: Action;
  readonly sync: Sync;
  readonly timed: boolean;
  /** How many times a condition's RLock is to be taken again. */
  readonly depth: number;
  /** The result of the wait; a condition's notification is known before its lock is taken again. */
  readonly result: Value;
  /** Whether a `with` statement waits. */
  readonly enters: boolean;
  /** The Continuation that takes the result in place of the waiting frame; or null. */
  readonly then: Value;
}

export class Thread {
  readonly frames: Frame[] = [];
  waiting: Waiting | null = null;
  /** Whether it has done anything visible to others since it could last have been switched away from. */
  touched = false;
  done = false;
  /** The exception that is being handled. */
  handled: Instance | null = null;
  /** The uncaught exception that ended it. */
  raised: { readonly text: string; readonly line: number } | null = null;

  constructor(
    readonly name: string,
    readonly object: Sync,
  ) {}
}

/** @returns the line that a thread is at; 0 if it has ended */
export function lineOf({ frames }: Thread): number {
  const frame = frames.at(-1);
  if (frame === undefined) return 0;
  return frame.code.instructions[Math.max(0, frame.next - 1)].line;
}
