/** The race table's programs on real threads, under each policy. */
import { GIL, Interpreter, POLICIES, type Policy, type Race } from '../gil/index.js';
import { Arena } from '../index.js';
import { runThreads } from './threads.js';

const THREADS = 2;
/** By what fraction of all additions a loss may differ from half. */
const HALF_TOLERANCE = 0.001;

/** The result of one program under one policy. */
export interface RaceResult {
  readonly race: Race;
  readonly policy: Policy;
  /** How many additions all threads were to make. */
  readonly total: number;
  /** How many of them are missing. */
  readonly lost: number;
  /** Whether that is as expected; a loss of `some` may fail to show in a short run. */
  readonly asExpected: boolean;
  /** How long it took, in ms. */
  readonly elapsed: number;
}

export interface RaceOptions {
  /** How many times each thread executes it, at most; by default as often as in CPython's recorded runs. */
  readonly atMost?: number | undefined;
}

/**
 * Runs a program of the race table on two real threads under a policy.
 *
 * @returns what was lost
 */
export async function runRace(race: Race, policy: Policy, options: RaceOptions = {}): Promise<RaceResult> {
  const perThread = Math.min(race.perThread, options.atMost ?? race.perThread);
  const total = THREADS * perThread;
  // A new arena each time, so that no departed agent in it has to be retired.
  const gil = new GIL({ arena: new Arena(), enabled: policy !== 'free-threaded' });
  const interpreter = new Interpreter({ source: race.source(total), policy, gil });
  const call = { interpreter, name: 'main', args: [perThread] };
  const { elapsed } = await runThreads(Array.from({ length: THREADS }, () => call));
  const lost = total - interpreter.read(race.result);
  return { race, policy, total, lost, asExpected: isAsExpected(race, policy, lost, total), elapsed };
}

function isAsExpected(race: Race, policy: Policy, lost: number, total: number): boolean {
  switch (race.expected[policy]) {
    case 'none':
      return lost === 0;
    case 'some':
      return lost > 0;
    case 'half':
      return Math.abs(lost / total - 1 / 2) <= HALF_TOLERANCE;
  }
}

/** Callbacks that follow a run of many programs. */
interface RaceProgress {
  /** Called before each run. */
  readonly onStart?: (race: Race, policy: Policy) => void;
  /** Called with the result. */
  readonly onResult?: (result: RaceResult) => void;
}

/** Runs programs under all policies, one after the other. */
export async function runRaces(
  races: readonly Race[],
  options: RaceOptions & RaceProgress = {},
): Promise<RaceResult[]> {
  const results: RaceResult[] = [];
  for (const race of races) {
    for (const policy of POLICIES) {
      options.onStart?.(race, policy);
      const result = await runRace(race, policy, options);
      results.push(result);
      options.onResult?.(result);
    }
  }
  return results;
}
