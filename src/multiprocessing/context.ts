/** Python's contexts: the classes that start processes, for one start method. */
import { checkOptions } from '../core/arguments.js';
import type { PoolOptions } from './pool/options.js';
import { Pool } from './pool/pool.js';
import { type PlainProcessOptions, Process, type ProcessOptions } from './process.js';
import { type StartMethod, startMethodOf } from './start-method.js';

/** The class `Process`, for one start method. */
export interface ProcessClass {
  /**
   * Makes a process. It does not run until it is started.
   *
   * @param options what it calls, and how
   * @throws as the constructor of `Process` does
   */
  new (options: PlainProcessOptions): Process;
  /**
   * Makes a process. It does not run until it is started.
   *
   * @param options what it calls, and how
   * @throws as the constructor of `Process` does
   */
  new <Args extends unknown[]>(options: ProcessOptions<Args>): Process<Args>;
}

/** The class `Pool`, for one start method. */
export interface PoolClass {
  /**
   * Makes a pool, and starts its workers.
   *
   * @param processes how many workers, 1 … 512; as many as there are processors by default
   * @param options how they begin and end
   * @throws as the constructor of `Pool` does
   */
  // biome-ignore lint/suspicious/noExplicitAny: as in Pool
  new <Args extends any[] = any[]>(processes?: number, options?: PoolOptions<Args>): Pool;
}

/**
 * Starts processes by one start method: Python's context. It does not affect other contexts. Its classes extend those
 * of the package, so their objects are instances of those.
 */
export interface Context {
  /** How its processes are started. */
  readonly startMethod: StartMethod;
  /** `Process`, by this method. */
  readonly Process: ProcessClass;
  /** `Pool`, by this method. */
  readonly Pool: PoolClass;
}

/**
 * Python's `get_context`.
 *
 * @param method a start method; by default the one that `setStartMethod` set
 * @returns the context
 * @throws TypeError when this host has no such start method
 *
 * @example
 * ```ts
 * import { getContext } from 'atomics-sync-free/multiprocessing';
 * const context = getContext('process');
 * const child = new context.Process({ target: () => process.exit(3) });
 * child.start();
 * child.join();
 * console.log(child.exitcode); // 3
 * ```
 */
export function getContext(method?: StartMethod): Context {
  const startMethod = startMethodOf(method);
  const context = { startMethod };
  return {
    startMethod,
    Process: class<Args extends unknown[]> extends Process<Args> {
      constructor(options: ProcessOptions<Args>) {
        checkOptions(options);
        super({ ...options, context });
      }
    } as ProcessClass,
    Pool: class extends Pool {
      constructor(processes?: number, options: PoolOptions = {}) {
        checkOptions(options);
        super(processes, { ...options, context });
      }
    },
  };
}
