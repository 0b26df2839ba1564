/**
 * The program that a worker runs first. It contains only as much of the package as is needed to load a function: the
 * function comes with the copy of the package that its module imports, so that both use the same classes.
 */
import { end, importUrl, preload, printDirectly, serve, takeStock } from '#host';
import { cloneable } from '../core/thrown.js';
import type { Request } from '../host/spawner.js';
import { whyNotLoaded } from './not-loaded.js';
import { type Duty, keyOf, type Order, takeOn } from './order.js';

serve<Order>(async (order) => {
  const here = takeOn(order, order.berth && takeStock?.());
  if (order.prints) printDirectly();
  try {
    await preload(order.compileCache);
    await importUrl(order.load as string);
  } catch (error) {
    await failed(here, order, error, whyNotLoaded(order.call.way, order.load as string, error));
    return;
  }
  here.loading = undefined;
  for (let now: Order | undefined = order; now !== undefined; now = await begin(here, now)) here.order = now;
});

/** Never called: for ways other than a task, the loaded copy finds the function itself. */
const noTask = (): void => {};

async function begin(here: Duty, order: Order): Promise<Order | undefined> {
  const { runner, tasks } = here;
  const { call, load } = order;
  if (call.way !== 'task') return runner?.run(order, noTask);
  const [registered, ...others] = tasks.get(keyOf(call.url, call.name)) ?? [];
  const name = JSON.stringify(call.name);
  if (registered === undefined) {
    const why =
      `${load} was loaded in the worker and creates no task ${name}; call task() whenever the module is loaded, ` +
      'with its import.meta.url (which webpack turns into a path: give the function to serve() instead)';
    return failed(here, order, undefined, why);
  }
  if (others.length > 0)
    return failed(here, order, undefined, `${load} creates more than one task ${name}; give each a name of its own`);
  return registered.runner.run(order, registered.fn);
}

async function failed({ runner }: Duty, order: Order, cause: unknown, why: string): Promise<Order | undefined> {
  // A copy of the package that has already been loaded can send the complete error.
  if (runner !== undefined) return runner.fail(order, why, cause);
  const { spawner, entry } = order;
  spawner.postMessage({ kind: 'failed', entry, why, cause: cloneable(cause) } satisfies Request);
  end(() => {});
  return undefined;
}
