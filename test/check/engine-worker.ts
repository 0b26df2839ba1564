/** A worker that runs one program, an instruction a command, so that the test decides the order over all workers. */
import { parentPort, workerData } from 'node:worker_threads';
import { encoded, execute, type Instruction } from './engine-program.js';

export interface EngineData {
  /** Words of all programs, two a program. */
  readonly memory: Int32Array;
  /** {@link Control} of this worker. */
  readonly control: Int32Array;
  readonly programs: readonly (readonly Instruction[])[];
}

/** Words of a worker's control block. */
export const Control = {
  /** Counts commands; the worker sleeps on it. */
  command: 0,
  program: 1,
  /** Index in the program, or {@link REPORT}. */
  instruction: 2,
  /** Counts replies; the test sleeps on it. */
  reply: 3,
  result: 4,
  words: 5,
} as const;

/** The command to let the event loop run until `Control.result` async waits are over, and to reply which ones are. */
export const REPORT = -1;

/** Turns of the event loop granted beyond the expected ones, in which no further async wait may be over. */
const EXTRA_TURNS = 3;
const REPORT_LIMIT_MS = 2000;

async function serve({ memory, control, programs }: EngineData): Promise<void> {
  let over = 0;
  let waits = 0;
  let program = -1;
  for (let seen = 0; ; seen++) {
    Atomics.wait(control, Control.command, seen);
    const current = Atomics.load(control, Control.program);
    if (current !== program) [program, over, waits] = [current, 0, 0];
    const instruction = Atomics.load(control, Control.instruction);
    if (instruction === REPORT) {
      const expected = Atomics.load(control, Control.result);
      const limit = Date.now() + REPORT_LIMIT_MS;
      for (let extra = 0; extra < EXTRA_TURNS && Date.now() < limit; extra += bits(over) >= expected ? 1 : 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      Atomics.store(control, Control.result, over);
    } else {
      const words = memory.subarray(2 * program, 2 * program + 2);
      const result = execute(words, programs[program][instruction], (promise) => {
        const wait = ++waits;
        promise.then(() => {
          if (current === program) over |= 1 << wait;
        });
        return wait;
      });
      Atomics.store(control, Control.result, encoded(result));
    }
    Atomics.add(control, Control.reply, 1);
    Atomics.notify(control, Control.reply);
  }
}

function bits(set: number): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count++;
  return count;
}

// The test imports the constants of this file too; only a worker serves.
if (parentPort !== null) void serve(workerData as EngineData);
