/** How errors show which items of its input a call of a pool was busy with. */
import { stackOf } from '../../core/thrown.js';
import { diedWith, type WorkerDiedError } from '../../tasks/died.js';
import type { Draft } from './feed.js';
import { APPLY } from './messages.js';

/**
 * Shows where an error was thrown, in a line after the frames of the worker. A frozen error stays as it is.
 *
 * @param item the number of the item
 * @returns the error
 */
export function inItem(error: unknown, item: number, label: string): unknown {
  if (error instanceof Error) {
    const stack = `${stackOf(error)}\n    in item ${item}, by ${label}`;
    Reflect.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  }
  return error;
}

/** @returns the error by which a call learns of the death of the worker that was busy with one of its tasks */
export function deathIn(error: WorkerDiedError, { form, callee, from, count }: Draft): WorkerDiedError {
  if (form === APPLY) return error;
  const to = from + count;
  const which = count === 1 ? `item ${from}` : `items ${from} … ${to - 1}`;
  return diedWith(error, { from, to }, `${which}, by ${callee.label}`);
}
