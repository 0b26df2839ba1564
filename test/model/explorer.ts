/** A process that explores what its parent names, one scenario after the other. */
import { explore, type Result } from 'atomics-sync-free/check';
import { models } from './catalogue.js';
import { peers } from './peers.js';
import { exploreModel, LEAST_WITHIN, type Model } from './world.js';

/** What to explore: a place in one of the lists. */
export interface Task {
  readonly list: 'models' | 'peers';
  readonly index: number;
  /** How many states a scenario may have that is too large to be explored whole. */
  readonly statesOfLarge: number;
}

/** What was found. */
export interface Finding {
  readonly verdict: Result['verdict'];
  readonly kind: string | undefined;
  readonly note: string;
  readonly within: number;
  readonly states: number;
  readonly transitions: number;
  readonly ms: number;
  readonly report: string;
}

/** Enough for every scenario that is to be explored whole, or in all schedules with the least number of preemptions. */
const MAX_STATES = 3_000_000;

process.on('message', ({ list, index, statesOfLarge }: Task) => {
  const result =
    list === 'models'
      ? exploreFar(models[index], statesOfLarge)
      : explore({ ...peers[index].make(), maxStates: MAX_STATES });
  const { verdict, failure, note, within, states, transitions, ms } = result;
  const report = String(result);
  const finding: Finding = { verdict, kind: failure?.kind, note, within, states, transitions, ms, report };
  process.send?.(finding);
});

function exploreFar(model: Model, statesOfLarge: number): Result {
  if (!model.large) return exploreModel(model, MAX_STATES);
  const far = exploreModel(model, statesOfLarge);
  if (far.verdict !== 'incomplete' || far.within >= LEAST_WITHIN) return far;
  return exploreModel({ ...model, large: undefined, bound: LEAST_WITHIN }, MAX_STATES);
}
