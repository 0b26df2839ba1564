/** Which process the calling agent is. */
import { client } from '../tasks/client.js';

/** A process, as others know it. */
export interface ProcessInfo {
  /** What it is called. */
  readonly name: string;
  /**
   * A number that no other process or thread of the program has; the operating system's, for those that it knows as
   * processes. Undefined before it is started.
   */
  readonly pid: number | undefined;
  /** Whether it ends with the process that has started it, and cannot start others. */
  readonly daemon: boolean;
}

/** What this agent was told, if it is the worker of a process or of a pool. */
let told: { readonly here: Omit<ProcessInfo, 'pid'> & Partial<ProcessInfo>; readonly parent: ProcessInfo } | undefined;

/**
 * Makes this agent that of a process.
 *
 * @param here what it is; its pid is its ident by default
 */
export function beProcess(here: Omit<ProcessInfo, 'pid'> & Partial<ProcessInfo>, parent: ProcessInfo): void {
  told = { here, parent };
}

/**
 * Tells which process this is: Python's `current_process`.
 *
 * @returns the process that the caller is: name, pid, and whether it is a daemon. A thread is as the process in which the
 *   program began
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
 * Tells which process has started this one: Python's `parent_process`.
 *
 * @returns the parent of the process that the caller is; undefined where the program began
 *
 * @example
 * ```ts
 * import { parentProcess } from 'atomics-sync-free/multiprocessing';
 * console.log(parentProcess()); // undefined
 * ```
 */
export const parentProcess = (): ProcessInfo | undefined => told?.parent;
