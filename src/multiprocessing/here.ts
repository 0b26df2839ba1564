/** Which process the calling agent is, or runs in. */
import { MAIN_IDENT } from '../host/roll.js';
import { type Duty, duty } from '../tasks/order.js';
import type { ProcessInfo } from '../tasks/process-info.js';

export type { ProcessInfo };

/** What a process is told about itself. */
export interface Self extends Omit<ProcessInfo, 'pid'> {
  /** The numbers of its ancestors and its own, such as `1:2`. */
  readonly path?: string | undefined;
}

const MAIN_PROCESS: ProcessInfo = { name: 'MainProcess', pid: MAIN_IDENT, daemon: false };

/**
 * Makes this agent a process; the threads that it starts run in it.
 *
 * @param self what it is; its pid is its ident by default
 */
export function beProcess(self: Self & Partial<ProcessInfo>, parent: ProcessInfo): void {
  const own = duty() as Duty;
  const { path = '', ...here } = self;
  // A child process has a roll of its own, on which it comes first.
  const { ident = MAIN_IDENT } = own.order.entry ?? {};
  own.within = { here: { pid: ident, ...here }, parent, ident, path };
}

/**
 * Reports which process the caller runs in: Python's `current_process`.
 *
 * @returns its name, pid, and whether it is a daemon; in a thread, those of the process that the thread is part of
 *
 * @example
 * ```ts
 * import { currentProcess } from 'atomics-sync-free/multiprocessing';
 * console.log(currentProcess().name, currentProcess().daemon); // MainProcess false
 * ```
 */
export const currentProcess = (): ProcessInfo => ({ ...(duty()?.within?.here ?? MAIN_PROCESS) });

/**
 * Reports which process started this one: Python's `parent_process`.
 *
 * @returns the parent of the caller's process; undefined in the process in which the program began
 *
 * @example
 * ```ts
 * import { parentProcess } from 'atomics-sync-free/multiprocessing';
 * console.log(parentProcess()); // undefined
 * ```
 */
export const parentProcess = (): ProcessInfo | undefined => duty()?.within?.parent;
