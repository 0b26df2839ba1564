// An agent that has a live object of one kind, and sees to a dead one.
import { parentPort, workerData } from 'node:worker_threads';
import { isCondemned } from '#dist/core/memory/slots.js';
import { retireAll } from '#dist/core/memory/sweep.js';
import { Lock } from '#dist/sync/lock.js';
import { deadWithRecord, MAKERS } from './recorded.js';

await MAKERS[workerData as string]();
const lock = new Lock();
const { words, agent } = deadWithRecord(lock);
retireAll(words, lock.arena.agentId);
parentPort?.postMessage(!isCondemned(words, agent));
