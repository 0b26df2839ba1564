/** What a process does: it finds the function, calls it, and reports how it ended. */
import { hereOf } from '../core/here.js';
import { print } from '../core/thrown.js';
import { turn } from '../core/wait/turns.js';
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
/** That of a function whose promise nothing can settle any more: Node's own for a program that awaits such a one. */
const UNSETTLED = 13;

/** `process`, on hosts that know exit codes. */
interface HostProcess {
  exitCode?: number | string | null | undefined;
  on?(event: 'beforeExit' | 'exit', listener: (code: number) => void): unknown;
  off?(event: 'beforeExit' | 'exit', listener: (code: number) => void): unknown;
}
const host: { readonly process?: HostProcess } = globalThis;

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
  const settled = expectSettled(name);
  try {
    const found = await find(call);
    await awaited(callWith(calledAs(found, 'Process'), args));
    // A promise that it left rejected ends a process, as it ends a program of Node's.
    await turn();
    settled();
    return Number(host.process?.exitCode ?? 0);
  } catch (error) {
    settled();
    console.error(`Process ${name}:`);
    print(cut(call.way === 'source' ? explained(error, call) : error));
    return THREW;
  }
}

/**
 * Lets a process that ends by itself before its function does say so, and not have the exit code of one that is done.
 *
 * @returns to be called when the function has ended
 */
function expectSettled(name: string): () => void {
  const { process } = host;
  if (process?.on === undefined) return () => {};
  let given: HostProcess['exitCode'];
  let isMarked = false;
  // A listener of the function's own may still give the event loop something to do, and settle the promise.
  const idle = (): void => {
    if (Number(process.exitCode ?? 0) !== 0) return;
    given = process.exitCode;
    isMarked = true;
    process.exitCode = UNSETTLED;
  };
  const ended = (code: number): void => {
    if (isMarked && code === UNSETTLED)
      console.error(`Process ${name}: nothing was left that could settle the promise of its function`);
  };
  process.on('beforeExit', idle);
  process.on('exit', ended);
  return () => {
    process.off?.('beforeExit', idle);
    process.off?.('exit', ended);
    if (isMarked && process.exitCode === UNSETTLED) process.exitCode = given;
  };
}
