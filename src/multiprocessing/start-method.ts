/** How processes are started: as workers of this process, or as processes of the operating system. */
import { checkFields, shown } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import { inherited, ownSettings, setInherited } from '../tasks/inherited.js';
import { hasChildren } from '../tasks/keep.js';

/**
 * How a process is started.
 *
 * - `'worker'`, the default: as a worker, an isolate of its own in this process of the operating system. Everything of
 *   this package can be shared with it.
 * - `'process'`: as a process of the operating system. It shares no memory with others, and nothing that happens to it
 *   happens to others.
 */
export type StartMethod = 'worker' | 'process';

/** How processes are started: a method or a context. */
export type StartContext =
  | StartMethod
  | {
      /** How its processes are started. */
      readonly startMethod: StartMethod;
    };

const ALL: readonly StartMethod[] = hasChildren ? ['worker', 'process'] : ['worker'];

const FIELDS = { force: true } as const;

/**
 * Python's `get_all_start_methods`.
 *
 * @returns the methods that this host has, the default first: in browsers there is `'worker'` only
 *
 * @example
 * ```ts
 * import { getAllStartMethods } from 'atomics-sync-free/multiprocessing';
 * console.log(getAllStartMethods()); // [ 'worker', 'process' ]
 * ```
 */
export const getAllStartMethods = (): StartMethod[] => [...ALL];

/**
 * Python's `get_start_method`.
 *
 * @returns how this agent starts processes and pools that do not specify it themselves: as it was set here, or by the agent
 *   that started this one before it did
 *
 * @example
 * ```ts
 * import { getStartMethod } from 'atomics-sync-free/multiprocessing';
 * console.log(getStartMethod()); // worker
 * ```
 */
export const getStartMethod = (): StartMethod => {
  const { startMethod } = inherited();
  return ALL.find((method) => method === startMethod) ?? ALL[0];
};

/**
 * Sets how this agent, and all that it starts from now on, start processes and pools that do not specify it themselves: once,
 * where the program begins. Python's `set_start_method`.
 *
 * @param method the start method
 * @param options `force`: whether it may have been set before
 * @throws TypeError when this host has no such start method, or an option is invalid
 * @throws SyncError `ERR_START_METHOD` when it has been set before, and `force` is not true
 *
 * @example
 * ```ts
 * import { getStartMethod, setStartMethod } from 'atomics-sync-free/multiprocessing';
 * setStartMethod('process');
 * console.log(getStartMethod()); // process
 * setStartMethod('worker', { force: true });
 * ```
 */
export function setStartMethod(method: StartMethod, options: { readonly force?: boolean | undefined } = {}): void {
  const known = startMethodOf(method);
  checkFields('setStartMethod', options, FIELDS);
  const { startMethod: chosen } = ownSettings();
  if (chosen !== undefined && options.force !== true)
    throw new SyncError(
      'ERR_START_METHOD',
      `the start method was already set to '${chosen}'; set it once, pass { force: true }, or use getContext('${known}')`,
    );
  setInherited({ startMethod: known });
}

/**
 * @param context what the user gave; by default the method that `setStartMethod` set
 * @throws TypeError when it names no start method of this host
 */
export function startMethodOf(context: unknown = getStartMethod()): StartMethod {
  const method: unknown =
    typeof context === 'object' ? (context as { startMethod?: unknown } | null)?.startMethod : context;
  const known = ALL.find((one) => one === method);
  if (known !== undefined) return known;
  throw new TypeError(
    `a start method must be ${ALL.map(shown).join(' or ')} here, or a context, not ${shown(context)}`,
  );
}
