/** A program under a version's rules: how it begins, and how its threads continue. */

import { checkArray, checkBoolean, checkFunction, checkString, type Fields } from '../../core/arguments.js';
import { bind } from './binding.js';
import { checkHeat, type Heat, type Reason, type Rules } from './checks.js';
import { allCode, codeOf } from './code.js';
import { checkListing, type Listing, UnsupportedError, versionOf } from './listing.js';
import { Machine } from './machine/machine.js';
import type { Path } from './paths.js';
import type { State } from './state.js';
import { mayGoOn } from './sync.js';
import { Raised } from './values/classes.js';
import type { Code } from './values/code.js';
import { Frame, Func } from './values/frames.js';
import { Sync } from './values/sync.js';
import { lineOf, Thread } from './values/threads.js';
import { Unsupported } from './values/unsupported.js';
import type { Value } from './values/value.js';

/** Options of a program's run. */
export interface PythonOptions {
  /** The functions that threads call; by default the file is run as it is, and starts its threads itself. */
  threads?: readonly string[] | undefined;
  /** From 3.11 on: whether code has run several times and was specialized (`'hot'`, the default), or not (`'cold'`). */
  heat?: Heat | undefined;
  /** Whether it runs without a GIL; only for bytecode of 3.13, whose free-threaded build has the same bytecode. */
  freeThreaded?: boolean | undefined;
  /** Called with what the program prints; by default the output is discarded. */
  print?: ((text: string) => void) | undefined;
}

/** All options. */
export const PYTHON_FIELDS: Fields<PythonOptions> = { threads: true, heat: true, freeThreaded: true, print: true };

export class Program {
  readonly rules: Rules;
  readonly module: Code;
  readonly #listing: Listing;
  readonly #threads: readonly string[];
  readonly #machine: Machine;

  constructor(
    listing: Listing,
    { threads = [], heat = 'hot', freeThreaded = false, print = () => {} }: PythonOptions = {},
  ) {
    checkListing(listing);
    checkArray('threads', threads);
    for (const name of threads) checkString("a thread's function", name);
    checkHeat(heat);
    checkBoolean('freeThreaded', freeThreaded);
    checkFunction('print', print);
    const version = versionOf(listing.python);
    if (version === undefined) throw new UnsupportedError(listing.file, `bytecode of Python ${listing.python}`);
    if (freeThreaded && version !== '3.13') {
      throw new RangeError(`a free-threaded run needs bytecode of 3.13, not of ${listing.python}`);
    }
    this.#listing = listing;
    this.#threads = threads;
    this.rules = { version, heat, freeThreaded };
    this.module = codeOf(listing.module);
    const changing = new Set(allCode(this.module).flatMap((code) => storedBy(code, threads.length === 0)));
    this.#machine = new Machine(this.rules, { changing, print });
  }

  /**
   * @returns the state in which the threads begin: if functions are named, the file has run
   * @throws UnsupportedError if the file does not end by itself; RangeError if it has no such function
   */
  begin(): State {
    const globals = new Map<string, Value>();
    globals.set('__name__', this.#threads.length === 0 ? '__main__' : 'prog');
    const state: State = { globals, threads: [] };
    const main = new Thread('main', new Sync('Thread'));
    main.object.owner = 0;
    main.frames.push(new Frame(this.module, [], [], globals, 'thread'));
    state.threads.push(main);
    if (this.#threads.length === 0) return state;
    while (!main.done) {
      if (main.waiting !== null && !mayGoOn(main, 0, state.threads))
        this.#refuse('the file itself waits for a lock', lineOf(main));
      this.run(state, 0);
      if (state.threads.length > 1)
        this.#refuse('the file starts threads itself: name none, or guard that by __name__', 0);
    }
    if (main.raised !== null) this.#refuse(`the file itself raises ${main.raised.text}`, main.raised.line);
    state.threads.length = 0;
    for (const name of this.#threads) state.threads.push(this.#thread(name, globals));
    return state;
  }

  #thread(name: string, globals: ReadonlyMap<string, Value>): Thread {
    const func = globals.get(name);
    if (!(func instanceof Func)) throw new RangeError(`${this.#listing.file} has no function '${name}'`);
    const thread = new Thread(name, new Sync('Thread'));
    thread.object.owner = 0;
    try {
      thread.frames.push(bind(func, [], new Map(), 'thread', undefined));
    } catch (error) {
      if (error instanceof Unsupported) this.#refuse(`${error.message} is not supported`, func.code.line);
      if (!(error instanceof Raised)) throw error;
      throw new RangeError(`${name}() needs arguments; a thread's function is called with none`);
    }
    return thread;
  }

  /**
   * Checks that results begin with globals. Without threads the file has yet to run, and may still make them.
   *
   * @param first the state in which the threads begin
   * @throws RangeError when one does not
   */
  checkResults(first: State, paths: readonly Path[]): void {
    if (this.#threads.length === 0) return;
    const unknown = paths.find(({ name }) => !first.globals.has(name));
    if (unknown !== undefined) throw new RangeError(`${this.#listing.file} has no global '${unknown.name}'`);
  }

  /**
   * Runs a thread that may go on to the next place where another may come in, or to where it waits or ends.
   *
   * @returns why another may come in
   * @throws UnsupportedError with the line
   */
  run(state: State, thread: number): Reason | undefined {
    try {
      return this.#machine.run(state, thread);
    } catch (error) {
      if (error instanceof Unsupported) this.#refuse(`${error.message} is not supported`, error.line);
      const { file } = this.#listing;
      throw new Error(`${file}, line ${lineOf(state.threads[thread])}: this is a bug in the machine`, { cause: error });
    }
  }

  #refuse(problem: string, line: number): never {
    const { file } = this.#listing;
    throw new UnsupportedError(line === 0 ? file : `${file}, line ${line}`, problem, line);
  }
}

/** @param isMain whether the module's own code runs while other threads do */
const storedBy = (code: Code, isMain: boolean): string[] =>
  code.instructions.flatMap(({ name, text }) => {
    const stores = name === 'STORE_GLOBAL' || name === 'DELETE_GLOBAL' || (isMain && name === 'STORE_NAME');
    return stores ? [text] : [];
  });
