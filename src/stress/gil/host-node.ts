import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Report, Task } from './worker-node.js';

/** How many threads can run at the same time. */
export const processors = (): number => availableParallelism();

/** What the host is told about one thread. */
export interface ThreadEvents {
  readonly onReport: (report: Report) => void;
  readonly onError: (error: unknown) => void;
  readonly onExit: () => void;
}

/** Starts a worker thread; what is returned ends it, wherever it is. */
export function startThread(task: Task, { onReport, onError, onExit }: ThreadEvents): () => Promise<unknown> {
  const worker = new Worker(new URL('./worker-node.js', import.meta.url), { workerData: task });
  worker.on('message', onReport);
  worker.on('error', onError);
  worker.on('exit', onExit);
  return () => worker.terminate();
}

/**
 * Runs a script with the machine's Python.
 *
 * @param script its text
 * @param limit ms that it may take
 * @returns what it prints; undefined where there is no `python3`
 * @throws when the script fails or takes too long
 */
export function runPython(script: string, limit: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = execFile('python3', ['-'], { timeout: limit }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else if (error.code === 'ENOENT') resolve(undefined);
      else reject(error);
    });
    // Where there is no python3 nobody reads it.
    child.stdin?.on('error', () => {});
    child.stdin?.end(script);
  });
}
