/** What a worker does with a batch: it makes the calls, one after the other, up to the first that fails. */

import { isThenable } from '../../core/arguments.js';
import { SyncError } from '../../core/errors.js';
import { hereOf } from '../../core/here.js';
import { now } from '../../core/wait/clock.js';
import { find } from '../../multiprocessing/find.js';
import type { Call, Function_ } from '../../tasks/call.js';
import { Codec } from '../../tasks/codec/index.js';
import { asGiven } from '../../tasks/codec/refusal.js';
import { callWith } from '../../tasks/frame.js';
import { knownClasses, knownErrors } from '../../tasks/parcel.js';
import { MOST_FUNCTIONS, Recent } from '../../tasks/recent.js';
import { explained } from '../../tasks/source.js';
import { task } from '../../tasks/task.js';
import { tellOf } from '../../tasks/untold.js';
import type { BatchFailure, BatchOutcome } from './backend.js';
import { enterWorker } from './nesting.js';
import type { PackedCalls } from './packed-calls.js';
import { owned } from './shared-arrays.js';

/** A batch on its way to a worker; each of its functions is sent as a `Call` in JSON. */
export interface PackedBatch extends PackedCalls<string> {
  /** Memory that only carries arrays: the call gets copies of its own. */
  readonly carried?: readonly SharedArrayBuffer[];
}

type Found = readonly [(...args: readonly unknown[]) => unknown, Call];

/** The functions that this worker has called before, by their texts. One that was forgotten is found again. */
const known = new Recent<string, Found>(MOST_FUNCTIONS);

async function functionOf(text: string): Promise<Found> {
  const found = known.get(text);
  if (found !== undefined) return found;
  const call = JSON.parse(text) as Call;
  const added: Found = [(await find(call)) as Function_ as Found[0], call];
  known.set(text, added);
  return added;
}

/**
 * @param error why an outcome cannot be sent
 * @param outcome what the error calls it
 * @returns which call of the batch it is about, if it is about the result of one
 */
export function failureOfResult(error: unknown, outcome: string): BatchFailure {
  const [path, at] = /^.+?\.values\[(\d+)\]/.exec(error instanceof SyncError ? error.message : '') ?? [];
  if (path === undefined || !path.startsWith(outcome)) return { error };
  return { error: asGiven(error, path, 'the result'), at: Number(at) };
}

/** What a call has thrown, or what can be sent of it: an outcome that cannot be sent would lose it. */
function sendable(error: unknown): unknown {
  const memories = { idOf: () => 0, of: () => new SharedArrayBuffer(0) };
  try {
    new Codec({ memories, classes: knownClasses(), errors: knownErrors() }).encodeToBytes(error, 'what was thrown');
    return error;
  } catch (refused) {
    return tellOf(true, error, refused, (told) => told);
  }
}

/** Workers find it by its name, in the module that has it. */
export const runBatch = task(
  hereOf(import.meta.url),
  'batch of atomics-sync-free',
  async ({ functions, indexes, counts, args, carried = [] }: PackedBatch): Promise<BatchOutcome> => {
    enterWorker();
    const values: unknown[] = [];
    let begun = now();
    let current: Found | undefined;
    try {
      const found: Found[] = [];
      for (const text of functions) found.push(await functionOf(text));
      begun = now();
      for (let i = 0, at = 0; i < counts.length; i++) {
        current = found[indexes[i]];
        const end = at + counts[i];
        const own = args.slice(at, end);
        at = end;
        const value = callWith(current[0], carried.length === 0 ? own : owned(own, carried));
        values.push(isThenable(value) ? await value : value);
      }
      return { values, duration: now() - begun };
    } catch (error) {
      const told = current?.[1].way === 'source' ? explained(error, current[1]) : error;
      return { values, duration: now() - begun, failure: { error: sendable(told), at: values.length } };
    }
  },
);
