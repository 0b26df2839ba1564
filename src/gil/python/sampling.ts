/** Runs of a Python program with random switches: what occurs, and how often. */
import { checkFields, checkInteger, type Fields } from '../../core/arguments.js';
import type { Listing } from './listing.js';
import { outcomeOf } from './outcomes.js';
import { parsePaths } from './paths.js';
import { Program, PYTHON_FIELDS, type PythonOptions } from './program.js';
import { mayGoOn } from './sync.js';

/** Options of runs with random switches. */
export interface PythonRunOptions extends PythonOptions {
  /** The results asked for, as in `pythonOutcomes`. */
  results?: readonly string[] | undefined;
  /** How many times it is run; 1 by default. */
  rounds?: number | undefined;
  /** The seed of the random choices, a whole number: the same seed gives the same runs. 1 by default. */
  seed?: number | undefined;
}

const FIELDS: Fields<PythonRunOptions> = { ...PYTHON_FIELDS, results: true, rounds: true, seed: true };

/** How often a switch occurs where one may: once in this many times. */
const ODDS = 4;
/** A run is given up after this many places where a switch may occur. */
const LONGEST = 200_000;

/**
 * Runs a Python program, with a switch now and then where its version allows one. It shows what may happen, not how
 * often: CPython switches far more rarely.
 *
 * @param listing the program, as `LISTING_SCRIPT` printed it
 * @param options which threads, what is asked for, how often
 * @returns the outcomes, by their texts, and how often each occurred; `did not end` stands for a run that was given up
 * @throws UnsupportedError, with the line, when the program does something that is not supported; RangeError when there
 *   is no such function or result; TypeError or RangeError when the listing or an option is invalid
 *
 * @example
 * ```ts
 * import { runPython } from 'atomics-sync-free/gil/outcomes';
 * const module = {
 *   name: '<module>', line: 1, arguments: [0, 0, 0], flags: 0, locals: [], cells: [], free: [], constants: [1], handlers: [],
 *   instructions: [['LOAD_CONST', 0, null, 1], ['STORE_NAME', 0, 'x', 1], ['LOAD_CONST', 0, null, 1], ['RETURN_VALUE', null, null, 1]],
 * } as const;
 * const listing = { python: '3.10.13', file: 'prog.py', source: 'x = 1', module };
 * console.log([...runPython(listing, { results: ['x'] })]); // [ [ 'x = 1', 1 ] ]
 * ```
 */
export function runPython(listing: Listing, options: PythonRunOptions = {}): Map<string, number> {
  checkFields('runPython', options, FIELDS);
  const { results = [], rounds = 1, seed = 1, ...rest } = options;
  checkInteger('rounds', rounds, 1, Number.MAX_SAFE_INTEGER);
  checkInteger('seed', seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const paths = parsePaths(results);
  const program = new Program(listing, rest);
  const random = randomFrom(seed);
  const counts = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const state = program.begin();
    program.checkResults(state, paths);
    let running = 0;
    let text = 'did not end';
    for (let places = 0; places < LONGEST; places++) {
      const ready = [...state.threads.keys()].filter(
        (at) => !state.threads[at].done && mayGoOn(state.threads[at], at, state.threads),
      );
      if (ready.length === 0) {
        text = outcomeOf(state, paths).text;
        break;
      }
      if (!ready.includes(running) || random(ODDS) === 0) running = ready[random(ready.length)];
      program.run(state, running);
    }
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

/** A generator of random numbers below a bound (xorshift32, Marsaglia 2003). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
