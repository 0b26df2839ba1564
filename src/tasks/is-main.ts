/** Python's `__name__ == '__main__'`. */
import { isMainThread } from '#host';
import { SyncError } from '../core/errors.js';
import { duty } from './order.js';
import { runner } from './runner.js';

/**
 * Whether this is the agent in which the program began, and neither a worker nor a child process. Those load the module of
 * their function again, so code that starts the program belongs in `if (isMain)`: Python's `if __name__ == '__main__'`. Unlike
 * that, it is true in each module that this agent loads, not only in the first one.
 *
 * @example
 * ```ts
 * import { isMain } from 'atomics-sync-free/threading';
 * if (isMain) console.log('starts the program'); // starts the program
 * ```
 */
export const isMain: boolean = isMainThread && duty() === undefined;

/** @throws SyncError `ERR_BOOTSTRAPPING` while a worker loads the module of its function */
export function checkNotBootstrapping(): void {
  const here = duty();
  if (here?.loading === undefined) return;
  here.runner ??= runner;
  throw new SyncError(
    'ERR_BOOTSTRAPPING',
    `a worker would start others while it loads ${here.loading} for ${here.order.name}, and each of them would do the ` +
      'same: a worker runs the top level of its module, too. Start them in if (isMain) { … }, or in a function',
  );
}
