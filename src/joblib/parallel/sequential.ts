/** The backend `'sequential'`: calls are made where the Parallel is, one at a time. */

import { importUrl } from '#host';
import { isThenable } from '../../core/arguments.js';
import { now } from '../../core/wait/clock.js';
import { exported } from '../../tasks/exported.js';
import { FunctionReference } from '../../tasks/target.js';
import type { BatchOutcome, DelayedCall, ParallelBackend, ParallelSession, RunningBatch } from './backend.js';
import { nameOf } from './delayed.js';

const session: ParallelSession = {
  batches: false,
  lazy: true,
  submit([call], done): RunningBatch {
    const begun = now();
    const end = (outcome: Omit<BatchOutcome, 'duration'>): void => done({ ...outcome, duration: now() - begun });
    const fail = (error: unknown): void => end({ values: [], failure: { error, at: 0 } });
    const running: RunningBatch = {
      wait: () => {
        throw new TypeError(`${nameOf(call)} returned a promise, which only runAsync can wait for`);
      },
      cancel: () => {},
    };
    let value: unknown;
    try {
      value = called(call);
    } catch (error) {
      fail(error);
      return running;
    }
    if (isThenable(value)) value.then((given) => end({ values: [given] }), fail);
    else end({ values: [value] });
    return running;
  },
  close() {},
};

function called({ target, args }: DelayedCall): unknown {
  if (!(target instanceof FunctionReference)) return (target as (...args: readonly unknown[]) => unknown)(...args);
  const { call } = target;
  if (call.way !== 'module') throw new TypeError(`${call.name} cannot be called here`);
  return importUrl(call.url).then((module) => exported(module, call.name, call.url)(...(args as never[])));
}

export const sequential: ParallelBackend = {
  effectiveNJobs: () => 1,
  open: () => session,
  sharesMemory: true,
};
