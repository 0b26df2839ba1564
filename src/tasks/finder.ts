/** How a worker finds a function whose module does not import the package: by `fromModule`, or sent as source. */
import { importUrl } from '#host';
import { SyncError } from '../core/errors.js';
import { messageOf } from '../core/thrown.js';
import type { Module } from '../host/host.js';
import type { Call, Function_ } from './call.js';
import { exported } from './exported.js';
import { whyNotLoaded } from './not-loaded.js';
import type { Duty, Runner } from './order.js';
import { functionOf } from './source.js';

/** Finds each function itself, and passes it on to be called. */
export const finding = (here: Duty, runner: Runner): Runner => ({
  async run(order) {
    let fn: Function_;
    here.loading = 'url' in order.call ? order.call.url : order.load;
    try {
      fn = await find(order.call);
    } catch (error) {
      const { call } = order;
      const why =
        'url' in call
          ? whyNotLoaded(call.way, call.url, error)
          : `${call.name} could not be found: ${messageOf(error)}`;
      return runner.fail(order, why, error);
    } finally {
      here.loading = undefined;
    }
    return runner.run(order, fn);
  },
  fail: (order, why, cause) => runner.fail(order, why, cause),
  over: (order, outcome) => runner.over(order, outcome),
});

/** Loaded modules by URL: for hosts, finding one again takes longer than most function calls. */
const modules = new Map<string, Module>();

async function load(url: string): Promise<Module> {
  const module = await importUrl(url);
  modules.set(url, module);
  return module;
}

async function find(call: Call): Promise<Function_> {
  if (call.way === 'source') return functionOf(call.text, call.name);
  if (call.way !== 'module') throw new SyncError('ERR_INVARIANT', `this worker was not loaded for a ${call.way}`);
  return exported(modules.get(call.url) ?? (await load(call.url)), call.name, call.url);
}
