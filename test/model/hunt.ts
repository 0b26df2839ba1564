/**
 * Looks for a scenario that fails, on whatever code stands in dist: `node hunt.js PRIMITIVE… -- SCENARIO…`. The
 * scenarios named are explored first. Each is named to the parent process before it is explored, and the answer is sent at
 * the end.
 *
 * SIZES in the environment is what a hunt has reported of the package itself. A scenario that comes to an end there, but not within
 * several times as many states here, has failed too: somebody goes round without end, and changes something each time.
 */
import { models } from './catalogue.js';
import { exploreModel, type Model } from './world.js';

/** What a hunt found: the scenario that failed and how. */
export interface Catch {
  readonly scenario: string;
  readonly reason: string;
}

/** By look and scenario, how many states those have that were explored to their end. */
export type Sizes = Record<string, number>;

/**
 * What a hunt reports: what it explores now, and how much time of the processor (ms) it took until then; at the end what it
 * found, or nothing in all of them, and how large they are.
 */
export type Told =
  | { readonly exploring: string; readonly used: number }
  | { readonly found: Catch | null; readonly sizes: Sizes };

/** How far scenarios are explored, one look at all of them after the other. */
interface Look {
  readonly maxStates: number;
  /** Within so many preemptions. */
  readonly bound: number;
  readonly which: readonly Model['size'][];
}

/** A scenario has no end if it has this many times the states of the package, and some more. */
const TIMES = 5;
const SOME = 2000;
const known: Sizes = JSON.parse(process.env.SIZES ?? '{}');
const sizes: Sizes = {};

const QUICK = ['small', 'medium'] as const;
/** Most mutants fail in few states of some scenario, and most others with one preemption, though perhaps of a large one. */
const LOOKS: readonly Look[] = [
  { maxStates: 2000, bound: Infinity, which: QUICK },
  { maxStates: 130_000, bound: 1, which: [...QUICK, undefined] },
  { maxStates: 250_000, bound: Infinity, which: QUICK },
];

const named = process.argv.slice(2);
const primitives = named.slice(0, named.indexOf('--'));
const first = named.slice(primitives.length + 1);
const nameOf = ({ primitive, name }: Model): string => `${primitive}: ${name}`;
/** Where a scenario comes; those that are not named keep their order after the others. */
const rank = (model: Model): number => {
  const at = first.indexOf(nameOf(model));
  return at < 0 ? first.length : at;
};
const tell = (told: Told) => process.send?.(told);

const suspects = models.filter(({ primitive }) => primitives.includes(primitive)).sort((a, b) => rank(a) - rank(b));
tell({ found: hunt() ?? null, sizes });

function hunt(): Catch | undefined {
  // The scenarios that need no closer look.
  const done = new Set<Model>();
  for (const [look, { maxStates, bound, which }] of LOOKS.entries()) {
    for (const model of suspects) {
      if (done.has(model) || !which.includes(model.size)) continue;
      const scenario = nameOf(model);
      const { user, system } = process.cpuUsage();
      tell({ exploring: scenario, used: (user + system) / 1000 });
      const within = Math.min(model.bound ?? Infinity, bound);
      const key = `${look} ${scenario}`;
      const most = TIMES * known[key] + SOME || maxStates;
      try {
        const { verdict, failure, states } = exploreModel({ ...model, bound: within, large: undefined }, most);
        if (failure !== undefined) return { scenario, reason: failure.reason };
        if (verdict === 'ok') sizes[key] = states;
        else if (key in known) return { scenario, reason: `no end within ${most} states, which has ${known[key]}` };
        if (verdict === 'ok' && within === (model.bound ?? Infinity)) done.add(model);
      } catch (error) {
        // What is thrown while a scenario is set up is found out as well.
        return { scenario, reason: `it cannot be set up: ${error}` };
      }
    }
  }
  return undefined;
}
