// A member of an arena, or one that is still in its entrance, until its end.
import { parentPort, workerData } from 'node:worker_threads';
import { Arena, Lock, share } from 'atomics-sync-free';
import { Pulse } from '#dist/core/memory/pulse.js';
import { at, BEATS, eachAgent, takeEntrance } from '#dist/core/memory/slots.js';
import { untilCollected } from '../support/garbage.js';

export interface EntranceData {
  readonly memory: SharedArrayBuffer;
  readonly agents: number;
  /** Holds a lock, which it names; blocks; has the entrance; or has let go of the arena, and blocks. */
  readonly doing: 'holds' | 'blocks' | 'enters' | 'forgets';
}

const { memory, agents, doing } = workerData as EntranceData;

/** Whether every member shows that it lives. */
function hasPulse(): boolean {
  const words = new Int32Array(memory);
  let has = true;
  eachAgent(words, (agent) => {
    has &&= words[at(agent, BEATS)] > 0;
  });
  return has;
}

if (doing === 'enters') {
  const words = new Int32Array(memory);
  takeEntrance(words, [1, 1], (agent) => new Pulse(words, agent));
  parentPort?.postMessage(undefined);
} else if (doing === 'forgets') {
  const met = (() => new WeakRef(Arena.over(memory, 0, undefined, { agents }).member))();
  await untilCollected(() => met.deref() === undefined && !hasPulse(), 'the worker has forgotten the arena');
  parentPort?.postMessage(undefined);
} else {
  const lock = new Lock({ arena: Arena.over(memory, 0, undefined, { agents }) });
  lock.acquire();
  parentPort?.postMessage(doing === 'holds' ? share(lock) : undefined);
}
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
