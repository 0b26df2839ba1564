// The workers of a stress run in a browser. The bundle of the page has this in the place of src/stress/host-node.ts.
import type { StageWorker, WorkerEvents } from '../../src/stress/host-node.js';
import type { Assignment } from '../../src/stress/worker-node.js';
import type { Said } from './worker-browser.js';

/** How many workers can run at the same time. */
export const processors = (): number => navigator.hardwareConcurrency;

/** Starts a worker that plays the assigned part. */
export function startWorker(assignment: Assignment, events: WorkerEvents): StageWorker {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data: said }: MessageEvent<Said>) => {
    if (said.kind === 'ready') events.onReady();
    else if (said.kind === 'step') events.onStep(said.iteration, said.index, said.step);
    else if (said.kind === 'result') events.onResult(said.slot, said.result);
    else if (said.kind === 'error') events.onError(new Error(said.message));
    else events.onExit();
  };
  worker.onerror = ({ message }) => events.onError(new Error(message || 'the worker could not be loaded'));
  worker.postMessage(assignment);
  return {
    terminate: async () => worker.terminate(),
  };
}
