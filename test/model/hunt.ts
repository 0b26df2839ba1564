/**
 * Looks for a scenario that fails, on whatever code stands in dist: `node hunt.js PRIMITIVE… -- SCENARIO…`. The
 * scenarios named are explored first. Each is named to the parent process before it is explored, and the answer is sent at
 * the end.
 */
import { models } from './catalogue.js';
import { exploreModel, type Model } from './world.js';

/** What a hunt found: the scenario that failed and how. */
export interface Catch {
  readonly scenario: string;
  readonly reason: string;
}

/**
 * What a hunt tells: what it explores now, and how much time of the processor (ms) it took until then; at the end what it
 * found, or nothing in all of them.
 */
export type Told = { readonly exploring: string; readonly used: number } | { readonly found: Catch | null };

/** Most mutants fail in few states of some scenario, so all are looked at before any is looked at closely. */
const FEW_STATES = 2000;
const MAX_STATES = 80_000;

const named = process.argv.slice(2);
const primitives = named.slice(0, named.indexOf('--'));
const first = named.slice(primitives.length + 1);
const nameOf = ({ primitive, name }: Model): string => `${primitive}: ${name}`;
const of = (size: Model['size']) => models.filter((each) => each.size === size && primitives.includes(each.primitive));
/** Where a scenario comes; those that are not named keep their order behind the others. */
const rank = (model: Model): number => {
  const at = first.indexOf(nameOf(model));
  return at < 0 ? first.length : at;
};
const tell = (told: Told) => process.send?.(told);

const suspects = [...of('small'), ...of('medium')].sort((a, b) => rank(a) - rank(b));
tell({ found: hunt(suspects) ?? null });

function hunt(suspects: readonly Model[]): Catch | undefined {
  let left = suspects;
  for (const maxStates of [FEW_STATES, MAX_STATES]) {
    const unfinished: Model[] = [];
    for (const model of left) {
      const scenario = nameOf(model);
      const { user, system } = process.cpuUsage();
      tell({ exploring: scenario, used: (user + system) / 1000 });
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
