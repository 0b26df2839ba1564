// A program whose supervisor is ended before it has begun ("unborn"), or cannot end for a while ("held"), because it waits
// for a worker that is in an uninterruptible call.
import { spawnSync } from 'node:child_process';
import { isMain, task } from 'atomics-sync-free/multiprocessing';
import { Thread } from 'atomics-sync-free/threading';
import { supervisors } from '../support/supervisors.js';

const SECONDS = 9;

export const hold = task(import.meta.url, 'hold', (begun: Int32Array) => {
  Atomics.store(begun, 0, 1);
  Atomics.notify(begun, 0);
  spawnSync('sleep', [String(SECONDS)]);
});

if (isMain) {
  const begun = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Thread({ target: hold, args: [begun] });
  thread.start();
  if (process.argv[2] === 'held') Atomics.wait(begun, 0, 0);
  void supervisors[0]?.terminate();
  thread.join();
  try {
    thread.result;
  } catch (error) {
    console.log((error as { code?: string }).code);
  }
  process.exit();
}
