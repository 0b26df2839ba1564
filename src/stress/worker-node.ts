import { parentPort, workerData } from 'node:worker_threads';
import { attach } from '../gil/attach.js';
import type { Shared } from '../index.js';
import { type Part, play } from './actor.js';
import { record } from './record.js';
import type { Step } from './recorder.js';
import { testsOf } from './test.js';

/** What a worker is started with. */
export interface Assignment extends Omit<Part, 'announce'> {
  readonly module: string;
  readonly test: string;
  readonly primitives: Shared<object>;
  /** The row of the report for which the worker is to play recorded, if it is. */
  readonly wanted: string | undefined;
}

/** What a worker says. */
export type Announcement =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly slot: number; readonly result: string }
  | { readonly kind: 'step'; readonly iteration: number; readonly index: number; readonly step: Step };

const { module, test: name, primitives, wanted, ...part } = workerData as Assignment;
const say = (announcement: Announcement): void => parentPort?.postMessage(announcement);

const test = testsOf(await import(module)).find((candidate) => candidate.name === name);
if (!test) throw new Error(`${module} exports no stress test called ${name}`);
const attached = attach(primitives);
say({ kind: 'ready' });
if (wanted === undefined) {
  play(test, attached, { ...part, announce: (slot, result) => say({ kind: 'result', slot, result }) });
} else {
  record(test, attached, {
    ...part,
    wanted,
    clock: () => Number(process.hrtime.bigint()) / 1_000,
    onStep: (iteration, index, step) => say({ kind: 'step', iteration, index, step }),
  });
}
