/** What the worker of a process does: it finds the function, calls it, and says how it has ended. */
import type { Call } from '../tasks/call.js';
import { explained } from '../tasks/source.js';
import { task } from '../tasks/task.js';
import { SHARED } from './attach.js';
import { find } from './find.js';
import { beProcess, type ProcessInfo } from './here.js';
import { know } from './ring/items.js';

for (const shared of SHARED) know(shared);

/** The exit code of a function that has thrown. */
const THREW = 1;

/** As hosts have it that know exit codes. */
const host: { readonly process?: { readonly exitCode?: number | string | null | undefined } } = globalThis;

/** Found under its name by the worker, in the module that has it: the package's, or what a bundler has made of that. */
export const processMain = task(
  import.meta.url,
  'worker of a process of atomics-sync-free',
  async (call: Call, args: readonly unknown[], here: Omit<ProcessInfo, 'pid'>, parent: ProcessInfo) => {
    beProcess(here, parent);
    try {
      await (await find(call))(...(args as never[]));
      return Number(host.process?.exitCode ?? 0);
    } catch (error) {
      console.error(`Process ${here.name}:`);
      console.error(call.way === 'source' ? explained(error, call) : error);
      return THREW;
    }
  },
);
