import { parentPort, workerData } from 'node:worker_threads';
import { attach, type Shared } from '../index.js';
import { type Part, play } from './actor.js';
import { testsOf } from './test.js';

/** What a worker is started with. */
export interface Assignment extends Omit<Part, 'announce'> {
  readonly module: string;
  readonly test: string;
  readonly primitives: Shared<object>;
}

/** What a worker says. */
export type Announcement =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly slot: number; readonly result: string };

const { module, test: name, primitives, ...part } = workerData as Assignment;
const say = (announcement: Announcement): void => parentPort?.postMessage(announcement);

const test = testsOf(await import(module)).find((candidate) => candidate.name === name);
if (!test) throw new Error(`${module} exports no stress test called ${name}`);
const attached = attach(primitives);
say({ kind: 'ready' });
play(test, attached, { ...part, announce: (slot, result) => say({ kind: 'result', slot, result }) });
