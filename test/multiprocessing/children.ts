// What the tests of child processes have in common.
import { type Connection, Pipe, Process } from 'atomics-sync-free/multiprocessing';

/** The longest that any of these tests waits, in ms. */
export const LONG = 60_000;
export const context = 'process';

export function started<Started extends { start(): void }>(process: Started): Started {
  process.start();
  return process;
}

/** A process that has one end of a pipe, and the other end of that pipe. */
export function withPipe(target: unknown, ...args: unknown[]): [Process, Connection] {
  const [mine, its] = Pipe();
  const process = started(new Process({ target: target as never, args: [its, ...args] as never, context }));
  its.close();
  return [process as Process, mine];
}

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
