/**
 * The functions that a manager's worker has found, by their texts, so that every call of one but the first is made at
 * once.
 */
import type { Call, Function_ } from '../../../tasks/call.js';
import { find } from '../../find.js';
import { checkCall } from '../remote-call.js';

const found = new Map<string, Function_>();

/**
 * Passes a function to `then`: at once, if it has been found before.
 *
 * @param text what `callTextOf` returned
 * @returns what `then` returns, or a promise of it
 * @throws TypeError for a function that would have to be sent
 */
export function whenFound<T>(text: string, then: (fn: Function_) => T): T | Promise<T> {
  const fn = found.get(text);
  if (fn !== undefined) return then(fn);
  const call = JSON.parse(text) as Call;
  checkCall(call);
  return find(call).then((fn) => {
    found.set(text, fn);
    return then(fn);
  });
}
