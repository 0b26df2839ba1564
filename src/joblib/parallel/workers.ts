/**
 * The backends `'workers'` and `'processes'`: batches are tasks of a Pool, with one start method or the other. Its
 * workers stay for the next Parallel with as many jobs, and keep no program alive. A Parallel with another number of
 * jobs has a pool of its own, in place of one that is idle.
 */

import { BrokenPoolError } from '../../multiprocessing/errors.js';
import { Pool } from '../../multiprocessing/pool/pool.js';
import type { StartMethod } from '../../multiprocessing/start-method.js';
import { asGiven } from '../../tasks/codec/refusal.js';
import { resolveTarget, toldOnce } from '../../tasks/target.js';
import type { BatchOutcome, DelayedCall, ParallelBackend, ParallelSession, RunningBatch } from './backend.js';
import { failureOfResult, type PackedBatch, runBatch } from './batch.js';
import { countedFromEnd } from './n-jobs.js';
import { packed } from './packed-calls.js';
import { CARRIED, SharedArrays } from './shared-arrays.js';

interface Staff {
  readonly pool: Pool;
  users: number;
}

/** The pools of one start method, by how many workers they have. */
type Staffs = Map<number, Staff>;

function hire(staffs: Staffs, workers: number, context: StartMethod): Staff {
  const known = staffs.get(workers);
  if (known !== undefined) return known;
  for (const [size, { pool, users }] of staffs) {
    if (users > 0) continue;
    pool.terminate();
    staffs.delete(size);
  }
  const staff = { pool: new Pool(workers, { context }), users: 0 };
  staffs.set(workers, staff);
  return staff;
}

class WorkersSession implements ParallelSession {
  readonly batches = true;
  readonly #staffs: Staffs;
  readonly #workers: number;
  readonly #staff: Staff;
  /** What puts large arrays into shared memory, and reports which memory only carries them. */
  readonly #arrays: (carried: SharedArrayBuffer[]) => SharedArrays | undefined;

  /** @param maxNbytes from how many bytes on arrays are shared; undefined if memory cannot be shared */
  constructor(staffs: Staffs, workers: number, context: StartMethod, maxNbytes: number | undefined) {
    this.#staffs = staffs;
    this.#workers = workers;
    this.#staff = hire(staffs, workers, context);
    this.#staff.users++;
    const ofAll = maxNbytes === undefined || maxNbytes === Infinity ? undefined : new SharedArrays(maxNbytes);
    this.#arrays = (carried) =>
      maxNbytes === Infinity ? new SharedArrays(CARRIED, (memory) => carried.push(memory)) : ofAll;
  }

  submit(calls: readonly DelayedCall[], done: (outcome: BatchOutcome) => void): RunningBatch {
    const isOne = calls.length === 1;
    // With several calls the error is not reported: they are sent again in parts.
    const ofCall = (error: unknown): unknown => (isOne ? asGiven(error, 'args[0].args', 'args') : error);
    try {
      const result = this.#staff.pool.applyAsync(runBatch, [this.#packed(calls)], {
        callback: done,
        errorCallback: (error) => {
          this.#forgetIfBroken(error);
          const failure = { at: isOne ? 0 : undefined, ...failureOfResult(ofCall(error), 'the result') };
          done({ values: [], duration: 0, failure });
        },
      });
      return { wait: (timeout) => result.wait(timeout), cancel: () => void result.cancel() };
    } catch (error) {
      this.#forgetIfBroken(error);
      throw ofCall(error);
    }
  }

  #packed(calls: readonly DelayedCall[]): PackedBatch {
    const carried: SharedArrayBuffer[] = [];
    const arrays = this.#arrays(carried);
    return { ...packed(calls, textOf, (args) => arrays?.shared(args) ?? args), carried };
  }

  /** Makes the next Parallel get a new pool in place of a broken one. */
  #forgetIfBroken(error: unknown): void {
    const staffs = this.#staffs;
    if (error instanceof BrokenPoolError && staffs.get(this.#workers) === this.#staff) staffs.delete(this.#workers);
  }

  close(): void {
    this.#staff.users--;
  }
}

/** What workers are told of a function. */
const textOf = /* @__PURE__ */ toldOnce((target) => JSON.stringify(resolveTarget(target).call));

function poolsOf(context: StartMethod): ParallelBackend {
  const staffs: Staffs = new Map();
  const sharesMemory = context === 'worker';
  return {
    effectiveNJobs: countedFromEnd,
    open: (nJobs, { maxNbytes = Infinity }) =>
      new WorkersSession(staffs, nJobs, context, sharesMemory ? maxNbytes : undefined),
    release(nJobs) {
      const staff = staffs.get(nJobs);
      if (staff === undefined || staff.users > 0) return;
      staff.pool.terminate();
      staffs.delete(nJobs);
    },
    sharesMemory,
  };
}

export const workers = poolsOf('worker');
export const processes = poolsOf('process');
