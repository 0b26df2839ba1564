/** Workers of Node, Deno and Bun: worker_threads. */
import { availableParallelism } from 'node:os';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { Exit, Host } from './host.js';

export const start: Host['start'] = (entry, { data, onMessage }) => {
  const worker = new Worker(entry, { workerData: data });
  let terminated = false;
  let thrown: { readonly error: unknown } | undefined;
  worker.on('message', onMessage);
  worker.on('error', (error: unknown) => {
    thrown = { error };
  });
  const exit = new Promise<Exit>((resolve) => {
    worker.on('exit', (code) => {
      if (thrown) resolve({ cause: 'threw', ...thrown });
      else resolve(terminated ? { cause: 'terminated' } : { cause: 'ended', code });
    });
  });
  return {
    exit,
    send: (message) => worker.postMessage(message),
    terminate: async () => {
      terminated = true;
      await worker.terminate();
    },
    unref: () => worker.unref(),
  };
};

export const serve: Host['serve'] = (work) => {
  if (!parentPort) throw new Error('serve() is for the module of a worker, and this is none');
  const port = parentPort;
  const run = async (): Promise<void> => {
    await work(workerData, {
      send: (message) => port.postMessage(message),
      listen: (onMessage) => port.on('message', onMessage),
    });
    port.unref();
  };
  // Thrown again outside of the promise, an error reaches the parent whatever the host does about rejections.
  run().catch((error: unknown) => {
    queueMicrotask(() => {
      throw error;
    });
  });
};

export const processors: Host['processors'] = availableParallelism;
