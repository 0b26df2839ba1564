// What the workers of pool.mjs load, whoever starts them: a function that returns what it is given.
import { parentPort, workerData } from 'node:worker_threads';

export const same = (x) => x;
export default same;

if (workerData === 'port') parentPort.on('message', (x) => parentPort.postMessage(x));
if (workerData === 'workerpool') (await import('workerpool')).default.worker({ same });
