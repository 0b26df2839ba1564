/**
 * All possible outcomes of a Python program: every choice of who goes on, at every place where its version lets others
 * in.
 *
 * Wherever the version checks whether somebody has asked for the GIL, somebody may have, because any wait may outlast
 * the switch interval. A thread that sleeps, or waits with a time-out, may go on at any time.
 */

import { checkBound, checkFields, type Fields } from '../../core/arguments.js';
import type { Listing } from './listing.js';
import { nameOf, type Path, parsePaths, read } from './paths.js';
import { Program, PYTHON_FIELDS, type PythonOptions } from './program.js';
import { copyOf, keyOf, type State } from './state.js';
import { mayGoOn } from './sync.js';
import { lineOf } from './values/threads.js';

/** What is asked about a Python program. */
export interface PythonQuestion extends PythonOptions {
  /** The results asked for at the end: global names, with attributes or items, or `len` of such: `x`, `o.v`, `d['k']`. */
  results?: readonly string[] | undefined;
  /** How many states to explore before giving up, 1 or more; 200,000 by default, and Infinity never gives up. */
  maxStates?: number | undefined;
}

const FIELDS: Fields<PythonQuestion> = { ...PYTHON_FIELDS, results: true, maxStates: true };

/** One possible outcome of a program. */
export interface PythonOutcome {
  /** The whole outcome in one line. */
  readonly text: string;
  /** The results in the order in which they were asked for, as Python shows them. */
  readonly results: readonly string[];
  /** Exceptions that threads did not catch. */
  readonly raised: readonly {
    /** The thread's name. */
    readonly thread: string;
    /** The exception as Python shows it, such as `KeyError: 'k'`. */
    readonly error: string;
    /** The line that raised it, from 1. */
    readonly line: number;
  }[];
  /** For a deadlock, which threads wait for what; empty if all have ended. */
  readonly deadlock: readonly {
    /** The thread's name. */
    readonly thread: string;
    /** The line in which it waits, from 1. */
    readonly line: number;
    /** What it waits for: a path such as `d['k']`, or its kind, such as `a Lock`, when no short path leads to it. */
    readonly waitsFor: string;
  }[];
}

/** All possible outcomes of a program under one version's rules. */
export interface PythonOutcomes {
  /** The version whose rules these are, such as `3.11.7`. */
  readonly python: string;
  /** Every outcome of some interleaving, sorted by text. */
  readonly outcomes: readonly PythonOutcome[];
  /** Whether some interleaving can reach a point from which the program cannot end. */
  readonly endless: boolean;
  /** How many states were seen. */
  readonly states: number;
}

const MOST_STATES = 200_000;

/**
 * Explores every interleaving of a Python program's threads, using the bytecode of the Python that compiled it and that
 * version's own check points. Python itself is not needed.
 *
 * @param listing the program, as `LISTING_SCRIPT` printed it
 * @param question which threads, and what is asked for at the end
 * @returns all outcomes
 * @throws UnsupportedError, with the line, when the program does something that is not supported; RangeError when there
 *   is no such function or result; TypeError or RangeError when the listing or an option is invalid; Error when there are
 *   more states than allowed
 *
 * @example
 * ```ts
 * import { type Listing, pythonOutcomes } from 'atomics-sync-free/gil/outcomes';
 * const code = {
 *   name: 'f', line: 2, arguments: [0, 0, 0], flags: 0, locals: [], cells: [], free: [], constants: [null, 1], handlers: [],
 *   instructions: [
 *     ['LOAD_GLOBAL', 0, 'x', 3], ['LOAD_CONST', 1, null, 3], ['INPLACE_ADD', null, null, 3],
 *     ['STORE_GLOBAL', 0, 'x', 3], ['LOAD_CONST', 0, null, 3], ['RETURN_VALUE', null, null, 3],
 *   ],
 * } as const;
 * const module = {
 *   ...code, name: '<module>', constants: [0, { code }, 'f', null],
 *   instructions: [
 *     ['LOAD_CONST', 0, null, 1], ['STORE_NAME', 0, 'x', 1], ['LOAD_CONST', 1, null, 2], ['LOAD_CONST', 2, null, 2],
 *     ['MAKE_FUNCTION', 0, null, 2], ['STORE_NAME', 1, 'f', 2], ['LOAD_CONST', 3, null, 2], ['RETURN_VALUE', null, null, 2],
 *   ],
 * } as const;
 * const of = (python: string): Listing => ({ python, file: 'prog.py', source: 'x = 0 …', module });
 * const question = { threads: ['f', 'f'], results: ['x'] };
 * console.log(pythonOutcomes(of('3.9.18'), question).outcomes.map(({ text }) => text)); // [ 'x = 1', 'x = 2' ]
 * console.log(pythonOutcomes(of('3.10.13'), question).outcomes.map(({ text }) => text)); // [ 'x = 2' ]
 * ```
 */
