/**
 * What a worker loads for a function whose module does not import the package, and whose arguments contain nothing of it: one
 * file with as much of the package as is needed to call the function. Loading all of it would make a start half as long again.
 *
 * It is a copy of the package that nobody else sees. Once the package itself is loaded in the worker, by the function's
 * module or by the function, that copy takes over, because all code must use the same classes.
 */
import { thisAgent } from '../core/memory/agent-names.js';
import type { Function_ } from './call.js';
import { Codec } from './codec/index.js';
import { finding } from './finder.js';
import { duty, type Order, type Runner } from './order.js';
import type { Outcome } from './outcome.js';
import { Parcels } from './parcels.js';
import { WorkerRunner } from './run.js';

/** The module that loads all of it. */
const BOOTSTRAP = new URL('../tasks/bootstrap.js', import.meta.url).href;

const isLoaded = (): boolean => thisAgent().isLoaded === true;

class SmallRunner extends WorkerRunner {
  override async run(order: Order, fn: Function_): Promise<Order | undefined> {
    return isLoaded() ? (await whole()).run(order, fn) : super.run(order, fn);
  }

  override async fail(order: Order, why: string, cause: unknown): Promise<Order | undefined> {
    return isLoaded() ? (await whole()).fail(order, why, cause) : super.fail(order, why, cause);
  }

  override async over(order: Order, outcome: Outcome): Promise<Order | undefined> {
    return isLoaded() ? (await whole()).over(order, outcome) : super.over(order, outcome);
  }
}

/** @returns the runner with which the package replaces this one */
async function whole(): Promise<Runner> {
  await import(BOOTSTRAP);
  return duty()?.runner as Runner;
}

const here = duty();
// It starts no workers, and so has none to take care of.
const parcels = new Parcels((memories) => new Codec({ memories }));
if (here !== undefined) here.runner = finding(here, new SmallRunner(parcels, () => undefined));
