/** Calls of a batch as they are sent. */
import type { DelayedCall } from './backend.js';

/**
 * The arguments of all calls are in one array: the codec looks up each array as an object, which takes longer than
 * writing a few numbers.
 */
export interface PackedCalls<Told> {
  /** What is sent for the functions. */
  readonly functions: readonly Told[];
  /** The index of each call's function. */
  readonly indexes: readonly number[];
  /** How many arguments each call has. */
  readonly counts: readonly number[];
  readonly args: readonly unknown[];
}

/**
 * @param told returns what is sent for a function; called once for each
 * @param argsOf returns what is sent for the arguments of a call
 */
export function packed<Told>(
  calls: readonly DelayedCall[],
  told: (target: DelayedCall['target']) => Told,
  argsOf: (args: readonly unknown[]) => readonly unknown[] = (args) => args,
): PackedCalls<Told> {
  const functions: Told[] = [];
  const known = new Map<unknown, number>();
  const indexes: number[] = [];
  const counts: number[] = [];
  const args: unknown[] = [];
  for (const call of calls) {
    let index = known.get(call.target);
    if (index === undefined) {
      index = functions.push(told(call.target)) - 1;
      known.set(call.target, index);
    }
    const own = argsOf(call.args);
    indexes.push(index);
    counts.push(own.length);
    for (const arg of own) args.push(arg);
  }
  return { functions, indexes, counts, args };
}
