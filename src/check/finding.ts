/** The input and output of a re-execution: terms of execution.ts, and of the files that keep its findings. */
import type { Frame } from './frames.js';
import type { Operation, Result } from './operation.js';

/** One step of a thread's past. */
export interface Happening {
  readonly operation: Operation;
  readonly result: Result;
}

/** A change of a ghost word. */
export interface Effect {
  readonly word: number;
  readonly value: number;
  /** Whether value is added (otherwise it is set). */
  readonly relative: boolean;
}

/** A pending async wait, or a callback given to Thread.later. */
export interface Task {
  readonly id: number;
  /** The word waited on, or -1 for a callback. */
  readonly word: number;
  readonly timeout: number;
  readonly abandoned: boolean;
  /** The call of a primitive that it waits for. */
  readonly call?: Operation;
}

/** Where a re-execution ended. */
export type Stop =
  | { readonly kind: 'operation'; readonly operation: Operation }
  | { readonly kind: 'asleep'; readonly operation: Operation }
  /** Between turns. `finished`: nothing is left that has to run. `resumes`: the next phase is one of the possible turns. */
  | { readonly kind: 'idle'; readonly finished: boolean; readonly resumes: boolean }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'dead' };

/** What a re-execution found. */
export interface Finding {
  readonly stop: Stop;
  /** Ghost changes since the last happening. */
  readonly effects: readonly Effect[];
  readonly tasks: readonly Task[];
  /** The call path to the operation stopped at, nearest frame first, if it is `located`. */
  readonly frames: readonly Frame[];
  /** Everything that identifies the local state there, if it is `traced`. */
  readonly trace: string;
  /** What was found further on, if the result of the operation it stopped at was foretold. */
  readonly onward?: Onward | undefined;
}

/** Where a thread gets to if an operation returns the foretold result. */
export interface Onward {
  readonly result: Result;
  readonly finding: Finding;
}

/** The results of the thread's operations if it goes on alone, each in turn; undefined if not foretold. */
export type Oracle = (operation: Operation) => Result | undefined;

/** The turn that starts the next phase, among the task numbers. */
export const NEXT_PHASE = 0;
