/** A worker of a stress run: it plays its part in a cast that cast.ts has put together. */
import { serve } from '#host';
import { attach } from '../gil/attach.js';
import type { Shared } from '../index.js';
import { type Part, play } from './actor.js';
import { record } from './record.js';
import type { Step } from './recorder.js';
import { PLAYED, positionOf } from './stage.js';
import { testsOf } from './test.js';

/** What a worker is started with. */
export interface Assignment extends Omit<Part, 'announce'> {
  readonly module: string;
  readonly test: string;
  readonly primitives: Shared<object>;
  /** The row of the report for which the worker is to play recorded, if it is to. */
  readonly wanted: string | undefined;
}

/** What a worker reports. */
export type Announcement =
  /** It is on the stage and about to play. */
  | { readonly kind: 'ready' }
  /** From now on the given slot of its tally counts this result. */
  | { readonly kind: 'result'; readonly slot: number; readonly result: string }
  /** It has made a recorded step, or ended one that it reported before. */
  | { readonly kind: 'step'; readonly iteration: number; readonly index: number; readonly step: Step };

/** µs by a clock that all workers share. */
const clock = (): number => (performance.timeOrigin + performance.now()) * 1_000;

serve<Assignment>(async ({ module, test: name, primitives, wanted, ...part }, parent) => {
  const say = (announcement: Announcement): void => parent.send(announcement);
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
      clock,
      onStep: (iteration, index, step) => say({ kind: 'step', iteration, index, step }),
    });
  }
  Atomics.store(part.stage.control, positionOf(part.actor), PLAYED);
});
