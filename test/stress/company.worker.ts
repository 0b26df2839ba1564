// A worker of catalogue.test.ts: it plays a part in one stress test after another.
import type { share } from 'atomics-sync-free';
import { attach } from '#dist/gil/attach.js';
import { type Part, play } from '#dist/stress/actor.js';
import { tallyOf } from '#dist/stress/stage.js';
import { testsOf } from '#dist/stress/test.js';
import { member } from '../support/member.js';

export interface Engagement extends Omit<Part, 'announce'> {
  readonly module: string;
  readonly test: string;
  readonly primitives: ReturnType<typeof share>;
}

/** How often this worker saw which result, by its name. */
export type Seen = readonly (readonly [result: string, samples: number])[];

member<undefined>(async ({ tell, next }) => {
  for (;;) {
    const { module, test: name, primitives, ...part } = await next<Engagement>('part');
    const test = testsOf(await import(module)).find((each) => each.name === name);
    if (!test) throw new Error(`${module} exports no ${name}`);
    const results: string[] = [];
    const announce: Part['announce'] = (slot, result) => {
      results[slot] = result;
    };
    const attached = attach(primitives) as object;
    tell('plays');
    play(test, attached, { ...part, announce });
    const { firstResult } = tallyOf(part.actor);
    const seen: Seen = results.map((result, slot) => [result, part.stage.tally[firstResult + slot]]);
    tell('seen', seen);
  }
});
