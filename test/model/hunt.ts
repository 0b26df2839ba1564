/**
 * Looks for a scenario that fails, on whatever code stands in dist: `node hunt.js PRIMITIVE…`. Each scenario is named to
 * the parent process before it is explored, and the answer is sent at the end.
 */
import { models } from './catalogue.js';
import { exploreModel, type Model } from './world.js';

/** What a hunt found: the scenario that failed and how. */
export interface Catch {
  readonly scenario: string;
  readonly reason: string;
}

/** What a hunt tells: what it explores now; at the end what it found, or nothing in all of them. */
export type Told = { readonly exploring: string } | { readonly found: Catch | null };

/** Most mutants fail in few states of some scenario, so all are looked at before any is looked at closely. */
const FEW_STATES = 2000;
const MAX_STATES = 80_000;

const primitives = process.argv.slice(2);
const of = (size: Model['size']) => models.filter((each) => each.size === size && primitives.includes(each.primitive));
const tell = (told: Told) => process.send?.(told);

tell({ found: hunt([...of('small'), ...of('medium')]) ?? null });

function hunt(suspects: readonly Model[]): Catch | undefined {
  let left = suspects;
  for (const maxStates of [FEW_STATES, MAX_STATES]) {
    const unfinished: Model[] = [];
    for (const model of left) {
      const scenario = `${model.primitive}: ${model.name}`;
      tell({ exploring: scenario });
      try {
        const { verdict, failure } = exploreModel(model, maxStates);
        if (failure !== undefined) return { scenario, reason: failure.reason };
        if (verdict === 'incomplete') unfinished.push(model);
      } catch (error) {
        // What is thrown while a scenario is set up is found out as well.
        return { scenario, reason: `it cannot be set up: ${error}` };
      }
    }
    left = unfinished;
  }
  return undefined;
}
