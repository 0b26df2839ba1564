// What the workers of pool.mjs load, for every kind: functions that return their argument, compute, or wait for each other.
import { parentPort, workerData } from 'node:worker_threads';

export const same = (x) => x;
export default same;

/** About a millisecond's work. A sum in this loop would become five times as slow after some hundred calls, from V8 13 on. */
export function burn() {
  let x = 1;
  for (let i = 0; i < 600_000; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
  }
  return x;
}

/** Returns once as many workers as `all` have called it. */
export function meet(words, all) {
  Atomics.add(words, 0, 1);
  Atomics.notify(words, 0);
  for (let came = Atomics.load(words, 0); came < all; came = Atomics.load(words, 0)) Atomics.wait(words, 0, came);
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
