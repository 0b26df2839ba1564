/** What a test is: words, primitives, actors, an arbiter, and its declared outcomes. */
import { misspelt, nearest } from '../check/nearest.js';
import type { Arena } from '../index.js';

/** How an outcome is judged: as right, as proof that a race is still possible, or as a defect. */
export type Expectation = 'ACCEPTABLE' | 'INTERESTING' | 'FORBIDDEN';

/** One outcome that a test declares. */
export interface Outcome {
  /**
   * The result it stands for: what the arbiter returns, `'hang'` (the actors stopped making progress) or `'error: …'`
   * (an actor threw, or ended its worker: `'error: ended by process.exit(1)'`). A regular expression gathers every
   * result that it matches into one outcome.
   */
  readonly result: string | RegExp;
  /** How this outcome is judged. */
  readonly expectation: Expectation;
  /** One sentence: what happened when this is seen. */
  readonly description: string;
  /** The test shows nothing unless this outcome is seen: the verdict is then `NOT SEEN`. */
  readonly mustBeSeen?: boolean | undefined;
}

/**
 * What the actors and the arbiter receive: one iteration's own words, and the primitives that all iterations share.
 *
 * Each word is its index in `memory`, so that plain and atomic accesses read alike:
 * `memory[x] = 1`, `Atomics.store(memory, x, 1)`.
 *
 * @typeParam W - names of the words
 * @typeParam P - shape of the primitives
 */
export type Cell<W extends string, P extends object> = P & { readonly [Name in W]: number } & CellBasics;

/** What every cell has, whatever its words and primitives. */
export interface CellBasics {
  /** The shared memory that the words index. */
  readonly memory: Int32Array;
  /** Which actor this is, counted from 0. */
  readonly actor: number;
  /** How many actors play this iteration. */
  readonly actors: number;
}

/** What one worker does in one iteration. It runs synchronously; it may block. */
export type Actor<C> = (cell: C) => void;

/**
 * A race to run: what is shared, who accesses it, and what the outcomes may be.
 *
 * @typeParam W - names of the words
 * @typeParam P - shape of the primitives
 */
export interface StressTestDefinition<W extends string, P extends object> {
  /** The module that exports the test, for the workers to import: always `import.meta.url`. */
  readonly module: string;
  /** `race/variant`, unique in its module and among the tests of one run. */
  readonly name: string;
  /** One sentence: what is raced for, and under which protection. */
  readonly description: string;
  /** The primitive or topic that the test is about, for example `'Lock'`; lists and the page group by it. `'other'` by default. */
  readonly subject?: string | undefined;
  /** The 32-bit words that each iteration has for itself, with their start values. */
  readonly words: Readonly<Record<W, number>>;
  /**
   * Makes the shared primitives, once for each set of workers, which receive them through `share` and `attach`. Make
   * them in the arena that is passed: it goes away with these workers, and with it whatever hanging workers leave
   * behind in it.
   */
  readonly primitives?: ((arena: Arena) => P) | undefined;
  /**
   * Resets the primitives to the state in which an iteration starts. Called by one of the actors before each iteration,
   * while no actor plays; meant for `batch: 1`, because iterations of one batch overlap.
   */
  readonly prepare?: ((cell: Cell<NoInfer<W>, NoInfer<P>>) => void) | undefined;
  /** What the workers run: a list gives each worker a part of its own; a single actor is played by all of them. */
  readonly actors: Actor<Cell<NoInfer<W>, NoInfer<P>>> | readonly Actor<Cell<NoInfer<W>, NoInfer<P>>>[];
  /** Names the result of an iteration, after all actors have played it. */
  readonly arbiter: (cell: Cell<NoInfer<W>, NoInfer<P>>) => string;
  /** Every outcome the test declares; any other result counts as FORBIDDEN. */
  readonly outcomes: readonly Outcome[];
  /**
   * The index, in the list of actors, of an actor whose worker is terminated at a random moment. When the others have
   * finished their iterations, the arbiter names the result of the iteration in which it died, if it died in one; then
   * new workers play. Meant for `batch: 1`, where nobody goes on to iterations that the dead actor has not played.
   */
  readonly kills?: number | undefined;
  /** The largest number of iterations between two rendezvous of the actors; by default as many as fit a few milliseconds. */
  readonly batch?: number | undefined;
  /** After how many ms without any actor making progress the result is `'hang'`. 2,000 by default. */
  readonly timeLimit?: number | undefined;
}

