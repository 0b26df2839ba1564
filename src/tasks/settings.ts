/** What may be said of a worker that is to be started, checked before anything is. */
import { checkFields, checkRecord, type Fields } from '../core/arguments.js';
import type { Limits, WorkerSettings } from '../host/settings.js';

/** MB. With less than about 0.3 a worker of Node does not come up, and takes the process with it. */
const LEAST_STACK = 0.5;

const LIMITS: Fields<Limits> = {
  maxOldGenerationSizeMb: true,
  maxYoungGenerationSizeMb: true,
  codeRangeSizeMb: true,
  stackSizeMb: true,
};

/** @throws TypeError or RangeError when a setting is not what it must be */
export function checkSettings({ env, execArgv, resourceLimits }: WorkerSettings): void {
  if (env !== undefined && !isOfStrings(env))
    throw new TypeError('env is an object of strings; process.env itself cannot be shared with a worker');
  if (execArgv !== undefined && !(Array.isArray(execArgv) && execArgv.every((option) => typeof option === 'string')))
    throw new TypeError('execArgv is an array of strings');
  if (resourceLimits === undefined) return;
  checkRecord('resourceLimits', resourceLimits);
  checkFields('resourceLimits', resourceLimits, LIMITS);
  for (const [name, size] of Object.entries(resourceLimits)) {
    if (size !== undefined && typeof size !== 'number')
      throw new TypeError('resourceLimits are an object of numbers, in MB');
    const least = name === 'stackSizeMb' ? LEAST_STACK : 0;
    if (size !== undefined && !(size > 0 && size >= least && size < Infinity))
      throw new RangeError(
        `resourceLimits.${name} is a size in MB, ${least === 0 ? 'above 0' : `${least} or more`}, not ${size}`,
      );
  }
}

/** A Map would be taken for an object without properties. */
const isOfStrings = (env: unknown): boolean =>
  typeof env === 'object' &&
  env !== null &&
  !(Symbol.iterator in env) &&
  Object.values(env).every((value) => value === undefined || typeof value === 'string');
