// The supervisors that this program starts, the newest last. The package sees the changed class wherever it is imported.
import { syncBuiltinESMExports } from 'node:module';
import workerThreads from 'node:worker_threads';

export const supervisors: workerThreads.Worker[] = [];
const { Worker } = workerThreads;

workerThreads.Worker = class extends Worker {
  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    if (args[1]?.name === 'supervisor of atomics-sync-free') supervisors.push(this);
  }
};
syncBuiltinESMExports();
