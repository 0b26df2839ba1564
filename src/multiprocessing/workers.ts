/** The options for the workers of processes and pools, and which of them each kind of worker takes. */
import type { ChildSettings } from '../host/settings.js';
import { type WorkerOptions, type Workers, workersBy } from '../tasks/settings.js';
import type { StartMethod } from './start-method.js';

/**
 * The options in the client's form, and those that a child process is started with, in place of its keeper: a worker refuses
 * `execArgv`, and an `env.NODE_OPTIONS`, that only a process can have.
 */
export interface ProcessWorkers extends Workers {
  readonly child: ChildSettings | undefined;
}

/**
 * @param isServed whether the program makes the workers itself, from a file that calls `serve`
 * @throws TypeError or RangeError when an option is invalid, or such workers do not take it
 */
export function workersOf(options: WorkerOptions, method: StartMethod, isServed: boolean): ProcessWorkers {
  const workers = workersBy(options, isServed);
  const { env, execArgv, resourceLimits } = workers.settings;
  if (method === 'worker') return { ...workers, child: undefined };
  if (resourceLimits !== undefined)
    throw new TypeError(
      "resourceLimits are for workers; with the start method 'process', use execArgv: ['--max-old-space-size=…']",
    );
  if (workers.onOutput !== undefined)
    throw new TypeError("stdio is for workers; with the start method 'process', output goes where the program's goes");
  return { settings: {}, onOutput: undefined, child: { env: env && { ...env }, execArgv } };
}
