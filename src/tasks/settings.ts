/** The settings of a worker to be started, checked before anything is started. */
import { checkFields, checkRecord, type Fields } from '../core/arguments.js';
import type { Limits, Stream, WorkerSettings } from '../host/settings.js';

/** Options for the worker of a thread or of a process, and for those of a pool. */
export interface WorkerOptions {
  /** `process.env` in the worker; a copy by default. Not in browsers. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Command-line options of the host for it; by default those of the program. Not in browsers. */
  readonly execArgv?: readonly string[] | undefined;
  /** The sizes of its heap and its stack, in MB. Not in browsers and Bun, nor with the start method `'process'`. */
  readonly resourceLimits?: Limits | undefined;
  /**
   * Where its output goes: where the program prints (`inherit`, the default), nowhere, or to a function, together with the
   * stream that it was printed to. In browsers and Deno it is printed in any case. Not with the start method `'process'`:
   * child processes print where the program does.
   */
  readonly stdio?: 'inherit' | 'ignore' | ((text: string, stream: Stream) => void) | undefined;
}

export const WORKER_FIELDS: Fields<WorkerOptions> = { env: true, execArgv: true, resourceLimits: true, stdio: true };

/** The same in the form that the client takes. */
export interface Workers {
  readonly settings: WorkerSettings;
  /** Receives what they print; by default they print where the program does. */
  readonly onOutput: ((text: string, stream: Stream) => void) | undefined;
}

/**
 * @param isServed whether the program creates the workers itself, from a file that serves
 * @throws TypeError or RangeError when an option is invalid, or not available for such workers
 */
export function workersBy(options: WorkerOptions, isServed: boolean): Workers {
  const { stdio = 'inherit', env, execArgv, resourceLimits } = options;
  if (typeof stdio !== 'function' && stdio !== 'inherit' && stdio !== 'ignore')
    throw new TypeError("stdio must be 'inherit', 'ignore' or a function");
  if (isServed && (env ?? execArgv ?? resourceLimits ?? options.stdio) !== undefined)
    throw new TypeError(
      'a worker that runs a file with serve() takes env, execArgv, resourceLimits and stdio from its `new Worker(…)`',
    );
  const settings = { env, execArgv, resourceLimits };
  checkSettings(settings);
  return { settings, onOutput: stdio === 'ignore' ? () => {} : stdio === 'inherit' ? undefined : stdio };
}

/** In MB. With less than about 0.3, a Node worker fails to start and takes the process down with it. */
const LEAST_STACK = 0.5;

const LIMITS: Fields<Limits> = {
  maxOldGenerationSizeMb: true,
  maxYoungGenerationSizeMb: true,
  codeRangeSizeMb: true,
  stackSizeMb: true,
};

/** @throws TypeError or RangeError when a setting is invalid */
export function checkSettings({ env, execArgv, resourceLimits }: WorkerSettings): void {
  if (env !== undefined && !isOfStrings(env))
    throw new TypeError('env must be an object of strings; process.env itself cannot be shared with a worker');
  if (execArgv !== undefined && !(Array.isArray(execArgv) && execArgv.every((option) => typeof option === 'string')))
    throw new TypeError('execArgv must be an array of strings');
  if (resourceLimits === undefined) return;
  checkRecord('resourceLimits', resourceLimits);
  checkFields('resourceLimits', resourceLimits, LIMITS);
  for (const [name, size] of Object.entries(resourceLimits)) {
    if (size !== undefined && typeof size !== 'number')
      throw new TypeError('resourceLimits must be an object of numbers, in MB');
    const least = name === 'stackSizeMb' ? LEAST_STACK : 0;
    if (size !== undefined && !(size > 0 && size >= least && size < Infinity))
      throw new RangeError(
        `resourceLimits.${name} must be a size in MB, ${least === 0 ? 'above 0' : `${least} or more`}, not ${size}`,
      );
  }
}

/** A Map would be taken for an object without properties. */
const isOfStrings = (env: unknown): boolean =>
  typeof env === 'object' &&
  env !== null &&
  !(Symbol.iterator in env) &&
  Object.values(env).every((value) => value === undefined || typeof value === 'string');
