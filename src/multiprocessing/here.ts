/** Which process the calling agent is. */
import { client } from '../tasks/client.js';

/** A process, as others see it. */
export interface ProcessInfo {
  /** What it is called. */
  readonly name: string;
  /**
   * A number that no other process or thread of the program has; the operating system's pid for those that it knows as
   * processes. Undefined before the process is started.
   */
  readonly pid: number | undefined;
  /** Whether it ends with the process that started it, and cannot start others. */
  readonly daemon: boolean;
}

/** The process that this agent is and its parent, if it is the worker of a process or of a pool. */
let told: { readonly here: Omit<ProcessInfo, 'pid'> & Partial<ProcessInfo>; readonly parent: ProcessInfo } | undefined;

/**
 * Makes this agent a process.
 *
 * @param here what it is; its pid is its ident by default
 */
export function beProcess(here: Omit<ProcessInfo, 'pid'> & Partial<ProcessInfo>, parent: ProcessInfo): void {
  told = { here, parent };
}

/**
 * Reports which process the caller is: Python's `current_process`.
 *
 * @returns its name, pid, and whether it is a daemon. A thread, in whichever process it was started, is reported as
 *   `MainProcess`, not a daemon, with its own ident as the pid
 *
 * @example
 * ```ts
 * import { currentProcess } from 'atomics-sync-free/multiprocessing';
 * console.log(currentProcess().name, currentProcess().daemon); // MainProcess false
 * ```
 */
export function currentProcess(): ProcessInfo {
  const { entry } = client();
  const { name, daemon, pid = entry.ident } = told?.here ?? { name: 'MainProcess', daemon: false };
  return { name, pid, daemon };
}

/**
 * Reports which process started this one: Python's `parent_process`.
 *
 * @returns the parent of the caller's process; undefined in the process in which the program began, and in threads
 *
 * @example
 * ```ts
 * import { parentProcess } from 'atomics-sync-free/multiprocessing';
 * console.log(parentProcess()); // undefined
 * ```
 */
export const parentProcess = (): ProcessInfo | undefined => told?.parent;
