/** What a process does: it finds the function, calls it, and reports how it ended. */
import { hereOf } from '../core/here.js';
import type { Call } from '../tasks/call.js';
import { awaited, callWith, cut } from '../tasks/frame.js';
import { calledAs } from '../tasks/own-run.js';
import { explained } from '../tasks/source.js';
import { task } from '../tasks/task.js';
import { SHARED } from './attach.js';
import { find } from './find.js';
import { beProcess, type ProcessInfo, type Self } from './here.js';
import { partsEnd } from './parts.js';
import { know } from './ring/items.js';

for (const shared of SHARED) know(shared);

/** The exit code of a function that has thrown. */
const THREW = 1;

/** `process`, on hosts that know exit codes. */
const host: { readonly process?: { readonly exitCode?: number | string | null | undefined } } = globalThis;

/** The worker finds it by its name in the module that has it: the package's, or what a bundler made of that. */
export const processMain = task(
  hereOf(import.meta.url),
  'worker of a process of atomics-sync-free',
  async (call: Call, args: readonly unknown[], here: Self, parent: ProcessInfo) => {
    beProcess(here, parent);
    const code = await perform(call, args, here.name);
    await partsEnd();
    return code;
  },
);

/**
 * Calls the function of a process; for a class of processes, makes one and runs it. An error is printed.
 *
 * @returns the exit code
 */
export async function perform(call: Call, args: readonly unknown[], name: string): Promise<number> {
  try {
    const found = await find(call);
    await awaited(callWith(calledAs(found, 'Process'), args));
    return Number(host.process?.exitCode ?? 0);
  } catch (error) {
    console.error(`Process ${name}:`);
    console.error(cut(call.way === 'source' ? explained(error, call) : error));
    return THREW;
  }
}
