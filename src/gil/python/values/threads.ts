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
  /** How often a condition's RLock is to be taken again. */
  readonly depth: number;
  /** What the wait gives when it is over; a condition's notification is known before its lock is taken again. */
  readonly result: Value;
  /** Whether it is a `with` statement that waits. */
  readonly enters: boolean;
  /** The Continuation that takes the result in place of the frame that waits; or null. */
  readonly then: Value;
}

export class Thread {
  readonly frames: Frame[] = [];
  waiting: Waiting | null = null;
  /** Whether it has done anything that others can see since it last could have been switched away. */
  touched = false;
  done = false;
  /** The exception that is being handled. */
  handled: Instance | null = null;
  /** What ended it that it did not catch. */
  raised: { readonly text: string; readonly line: number } | null = null;

  constructor(
    readonly name: string,
    readonly object: Sync,
  ) {}
}

/** @returns the line that a thread is at; 0 where it has ended */
export function lineOf({ frames }: Thread): number {
  const frame = frames.at(-1);
  if (frame === undefined) return 0;
  return frame.code.instructions[Math.max(0, frame.next - 1)].line;
}
