/** How a worker of a process or a pool finds the function to call: these workers are not made for one function. */
import { importUrl } from '#host';
import { SyncError } from '../core/errors.js';
import type { Module } from '../host/host.js';
import type { Call, Function_ } from '../tasks/call.js';
import { exported } from '../tasks/exported.js';
import { loadingFailed } from '../tasks/failure.js';
import { servedFunction } from '../tasks/module.js';
import { whyNotLoaded } from '../tasks/not-loaded.js';
import { type Duty, duty, keyOf } from '../tasks/order.js';
import { functionOf } from '../tasks/source.js';

/**
 * @returns the function of a call
 * @throws SyncError `ERR_FUNCTION` or `ERR_SOURCE` when this worker cannot get it
 */
export async function find(call: Call): Promise<Function_> {
  if (call.way === 'source') return functionOf(call.text, call.name);
  if (call.way === 'serve') return servedFunction(call.name);
  const here = duty();
  if (here === undefined) throw new SyncError('ERR_INVARIANT', `no worker for a ${call.way}`);
  let module: Module;
  try {
    const known = call.way === 'task' ? taskOf(here, call) : undefined;
    if (known !== undefined) return known;
    module = await load(here, call.url);
  } catch (error) {
    throw loadingFailed(whyNotLoaded(call.way, call.url, error), error);
  }
  if (call.way === 'module') return exported(module, call.name, call.url);
  const fn = taskOf(here, call);
  if (fn !== undefined) return fn;
  throw new SyncError(
    'ERR_FUNCTION',
    `${call.url} creates no task ${JSON.stringify(call.name)} when a worker loads it`,
  );
}

const taskOf = (here: Duty, { url, name }: { url: string; name: string }): Function_ | undefined =>
  here.tasks.get(keyOf(url, name))?.[0].fn;

/** Loads a user's module, which must not start workers while it loads. */
async function load(here: Duty, url: string): Promise<Module> {
  here.loading = url;
  try {
    return await importUrl(url);
  } finally {
    here.loading = undefined;
  }
}
