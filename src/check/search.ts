/**
 * The explorations that a verdict takes: unreduced, if the scenario is small; reduced; and anew with what an
 * exploration has found about the threads.
 */
import { DEFAULT_MAX_STATES, Exploration, type ExploreOptions } from './exploration.js';
import { asyncMachine } from './machine.js';
import { patiently } from './miss.js';
import { Peers } from './peers.js';
import type { Result } from './result.js';
import type { Scenario } from './scenario.js';
import { realNow } from './simulation.js';
import type { EqualRounds } from './spins.js';
import { validateScenario } from './validate.js';

/** A scenario with no more states than this is explored unreduced. */
const SMALL = 4_096;
/** A shortest schedule is looked for among this many times the states of the reduced search, or of a small scenario. */
const MORE_STATES = 20;
/** The notions of a loop, in the order in which they are tried. */
const NOTIONS: readonly EqualRounds[] = ['watch', 1, 2, Infinity];

/**
 * Explores a scenario: unreduced, if it is small, so that nothing is spent on reduction; otherwise reduced; and if that
 * fails, unreduced again, because a reduced search does not find a shortest schedule.
 */
export function search(scenario: Scenario<string, string>, options: ExploreOptions): Result {
  validateScenario(scenario);
  const began = realNow();
  const { reduction = true } = options;
  const { maxStates = DEFAULT_MAX_STATES } = scenario;
  const known: Known = { peers: reduction ? Peers.of(scenario) : Peers.none(scenario), notion: 0 };
  const within = (states: number, course: Course): Result | undefined =>
    explorations({ ...scenario, maxStates: states }, options, course, known, began);
  const whole = (states: number): Result => within(states, { reduces: false }) as Result;
  if (!reduction || maxStates <= SMALL) return whole(maxStates);
  const small = within(SMALL, { reduces: false, isTrial: true });
  if (small !== undefined) return small;
  const reduced = within(maxStates, { reduces: true }) as Result;
  if (reduced.verdict !== 'failed') return reduced;
  const shortest = whole(Math.min(maxStates, Math.max(reduced.states, SMALL) * MORE_STATES));
  return shortest.verdict === 'failed' ? shortest : reduced;
}

/** What an exploration has found about the threads, for those that begin anew. */
interface Known {
  readonly peers: Peers;
  /** The index of the current notion of a loop. */
  notion: number;
}

/** How to explore. */
interface Course {
  readonly reduces: boolean;
  /** See {@link Exploration}. */
  readonly isTrial?: boolean;
}

/**
 * Explores anew with another notion of a loop, if there may be one or one turns out wrong, and if threads that were
 * taken to be alike are not.
 *
 * @returns Nothing, if a trial has too many states.
 */
function explorations(
  scenario: Scenario<string, string>,
  options: ExploreOptions,
  course: Course,
  known: Known,
  began: number,
): Result | undefined {
  const { peers } = known;
  for (;;) {
    const { version } = peers;
    const machine = { ...course, equalRounds: NOTIONS[known.notion], peers };
    const result = new Exploration(scenario, options, machine, began).run();
    if (result === 'too large') return undefined;
    if (result !== 'anew') return result;
    if (peers.version === version) known.notion++;
  }
}

/** Explores a scenario with the requested reductions, however small it is. */
export function explored(
  scenario: Scenario<string, string>,
  options: ExploreOptions,
  { reduces, peers = Peers.none(scenario) }: { readonly reduces: boolean; readonly peers?: Peers },
): Result {
  return explorations(scenario, options, { reduces }, { peers, notion: 0 }, realNow()) as Result;
}

/** Explores a scenario whose threads are async. Loops are not looked for, and nothing is reduced. */
export async function searchAsync(scenario: Scenario<string, string>, options: ExploreOptions): Promise<Result> {
  validateScenario(scenario);
  const began = realNow();
  const machine = asyncMachine(scenario);
  const whole = await patiently(() => new Exploration(scenario, options, machine, began));
  return (await patiently(() => whole.run())) as Result;
}
