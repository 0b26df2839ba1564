/** The worker's side: how a function is called, and how the worker ends or rests after it. */
import { end, importUrl, onExit, onUncaught } from '#host';
import { isFree, leaveAll, nameAgent } from '../core/memory/member.js';
import { turn } from '../core/wait/turns.js';
import { rollOf } from '../host/roll.js';
import type { Notice, Request } from '../host/spawner.js';
import type { Function_ } from './call.js';
import { loadingFailed } from './failure.js';
import { awaited, callWith, cut } from './frame.js';
import { duty, markUsed, type Order, type Rests, type Runner } from './order.js';
import { claimTelling, type Outcome, writeOutcome } from './outcome.js';
import { calledAs } from './own-run.js';
import type { Parcels } from './parcels.js';
import { Rest } from './rest.js';
import { explained } from './source.js';
import { unclaimed } from './unclaimed.js';
import { tellOf } from './untold.js';

export class WorkerRunner implements Runner {
  readonly #parcels: Parcels;
  readonly #leave: () => Promise<void> | undefined;
  /** The order whose outcome has yet to be written. */
  #running: Order | undefined;

  /**
   * @param parcels as packed and unpacked by the agents that start workers
   * @param leave called before the worker ends, to take care of those that it started itself
   */
  constructor(parcels: Parcels, leave: () => Promise<void> | undefined) {
    this.#parcels = parcels;
    this.#leave = leave;
  }

  run(order: Order, fn: Function_): Promise<Order | undefined> {
    this.#begin(order);
    return this.#call(order, fn);
  }

  async fail(order: Order, why: string, cause: unknown): Promise<Order | undefined> {
    this.#begin(order);
    // Unpacked although nothing is called with them: objects in transit in them then arrive, and end with the worker.
    await this.#open(order).catch(() => {});
    return this.#finish(order, { kind: 'threw', error: loadingFailed(why, cause) });
  }

  #begin(order: Order): void {
    this.#running = order;
    nameAgent(order.name);
    const here = duty();
    if (here === undefined) return;
    if (order.berth !== undefined) here.rest ??= new Rest(order.berth);
    if (here.caught === undefined) {
      onUncaught((error) => here.caught?.(error));
      onExit(leaveAll);
    }
    here.caught = (error) => {
      markUsed();
      if (this.#running !== undefined) void this.#finish(this.#running, threw(this.#running, error));
      // The function has already returned: for example, a promise that it left behind was rejected.
      else unclaimed(cut(error), culpritOf(order));
    };
  }

  /** @returns the arguments */
  async #open({ args }: Order): Promise<never[]> {
    const { rarer } = args;
    if (rarer !== undefined && !this.#parcels.knows(rarer.kind)) await loadPart(rarer.home);
    return (this.#parcels.unpack(args) ?? []) as never[];
  }

  async #call(order: Order, fn: Function_): Promise<Order | undefined> {
    let outcome: Outcome;
    try {
      const args = await this.#open(order);
      const rest = duty()?.rest;
      if (rest !== undefined && isFree()) rest.begin();
      outcome = { kind: 'value', value: await awaited(callWith(calledAs(fn, 'Thread'), args)) };
    } catch (error) {
      outcome = threw(order, error);
    }
    return this.#finish(order, outcome);
  }

  async #finish(order: Order, outcome: Outcome): Promise<Order | undefined> {
    if (this.#running !== order) return undefined;
    this.#running = undefined;
    return this.over(order, outcome);
  }

  async over(order: Order, outcome: Outcome): Promise<Order | undefined> {
    const buffers = this.#written(order, outcome);
    const here = duty();
    if (here?.rest !== undefined && !here.isUsed && isFree()) return restAfter(here.rest, order, outcome, buffers);
    await this.#leave();
    // The host reports promises that were rejected meanwhile.
    await turn();
    end(() => {
      leaveAll();
      strike(order, outcome, sent(order, buffers));
      if (order.call.way === 'serve') order.spawner.postMessage({ kind: 'over', entry: order.entry } satisfies Request);
    });
    return undefined;
  }

  /** @returns the memory that the spawner has to bring */
  #written({ outcome: buffer, args }: Order, outcome: Outcome): SharedArrayBuffer[] {
    try {
      return writeOutcome(buffer, outcome, this.#parcels, args.memory);
    } catch (refused) {
      const threw = outcome.kind === 'threw';
      return tellOf(threw, threw ? outcome.error : outcome.value, refused, (error) =>
        writeOutcome(buffer, { kind: 'threw', error }, this.#parcels, args.memory),
      );
    }
  }
}

/**
 * Loads a module of the package. In a bundle it is not at its place, and unpacking the arguments then reports what is not known here.
 */
async function loadPart(url: string): Promise<void> {
  await importUrl(url).catch(() => {});
}

const culpritOf = ({ entry, name, daemon }: Order) => ({ ...entry, name, daemon });

const threw = ({ call }: Order, error: unknown): Outcome & { kind: 'threw' } => ({
  kind: 'threw',
  error: call.way === 'source' ? explained(error, call) : error,
});

/** Reports that the thread has ended; then the worker rests if everything in it is as it was before. */
async function restAfter(
  place: Rests,
  order: Order,
  outcome: Outcome,
  buffers: readonly SharedArrayBuffer[],
): Promise<Order | undefined> {
  const { entry, berth } = order;
  strike(order, outcome, sent(order, buffers));
  if (place.isAsked) berth?.port.postMessage({ kind: 'ended', ident: entry.ident } satisfies Notice);
  // Promises that the function left pending get one more turn, and no longer.
  await turn();
  const next = duty()?.isUsed === false && isFree() && place.isAsBefore() ? await place.next(order) : undefined;
  if (next === undefined) end(leaveAll);
  return next;
}

/**
 * Sends memory to the agent for which the worker runs threads. @returns what the spawner has to bring if there is no such agent
 */
function sent({ entry, berth }: Order, buffers: readonly SharedArrayBuffer[]): readonly SharedArrayBuffer[] {
  if (berth === undefined) return buffers;
  if (buffers.length > 0) berth.port.postMessage({ kind: 'memory', ident: entry.ident, buffers } satisfies Notice);
  return [];
}

/** Strikes the thread off the roll; `buffers` is memory that the spawner has to bring first. */
function strike(order: Order, outcome: Outcome, buffers: readonly SharedArrayBuffer[]): void {
  const { entry, starter, spawner } = order;
  const roll = rollOf(order.roll);
  // A starter that attends now will learn of the end, and read the outcome before it leaves.
  const isHeard = roll.attends(starter);
  if (buffers.length === 0) roll.strike(entry);
  else spawner.postMessage({ kind: 'memory', entry, buffers } satisfies Request);
  if (outcome.kind === 'threw' && !isHeard && claimTelling(order.outcome))
    unclaimed(cut(outcome.error), culpritOf(order));
}
