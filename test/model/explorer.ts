/** A process that explores what its parent names, one scenario after the other. */
import { explore, type Result } from 'atomics-sync-free/check';
import { models } from './catalogue.js';
import { peers } from './peers.js';
import { exploreModel } from './world.js';

/** What to explore: a place in one of the lists. */
export interface Task {
  readonly list: 'models' | 'peers';
  readonly index: number;
}

/** What was found. */
export interface Finding {
  readonly verdict: Result['verdict'];
  readonly kind: string | undefined;
  readonly note: string;
  readonly states: number;
  readonly transitions: number;
  readonly ms: number;
  readonly report: string;
}

/** Enough for every scenario of the list; a larger one needs a bound. */
const MAX_STATES = Number(process.env.MAX_STATES ?? 8_000_000);

process.on('message', ({ list, index }: Task) => {
  const result =
    list === 'models'
      ? exploreModel(models[index], MAX_STATES)
      : explore({ ...peers[index].make(), maxStates: MAX_STATES });
  const { verdict, failure, note, states, transitions, ms } = result;
  const finding: Finding = { verdict, kind: failure?.kind, note, states, transitions, ms, report: String(result) };
  process.send?.(finding);
});