/** The cell of a test whose words and primitives are unknown. */
export type AnyCell = Cell<never, object>;

/** A defined test, with any words and primitives. Made only by {@link defineStressTest}. */
export interface StressTest extends Omit<StressTestDefinition<never, object>, 'actors' | 'words'> {
  /** Distinguishes tests from other exports of a module. */
  readonly kind: typeof KIND;
  /** The words of an iteration, with their start values. */
  readonly words: Readonly<Record<string, number>>;
  /** What the workers run; a single actor, if all of them run the same. */
  readonly actors: readonly Actor<AnyCell>[];
  /** Whether every worker plays the one actor. */
  readonly everyonePlaysOne: boolean;
}

const KIND = 'atomics-sync-free stress test';
/** What a cell has besides words and primitives. */
export const CELL_NAMES: readonly string[] = ['memory', 'actor', 'actors'] satisfies (keyof CellBasics)[];

/**
 * Defines a race-condition test. Export the result from the module named by `module`, because the workers import it
 * there.
 *
 * The idea of actors, an arbiter and graded outcomes is that of OpenJDK's jcstress.
 *
 * @param definition - the race
 * @returns the test, ready for `run` and for the command `atomics-sync-free stress ./this-file.js`
 * @throws TypeError if it has no actor or an async one, an unknown field, an outcome without a result or with an
 *   unknown expectation, a start value that is not a 32-bit integer, or a word or primitive whose name is already taken
 *   in the cell
 * @throws RangeError if `batch` or `timeLimit` is not a positive number, or `kills` is not an index in the list of
 *   actors
 * @example
 * ```ts
 * import { defineStressTest } from 'atomics-sync-free/stress';
 *
 * export const lostUpdate = defineStressTest({
 *   module: import.meta.url,
 *   name: 'lost-update/plain',
 *   description: 'Two workers add 1 to a word without protection.',
 *   words: { counter: 0 },
 *   actors: ({ memory, counter }) => {
 *     memory[counter]! += 1;
 *   },
 *   arbiter: ({ memory, counter, actors }) => (memory[counter] === actors ? 'exact' : 'lost'),
 *   outcomes: [
 *     { result: 'exact', expectation: 'ACCEPTABLE', description: 'Every addition counted.' },
 *     { result: 'lost', expectation: 'INTERESTING', description: 'One addition overwrote another.' },
 *   ],
 * });
 * ```
 */
export function defineStressTest<W extends string, P extends object = Record<never, never>>(
  definition: StressTestDefinition<W, P>,
): StressTest {
  if (!isRecord(definition)) throw new TypeError('a stress test must be defined by an object');
  const { name, actors, words, batch = 1, timeLimit = 1, kills = 0 } = definition;
  const list = typeof actors === 'function' ? [actors] : actors;
  validate(definition as unknown as Readonly<Record<string, unknown>>, list);
  if (list.length === 0) throw new TypeError(`stress test ${name} has no actor`);
  for (const word of Object.keys(words)) {
    if (CELL_NAMES.includes(word)) throw new TypeError(`stress test ${name}: a word cannot be called "${word}"`);
  }
  if (!(Number.isInteger(batch) && batch > 0)) throw new RangeError(`stress test ${name}: batch must be 1 or more`);
  if (!(typeof timeLimit === 'number' && timeLimit > 0))
    throw new RangeError(`stress test ${name}: timeLimit must be above 0 ms`);
  if (!(Number.isInteger(kills) && kills in list))
    throw new RangeError(`stress test ${name}: kills must be the index of an actor, not ${String(kills)}`);
  const test = { ...definition, kind: KIND, actors: list, everyonePlaysOne: typeof actors === 'function' };
  // From here on nothing accesses words or primitives by name, so their types are dropped.
  return Object.freeze(test) as unknown as StressTest;
}

const FIELDS: readonly string[] = [
  'module',
  'name',
  'description',
  'subject',
  'words',
  'primitives',
  'prepare',
  'actors',
  'arbiter',
  'outcomes',
  'kills',
  'batch',
  'timeLimit',
] satisfies (keyof StressTestDefinition<string, object>)[];
const OUTCOME_FIELDS: readonly string[] = [
  'result',
  'expectation',
  'description',
  'mustBeSeen',
] satisfies (keyof Outcome)[];
const EXPECTATIONS: readonly unknown[] = ['ACCEPTABLE', 'INTERESTING', 'FORBIDDEN'] satisfies Expectation[];

