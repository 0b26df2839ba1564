/** The worker's side: how a function is called, and how the worker is over with it. */
import { end, onUncaught } from '#host';
import { SyncError } from '../core/errors.js';
import { leaveAll } from '../core/memory/member.js';
import { Roll } from '../host/roll.js';
import type { Request } from '../host/spawner.js';
import type { Function_ } from './call.js';
import { knownClient } from './client.js';
import { loadingFailed } from './failure.js';
import type { Order, Runner } from './order.js';
import { claimTelling, type Outcome, writeOutcome } from './outcome.js';
import { unpack } from './parcel.js';
import { explained } from './source.js';
import { unclaimed } from './unclaimed.js';

export const runner: Runner = {
  async run(order, fn) {
    onUncaught((error) => void finish(order, threw(order, error)));
    await finish(order, await outcomeOf(order, fn));
  },
  fail: (order, why, cause) => finish(order, { kind: 'threw', error: loadingFailed(why, cause) }),
};

async function outcomeOf(order: Order, fn: Function_): Promise<Outcome> {
  try {
    return { kind: 'value', value: await fn(...(unpack(order.args) as never[])) };
  } catch (error) {
    return threw(order, error);
  }
}

const threw = ({ call }: Order, error: unknown): Outcome & { kind: 'threw' } => ({
  kind: 'threw',
  error: call.way === 'source' ? explained(error, call) : error,
});

let finished = false;

/** Writes the outcome, and ends the worker with whatever the function has left behind. */
async function finish(order: Order, outcome: Outcome): Promise<void> {
  if (finished) return;
  finished = true;
  const buffers = written(order, outcome);
  await knownClient()?.leave();
  end(() => {
    leaveAll();
    const { entry, starter, spawner, name, daemon } = order;
    const roll = new Roll(order.roll);
    // Who attends now learns of the end, and looks at what there is before it leaves.
    const isHeard = roll.attends(starter);
    if (buffers.length === 0) roll.strike(entry);
    else spawner.postMessage({ kind: 'memory', entry, buffers } satisfies Request);
    if (outcome.kind === 'threw' && !isHeard && claimTelling(order.outcome))
      unclaimed(outcome.error, { ...entry, name, daemon });
  });
}

/** @returns the memory that the spawner is to bring */
function written({ outcome: buffer, args }: Order, outcome: Outcome): SharedArrayBuffer[] {
  try {
    return writeOutcome(buffer, outcome, args.memory);
  } catch (refused) {
    const error = outcome.kind === 'value' ? refused : untold(outcome.error, refused as Error);
    return writeOutcome(buffer, { kind: 'threw', error }, args.memory);
  }
}

/** What is told of an error that cannot be sent. */
function untold(error: unknown, refused: Error): SyncError {
  const text = error instanceof Error ? error.stack : String(error);
  return new SyncError('ERR_NOT_CLONEABLE', `${refused.message}; it was: ${text}`);
}
