// A member of an arena, or one that is still in its entrance, until its end.
import { parentPort, workerData } from 'node:worker_threads';
import { Arena, Lock, share } from 'atomics-sync-free';
import { Pulse } from '#dist/core/memory/pulse.js';
import { takeEntrance } from '#dist/core/memory/slots.js';

export interface EntranceData {
  readonly memory: SharedArrayBuffer;
  readonly agents: number;
  /** Holds a lock, which it names; blocks; or has the entrance. */
  readonly doing: 'holds' | 'blocks' | 'enters';
}

const { memory, agents, doing } = workerData as EntranceData;
if (doing === 'enters') {
  const words = new Int32Array(memory);
  takeEntrance(words, [1, 1], (agent) => new Pulse(words, agent));
  parentPort?.postMessage(undefined);
} else {
  const lock = new Lock({ arena: Arena.over(memory, 0, undefined, { agents }) });
  lock.acquire();
  parentPort?.postMessage(doing === 'holds' ? share(lock) : undefined);
}
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