/** A misspelt field in a definition would let everything pass, so each is checked. */
function validate(definition: Readonly<Record<string, unknown>>, actors: readonly unknown[]): void {
  const { name, module, arbiter, words, outcomes, primitives, prepare } = definition;
  const refuse = refuserOf(name);
  const wrong = misspelt(definition, FIELDS);
  if (wrong !== undefined) refuse(`there is no field ${wrong}`);
  if (typeof name !== 'string' || name === '') refuse('it needs a name');
  if (typeof module !== 'string') refuse('module must be import.meta.url');
  if (typeof arbiter !== 'function') refuse('it needs an arbiter');
  for (const [what, fn] of Object.entries({ arbiter, primitives, prepare }))
    if (fn !== undefined) checkPlain(what, fn, refuse);
  if (!isRecord(words)) refuse('words must be an object of names and first values');
  if (!Array.isArray(actors)) refuse('it needs an actor, or a list of them');
  for (const [word, value] of Object.entries(words as object)) {
    if (!Number.isInteger(value) || value !== (value | 0))
      refuse(`word ${word} must start as a 32-bit integer, not ${value}`);
  }
  for (const actor of actors) checkPlain('an actor', actor, refuse);
  if (!Array.isArray(outcomes)) refuse('it needs a list of outcomes');
  for (const outcome of outcomes as Outcome[]) checkOutcome(outcome, refuse);
}

type Refuse = (what: string) => never;

const refuserOf = (name: unknown): Refuse => {
  return (what) => {
    throw new TypeError(`stress test ${name}: ${what}`);
  };
};

function checkPlain(what: string, fn: unknown, refuse: Refuse): void {
  const kind = Object.prototype.toString.call(fn);
  if (kind !== '[object Function]') refuse(`${what} must be a plain synchronous function, not ${kind}`);
}

function checkOutcome(outcome: Outcome, refuse: Refuse): void {
  if (!isRecord(outcome)) refuse('an outcome must be an object');
  const { result, expectation, mustBeSeen = false } = outcome;
  const wrong = misspelt(outcome, OUTCOME_FIELDS);
  if (wrong !== undefined) refuse(`outcome ${result} has no field ${wrong}`);
  if (typeof mustBeSeen !== 'boolean') refuse(`mustBeSeen of outcome ${result} must be true or false`);
  if (typeof result !== 'string' && !(result instanceof RegExp))
    refuse('an outcome needs a result: a text or a RegExp');
  if (EXPECTATIONS.includes(expectation)) return;
  const near = nearest(String(expectation), EXPECTATIONS.map(String));
  refuse(`outcome ${result} has the expectation '${expectation}'${near}`);
}

/**
 * The topic that a test is grouped under.
 *
 * @param test - the test
 * @returns its `subject`, or `'other'`
 * @example
 * ```ts
 * import { catalogue, subjectOf } from 'atomics-sync-free/stress';
 *
 * console.log(new Set(catalogue.map(subjectOf)).has('Lock')); // true
 * ```
 */
export const subjectOf = ({ subject = 'other' }: StressTest): string => subject;

/** An array or a Map has entries other than names and values. */
const isRecord = (value: unknown): boolean => Object.prototype.toString.call(value) === '[object Object]';

/** Distinguishes tests from whatever else a module exports. */
function isStressTest(value: unknown): value is StressTest {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === KIND;
}

/** @throws TypeError when it is not a stress test */
export function checkStressTest(value: unknown): void {
  if (!isStressTest(value)) throw new TypeError('a stress test must be what defineStressTest() returns');
}

/**
 * Finds the tests that a module exports, singly or in arrays.
 *
 * @param exports - a module namespace, as returned by `import()`
 * @returns its tests in the order of export names, each once
 * @example
 * ```ts
 * import * as stress from 'atomics-sync-free/stress';
 *
 * console.log(stress.testsOf(stress).length === stress.catalogue.length); // true
 * ```
 */
export function testsOf(exports: object): StressTest[] {
  return [...new Set(Object.values(exports).flat().filter(isStressTest))];
}
