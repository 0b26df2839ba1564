/** Runs one schedule of a scenario again, by its seed. */
import { Checks, type Verdict } from './checks.js';
import { ScenarioError } from './errors.js';
import { asyncMachine, Machine, type MachineOptions } from './machine.js';
import { patiently } from './miss.js';
import type { State } from './moves.js';
import { Result } from './result.js';
import { show } from './rules.js';
import type { Scenario } from './scenario.js';
import { movesOf, scheduleOf, statesAlong } from './schedule.js';
import { simulate, simulateAsync } from './simulate.js';
import { realNow } from './simulation.js';
import { States } from './states.js';

/**
 * Runs one schedule again.
 *
 * @param scenario - The scenario it belongs to.
 * @param seed - A schedule's seed.
 * @returns The run as `schedule`; verdict `failed` if it ends in a failure, else `sampled`.
 * @throws ScenarioError if the seed does not fit the scenario.
 * @example
 * ```ts
 * import { explore, replay, type Scenario } from 'atomics-sync-free/check';
 *
 * const scenario: Scenario = {
 *   memory: { word: 0 },
 *   threads: [({ words }) => Atomics.store(words, 0, 1), ({ words }) => Atomics.store(words, 0, 2)],
 *   final: ({ word }) => word === 2,
 * };
 * const { failure } = explore(scenario);
 * const again = replay(scenario, failure?.schedule.seed ?? '');
 * console.log(again.schedule?.steps.map(({ thread }) => thread)); // [ 'b', 'a' ]
 * ```
 */
export function replay<N extends string = string, G extends string = never>(
  scenario: Scenario<N, G>,
  seed: string,
): Result {
  const erased = scenario as unknown as Scenario<string, string>;
  return simulate(erased, (prepared) => rerun(prepared, seed));
}

/**
 * As {@link replay}, for threads that are async functions.
 *
 * @param scenario - The scenario it belongs to.
 * @param seed - A schedule's seed, of {@link exploreAsync} or {@link sampleAsync}.
 * @returns As {@link replay}.
 * @throws ScenarioError as {@link replay} does, by rejection.
 * @example
 * ```ts
 * import { exploreAsync, replayAsync, type Scenario } from 'atomics-sync-free/check';
 *
 * const scenario: Scenario = {
 *   memory: { word: 0 },
 *   threads: [async ({ words }) => void Atomics.store(words, 0, 1), async ({ words }) => void Atomics.store(words, 0, 2)],
 *   final: ({ word }) => word === 2,
 * };
 * const { failure } = await exploreAsync(scenario);
 * const again = await replayAsync(scenario, failure?.schedule.seed ?? '');
 * console.log(again.schedule?.steps.map(({ thread }) => thread)); // [ 'b', 'a' ]
 * ```
 */
export async function replayAsync<N extends string = string, G extends string = never>(
  scenario: Scenario<N, G>,
  seed: string,
): Promise<Result> {
  const erased = scenario as unknown as Scenario<string, string>;
  return simulateAsync(erased, (prepared) => {
    const options = asyncMachine(prepared);
    return patiently(() => rerun(prepared, seed, options));
  });
}

/** The cycle of a livelock closes only if the loop is found again, by the notion that found it. */
const NOTIONS_OF_LOOPS = [1, 2] as const;

function rerun(scenario: Scenario<string, string>, seed: string, options?: MachineOptions): Result {
  if (typeof seed !== 'string') throw new ScenarioError(`a seed must be a string, not ${show(seed)}`);
  if (options !== undefined) return runAgain(scenario, seed, options);
  if (!seed.includes('~')) return runAgain(scenario, seed, { equalRounds: Infinity });
  for (const equalRounds of NOTIONS_OF_LOOPS) {
    try {
      const result = runAgain(scenario, seed, { equalRounds });
      if (result.verdict === 'failed') return result;
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
    }
  }
  return runAgain(scenario, seed, { equalRounds: Infinity });
}

function runAgain(scenario: Scenario<string, string>, seed: string, options: MachineOptions): Result {
  const began = realNow();
  const machine = new Machine(scenario, options);
  const checks = new Checks(machine, scenario);
  const [way, circle = '0'] = seed.split('~');
  const moves = movesOf(way);
  const states = statesAlong(machine, moves);
  if (states.length <= moves.length) {
    throw new ScenarioError(`step ${states.length} of the seed is not possible: it belongs to another scenario`);
  }
  const last = states[states.length - 1];
  const schedule = { ...scheduleOf(machine, moves), seed };
  const verdict =
    checks.judge(last, machine.enabled.moves(last)) ??
    checks.lastUnseen() ??
    livelock(machine, states, Number(circle), checks);
  return new Result({
    verdict: verdict === undefined ? 'sampled' : 'failed',
    states: states.length,
    transitions: moves.length,
    ms: realNow() - began,
    maxDepth: moves.length,
    outcomes: new Map(),
    schedule,
    ...(verdict === undefined ? {} : { failure: { ...verdict, schedule } }),
  });
}

/**
 * Whether the last `length` steps of a run, reported as a cycle, are one. That no schedule leads out of it was the
 * search's finding.
 */
function livelock(machine: Machine, states: readonly State[], length: number, checks: Checks): Verdict | undefined {
  if (length === 0) return undefined;
  const table = new States(machine);
  const last = states[states.length - 1];
  const before = states[states.length - 1 - length];
  if (before === undefined || table.idOf(before) !== table.idOf(last)) return undefined;
  return { kind: 'livelock', reason: checks.livelock(last, length) };
}
