// What the workers of pool.mjs load, whoever starts them: a function that returns what it is given, and one that computes.
import { parentPort, workerData } from 'node:worker_threads';

export const same = (x) => x;
export default same;

/** About a millisecond's work. */
export function burn() {
  let x = 1;
  for (let i = 0; i < 700_000; i++) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
  return x;
}

if (workerData === 'port') parentPort.on('message', (x) => parentPort.postMessage(x));
if (workerData === 'burn') {
  parentPort.on('message', (many) => {
    for (let i = 0; i < many; i++) burn();
    parentPort.postMessage(many);
  });
}
if (workerData === 'workerpool') (await import('workerpool')).default.worker({ same });
if (process.argv[2] === 'child') process.on('message', (x) => process.send(x));
