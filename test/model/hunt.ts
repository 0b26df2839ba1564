/**
 * Looks for a scenario that fails, on whatever code stands in dist: `node hunt.js PRIMITIVE…`. The answer goes to the
 * parent process.
 */
import { models } from './catalogue.js';
import { exploreModel, type Model } from './world.js';

/** What a hunt found: the scenario that failed and how, or nothing in all of them. */
export interface Catch {
  readonly scenario: string;
  readonly reason: string;
}

const MAX_STATES = Number(process.env.MAX_STATES ?? 150_000);

const primitives = process.argv.slice(2);
let found: Catch | undefined;
const of = (size: Model['size']) => models.filter((each) => each.size === size && primitives.includes(each.primitive));
for (const model of [...of('small'), ...of('medium')]) {
  found = hunt(() => exploreModel(model, MAX_STATES).failure?.reason, `${model.primitive}: ${model.name}`);
  if (found !== undefined) break;
}
process.send?.(found ?? null);

/** What is thrown while a scenario is set up is found out as well. */
function hunt(explore: () => string | undefined, scenario: string): Catch | undefined {
  try {
    const reason = explore();
    return reason === undefined ? undefined : { scenario, reason };
  } catch (error) {
    return { scenario, reason: `it cannot be set up: ${error}` };
  }
}
