/** How errors show which call of a Parallel it was. */
import { stackOf } from '../../core/thrown.js';
import { tellItems, WorkerDiedError } from '../../tasks/died.js';
import { shortened } from '../shortened.js';
import type { DelayedCall } from './backend.js';
import { nameOf } from './delayed.js';

/**
 * @param first the number of the first call of a batch
 * @param at which of its calls it was; undefined if that is not known
 */
export function taskName(first: number, calls: readonly DelayedCall[], at: number | undefined): string {
  const call = calls[at ?? 0];
  const which =
    at !== undefined || calls.length === 1
      ? `task ${first + (at ?? 0)}`
      : `one of tasks ${first} … ${first + calls.length - 1}`;
  return `${which} of Parallel, ${nameOf(call)}(${shortened(call.args)})`;
}

/**
 * @param first the number of the first call of a batch
 * @param at which of its calls it was; undefined if that is not known
 * @param calledAt an error that was made by a private method of the Parallel, called by its `run`
 * @returns the error, whose stack shows both
 */
export function told(
  error: unknown,
  first: number,
  calls: readonly DelayedCall[],
  at: number | undefined,
  calledAt: Error,
): unknown {
  if (!(error instanceof Error)) return error;
  const name = taskName(first, calls, at);
  const stack = `${stackOf(error)}\n    in ${name}\n${callersOf(calledAt)}`;
  // A frozen error stays as it is.
  Reflect.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  // Its message is ours, and does not mention the call.
  if (error instanceof WorkerDiedError) {
    error.message += `; it was busy with ${name}`;
    tellItems(
      error,
      at === undefined ? { from: first, to: first + calls.length } : { from: first + at, to: first + at + 1 },
    );
  }
  return error;
}

/** The frames of the Parallel's caller: without those of the private method and of `run`. */
function callersOf(calledAt: Error): string {
  const frames = stackOf(calledAt).split('\n');
  return frames.slice(frames[0].startsWith('Error') ? 3 : 2).join('\n');
}
