/** The worker's side: how a function is called, and how the worker is over with it. */
import { end, onUncaught } from '#host';
import { isFree, leaveAll, nameAgent } from '../core/memory/member.js';
import { turn } from '../core/wait/turns.js';
import { rollOf } from '../host/roll.js';
import type { Notice, Request } from '../host/spawner.js';
import type { Function_ } from './call.js';
import { knownClient } from './client.js';
import { loadingFailed } from './failure.js';
import { duty, markUsed, type Order, type Runner } from './order.js';
import { claimTelling, type Outcome, writeOutcome } from './outcome.js';
import { unpack } from './parcel.js';
import { Rest } from './rest.js';
import { explained } from './source.js';
import { unclaimed } from './unclaimed.js';
import { untold } from './untold.js';

/** Of whose function the outcome is yet to be written. */
let running: Order | undefined;
/** Where the worker rests between two threads, if it runs more than one. */
let rest: Rest | undefined;

export const runner: Runner = {
  run(order, fn) {
    begin(order);
    return call(order, fn);
  },
  fail(order, why, cause) {
    begin(order);
    take(order);
    return finish(order, { kind: 'threw', error: loadingFailed(why, cause) });
  },
};

let listens = false;

function begin(order: Order): void {
  running = order;
  nameAgent(order.name);
  if (order.berth !== undefined) rest ??= new Rest(order.berth);
  if (listens) return;
  listens = true;
  onUncaught((error) => {
    markUsed();
    if (running !== undefined) void finish(running, threw(running, error));
  });
}

/** What was sent has come here, although nobody is to be called with it: it ends with the worker. */
function take({ args }: Order): void {
  try {
    unpack(args);
  } catch {}
}

async function call(order: Order, fn: Function_): Promise<Order | undefined> {
  let outcome: Outcome;
  try {
    const args = (unpack(order.args) ?? []) as never[];
    if (rest !== undefined && isFree()) rest.begin();
    outcome = { kind: 'value', value: await fn(...args) };
  } catch (error) {
    outcome = threw(order, error);
  }
  return finish(order, outcome);
}

const threw = ({ call }: Order, error: unknown): Outcome & { kind: 'threw' } => ({
  kind: 'threw',
  error: call.way === 'source' ? explained(error, call) : error,
});

/** Writes the outcome, and has the worker rest, or ends it with whatever the function has left behind. */
async function finish(order: Order, outcome: Outcome): Promise<Order | undefined> {
  if (running !== order) return undefined;
  running = undefined;
  const buffers = written(order, outcome);
  if (rest !== undefined && duty()?.isUsed === false && isFree()) return restAfter(rest, order, outcome, buffers);
  await knownClient()?.leave();
  end(() => {
    leaveAll();
    strike(order, outcome, buffers);
  });
  return undefined;
}

/** Says that the thread has ended, and has the worker rest if everything in it is as it was before. */
async function restAfter(
  place: Rest,
  order: Order,
  outcome: Outcome,
  buffers: readonly SharedArrayBuffer[],
): Promise<Order | undefined> {
  const { entry, berth } = order;
  const tell = (notice: Notice): void => berth?.port.postMessage(notice);
  if (buffers.length > 0) tell({ kind: 'memory', ident: entry.ident, buffers });
  strike(order, outcome, []);
  if (place.isAsked) tell({ kind: 'ended', ident: entry.ident });
  // Promises that the function has left may go on until then, and no longer.
  await turn();
  const next = duty()?.isUsed === false && isFree() && place.isAsBefore() ? await place.next(order) : undefined;
  if (next === undefined) end(leaveAll);
  return next;
}

/** Strikes the thread off the roll; `buffers` is memory that the spawner is to bring before. */
function strike(order: Order, outcome: Outcome, buffers: readonly SharedArrayBuffer[]): void {
  const { entry, starter, spawner, name, daemon } = order;
  const roll = rollOf(order.roll);
  // Who attends now learns of the end, and looks at what there is before it leaves.
  const isHeard = roll.attends(starter);
  if (buffers.length === 0) roll.strike(entry);
  else spawner.postMessage({ kind: 'memory', entry, buffers } satisfies Request);
  if (outcome.kind === 'threw' && !isHeard && claimTelling(order.outcome))
    unclaimed(outcome.error, { ...entry, name, daemon });
}

/** @returns the memory that the spawner is to bring */
function written({ outcome: buffer, args }: Order, outcome: Outcome): SharedArrayBuffer[] {
  try {
    return writeOutcome(buffer, outcome, args.memory);
  } catch (refused) {
    const error = outcome.kind === 'value' ? refused : untold(outcome.error, refused);
    return writeOutcome(buffer, { kind: 'threw', error }, args.memory);
  }
}
