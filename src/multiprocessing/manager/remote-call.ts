/** Functions that a manager calls: by module and name alone. Code that a client has sent is never run. */
import type { Call } from '../../tasks/call.js';
import { resolveTarget, toldOnce } from '../../tasks/target.js';

/** Modules whose URL is their content: they would be code that a client has sent. */
const SENT = /^(?:data|blob):/i;

/** @throws TypeError for a function that would have to be sent */
export function checkCall(call: Call): void {
  const { way, name } = call;
  if ((way === 'task' || way === 'module') && !SENT.test(call.url)) return;
  throw new TypeError(
    `${name === '' ? 'the function' : name} would be run by the manager as a client sent it, but a manager only runs ` +
      'what it finds by module and name: make it a task (`task(import.meta.url, …)`), or refer to it by fromModule',
  );
}

/**
 * @returns how a manager finds a function
 * @throws TypeError when it is not a function, or would have to be sent
 */
export function callOf(target: unknown): Call {
  const { call } = resolveTarget(target);
  checkCall(call);
  return call;
}

/**
 * For functions that are named again and again: a string is shorter to send, and to find them by.
 *
 * @returns the `Call` as JSON
 * @throws TypeError as `callOf` does
 */
export const callTextOf = /* @__PURE__ */ toldOnce((target) => JSON.stringify(callOf(target)));
