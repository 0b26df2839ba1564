/** Runs of a Python program with switches at random: what is met with, and how often. */
import { checkFields, type Fields } from '../../core/arguments.js';
import type { Listing } from './listing.js';
import { outcomeOf } from './outcomes.js';
import { parsePath } from './paths.js';
import { Program, PYTHON_FIELDS, type PythonOptions } from './program.js';
import { mayGoOn } from './sync.js';

/** How a program is run with switches at random. */
export interface PythonRunOptions extends PythonOptions {
  /** What is asked for at the end, as `pythonOutcomes` takes it. */
  results?: readonly string[] | undefined;
  /** How often it is run; 1 by default. */
  rounds?: number | undefined;
  /** What the choices follow from: the same seed, the same runs. 1 by default. */
  seed?: number | undefined;
}

const FIELDS: Fields<PythonRunOptions> = { ...PYTHON_FIELDS, results: true, rounds: true, seed: true };

/** How often a switch comes where one may: one time in so many. */
const ODDS = 4;
/** A run is given up after so many places where a switch may come. */
const LONGEST = 200_000;

/**
 * Runs a Python program, with a switch now and then where its version lets one come. It shows what may happen, not how
 * often it would: CPython switches far more rarely.
 *
 * @param listing the program, as `LISTING_SCRIPT` printed it
 * @param options which threads, what is asked for, how often
 * @returns the outcomes, by their texts, and how often each came; `did not end` stands for a run that was given up
 * @throws UnsupportedError, with the line, when the program does what is not supported; RangeError when there is no such
 *   function or result, or an option is none
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
  if (!Number.isSafeInteger(rounds) || rounds < 1)
    throw new RangeError(`rounds is a whole number above 0, not ${rounds}`);
  const paths = results.map(parsePath);
  const program = new Program(listing, rest);
  const random = randomFrom(seed);
  const counts = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const state = program.begin();
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

/** A generator of numbers below a bound (xorshift32, Marsaglia 2003). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