export function pythonOutcomes(listing: Listing, question: PythonQuestion = {}): PythonOutcomes {
  checkFields('pythonOutcomes', question, FIELDS);
  const { results = [], maxStates = MOST_STATES, ...options } = question;
  checkBound('maxStates', maxStates, 1, Number.MAX_SAFE_INTEGER);
  const paths = parsePaths(results);
  const program = new Program(listing, options);
  const first = program.begin();
  program.checkResults(first, paths);
  const search = new Search(program, paths, maxStates);
  search.run(first);
  const outcomes = [...search.outcomes.values()].sort((a, b) => (a.text < b.text ? -1 : 1));
  const endless = search.isEndless();
  return { python: listing.python, outcomes, endless, states: search.states };
}

class Search {
  readonly outcomes = new Map<string, PythonOutcome>();
  readonly #program: Program;
  readonly #paths: readonly Path[];
  readonly #maxStates: number;
  readonly #numbers = new Map<string, number>();
  /** The states from which each state is reached. */
  readonly #before: number[][] = [];
  readonly #ends: number[] = [];

  constructor(program: Program, paths: readonly Path[], maxStates: number) {
    this.#program = program;
    this.#paths = paths;
    this.#maxStates = maxStates;
  }

  get states(): number {
    return this.#before.length;
  }

  run(first: State): void {
    const open: [state: State, number: number][] = [];
    const reach = (state: State, from: number): void => {
      const key = keyOf(state);
      let number = this.#numbers.get(key);
      if (number === undefined) {
        number = this.#before.length;
        if (number >= this.#maxStates) {
          throw new Error(
            `the program has more than ${this.#maxStates} states: reduce its loops, or allow more states`,
          );
        }
        this.#numbers.set(key, number);
        this.#before.push([]);
        open.push([state, number]);
      }
      if (from >= 0) this.#before[number].push(from);
    };
    reach(first, -1);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [state, number] = next;
      const ready = [...state.threads.keys()].filter((at) => {
        const thread = state.threads[at];
        return !thread.done && mayGoOn(thread, at, state.threads);
      });
      if (ready.length === 0) {
        this.#ends.push(number);
        const outcome = outcomeOf(state, this.#paths);
        this.outcomes.set(outcome.text, outcome);
      }
      for (const [i, at] of ready.entries()) {
        const after = i === ready.length - 1 ? state : copyOf(state);
        this.#program.run(after, at);
        reach(after, number);
      }
    }
  }

  /** Whether there is a state from which no end is reached. */
  isEndless(): boolean {
    const ending = new Set(this.#ends);
    for (const number of ending) for (const before of this.#before[number]) ending.add(before);
    return ending.size < this.states;
  }
}

/** @returns the outcome of a program none of whose threads can go on */
export function outcomeOf({ globals, threads }: State, paths: readonly Path[]): PythonOutcome {
  const results = paths.map((path) => read(path, globals));
  const raised = threads.flatMap(({ name, raised }) =>
    raised === null ? [] : [{ thread: name, error: raised.text, line: raised.line }],
  );
  const deadlock = threads.flatMap((thread) => {
    if (thread.waiting === null) return [];
    return [{ thread: thread.name, line: lineOf(thread), waitsFor: nameOf(thread.waiting.sync, globals) }];
  });
  const parts = [
    ...paths.map(({ text }, at) => `${text} = ${results[at]}`),
    ...raised.map(({ thread, error, line }) => `${thread} raised ${error} (line ${line})`),
  ];
  if (deadlock.length > 0) {
    const waits = deadlock.map(({ thread, line, waitsFor }) => `${thread}, line ${line}, waits for ${waitsFor}`);
    parts.push(`deadlock: ${waits.join('; ')}`);
  }
  return { text: parts.length === 0 ? 'ended' : parts.join(', '), results, raised, deadlock };
}
