/** Runs functions of interpreters on real worker threads that start at the same time. */
import { start } from '#host';
import type { Interpreter } from '../gil/index.js';
import type { HostWorker } from '../host/host.js';
import { type Arena, share } from '../index.js';
import type { Report, Task } from './worker.js';

/** What one thread is to do. */
export interface Call {
  readonly interpreter: Interpreter;
  /** A function of its program. */
  readonly name: string;
  readonly args?: readonly number[];
}

/** How it went. */
export interface Run {
  /** From the common start to the end of the last thread, in ms. */
  readonly elapsed: number;
  /** Which agent each thread was. */
  readonly agents: readonly number[];
}

export interface RunOptions {
  /** Called once, this many ms after the start, to stop threads that run until told to stop. */
  readonly stop?: { readonly after: number; readonly how: () => void };
  /** Where the threads record their use of the GIL, as `thread 1` and so on. */
  readonly trace?: Arena;
  /** How long all of it may take, in ms; 120,000 by default. */
  readonly limit?: number;
}

/**
 * Runs calls on worker threads, each on one of its own; all start when all are up.
 *
 * @param calls one for each thread
 * @param options when to stop them, and how long they may take
 * @throws what a thread throws; or an Error when they do not end in time
 */
export async function runThreads(calls: readonly Call[], options: RunOptions = {}): Promise<Run> {
  const { stop, trace, limit = 120_000 } = options;
  const go = new Int32Array(new SharedArrayBuffer(4));
  const timers: ReturnType<typeof setTimeout>[] = [];
  const workers: HostWorker[] = [];
  let up = 0;
  let began = 0;

  const begin = (): void => {
    began = performance.now();
    if (stop !== undefined) timers.push(setTimeout(stop.how, stop.after));
    Atomics.store(go, 0, 1);
    Atomics.notify(go, 0);
  };
  const thread = ({ interpreter, name, args = [] }: Call, at: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const traced = trace && { arena: share(trace), name: `thread ${at + 1}` };
      const data: Task = { interpreter: share(interpreter.parts), name, args, go, trace: traced };
      const onMessage = (said: unknown): void => {
        const report = said as Report;
        if (report.kind === 'done') resolve(report.agent);
        else if (++up === calls.length) begin();
      };
      const worker = start(new URL('./worker.js', import.meta.url), { data, onMessage });
      void worker.exit.then((exit) =>
        reject(exit.cause === 'threw' ? exit.error : new Error(`a thread that ran ${name}() ended before its work`)),
      );
      workers.push(worker);
    });
  const late = new Promise<never>((_, reject) => {
    timers.push(setTimeout(() => reject(new Error(`threads did not end within ${limit} ms`)), limit));
  });
  try {
    const agents = await Promise.race([Promise.all(calls.map(thread)), late]);
    return { elapsed: performance.now() - began, agents };
  } finally {
    for (const timer of timers) clearTimeout(timer);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
