// An agent that holds a lock, says so, and does something until its end; or that starts another to do so.
import { Worker, workerData } from 'node:worker_threads';
import { attach, Event, type Lock, type Shared } from 'atomics-sync-free';
import { collectGarbage } from '../support/garbage.js';

/** What the agent is doing when its end comes. */
export type Doing =
  | 'sleeps in Atomics.wait'
  | 'waits for a primitive'
  | 'computes'
  | 'is idle'
  | 'has forgotten what it holds'
  | 'fills its memory'
  | 'calls process.exit'
  | 'throws';

export interface VigilData {
  readonly doing: Doing;
  readonly things: Shared<{ readonly lock: Lock; readonly held: Event }>;
  /** Starts another agent, which does it. */
  readonly byChild?: boolean;
}

function hold({ doing, things }: VigilData): unknown {
  const { lock, held } = attach(things);
  lock.acquire();
  held.set();
  switch (doing) {
    case 'sleeps in Atomics.wait':
      return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    case 'waits for a primitive':
      return new Event().wait();
    case 'computes':
      for (;;);
    case 'is idle':
      return setInterval(() => {}, 1000);
    case 'has forgotten what it holds':
      return setInterval(collectGarbage, 5);
    case 'fills its memory': {
      const filled: unknown[] = [];
      for (;;) filled.push(new Array(10_000).fill(filled.length));
    }
    case 'calls process.exit':
      return process.exit(1);
    case 'throws':
      throw new Error('on purpose');
  }
}

const data = workerData as VigilData;
if (data.byChild === true) new Worker(new URL(import.meta.url), { workerData: { ...data, byChild: false } });
else hold(data);
