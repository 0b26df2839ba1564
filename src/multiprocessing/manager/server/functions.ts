/** The functions that a manager's worker has found, so that each but the first call of one is made at once. */
import type { Call, Function_ } from '../../../tasks/call.js';
import { find } from '../../find.js';
import { checkCall } from '../remote-call.js';

const found = new Map<string, Function_>();

/**
 * Gives a function to `then`: at once, when it has been found before.
 *
 * @returns what `then` returns, or a promise of it
 * @throws TypeError for a function that would have to be sent
 */
export function whenFound<T>(call: Call, then: (fn: Function_) => T): T | Promise<T> {
  checkCall(call);
  const key = JSON.stringify(call);
  const fn = found.get(key);
  if (fn !== undefined) return then(fn);
  return find(call).then((fn) => {
    found.set(key, fn);
    return then(fn);
  });
}
