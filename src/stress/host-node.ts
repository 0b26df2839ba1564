import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Step } from './recorder.js';
import type { Announcement, Assignment } from './worker-node.js';

/** How many workers can run at the same time. */
export const processors = (): number => availableParallelism();

/** What the supervisor is told about one worker. */
export interface WorkerEvents {
  /** It stands on the stage and is about to play. */
  readonly onReady: () => void;
  /** From now on the given slot of its tally counts this result. */
  readonly onResult: (slot: number, result: string) => void;
  /** It has made a step that is recorded, or ended one that it told before. */
  readonly onStep: (iteration: number, index: number, step: Step) => void;
  /** It threw; it ends now. */
  readonly onError: (error: unknown) => void;
  /** It has ended, by itself or not. */
  readonly onExit: () => void;
}

/** A worker that plays one part. */
export interface StageWorker {
  /** Ends the worker wherever it is; resolved once it has ended. */
  terminate(): Promise<unknown>;
}

/** Starts a worker thread that plays the assigned part. */
export function startWorker(assignment: Assignment, events: WorkerEvents): StageWorker {
  const worker = new Worker(new URL('./worker-node.js', import.meta.url), { workerData: assignment });
  worker.on('message', (said: Announcement) => {
    if (said.kind === 'ready') events.onReady();
    else if (said.kind === 'step') events.onStep(said.iteration, said.index, said.step);
    else events.onResult(said.slot, said.result);
  });
  worker.on('error', events.onError);
  worker.on('exit', events.onExit);
  return worker;
}
