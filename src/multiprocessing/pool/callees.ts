/** The functions that a pool was given, as it tells its workers of them. */
import type { ForeignWorker } from '../../host/settings.js';
import type { Call } from '../../tasks/call.js';
import { MOST_FUNCTIONS, Recent } from '../../tasks/recent.js';
import { resolveTarget } from '../../tasks/target.js';
import { Callee } from './messages.js';
import { Texts } from './texts.js';

export class Callees {
  readonly #pool: string;
  readonly #make: (() => ForeignWorker) | undefined;
  /** What workers are told of them. */
  readonly texts = new Texts();
  /** By their texts. One that was forgotten is new when it is met again. */
  readonly #callees = new Recent<string, Callee>(MOST_FUNCTIONS);
  /** How many there have been. */
  #count = 0;
  readonly #known = new WeakMap<object, Callee>();
  /** The function that was asked for last, and its callee: most calls are of the same one. */
  #last: unknown;
  #lastCallee: Callee | undefined;

  /**
   * @param pool its name
   * @param make what makes its workers, if their own module serves functions
   */
  constructor(pool: string, make: (() => ForeignWorker) | undefined) {
    this.#pool = pool;
    this.#make = make;
  }

  /**
   * @returns what workers are told of a function
   * @throws TypeError when it is not a function for this pool
   */
  of(target: unknown): Callee {
    if (target === this.#last && this.#lastCallee !== undefined) return this.#lastCallee;
    const callee = this.#known.get(Object(target)) ?? this.#meet(target);
    this.#last = target;
    this.#lastCallee = callee;
    return callee;
  }

  #meet(target: unknown): Callee {
    const call = this.callOf(target);
    const text = JSON.stringify(call);
    const name = call.name === '' ? 'a function' : call.name;
    const label = `${name} in ${this.#pool}`;
    let callee = this.#callees.get(text);
    if (callee === undefined) {
      callee = new Callee(this.#count++, text, label, this.texts);
      this.#callees.set(text, callee);
    }
    this.#known.set(target as object, callee);
    return callee;
  }

  /** @throws TypeError when it is not a function for this pool */
  callOf(target: unknown, name?: string): Call {
    const { call, worker } = resolveTarget(target, name);
    if (worker === undefined || worker === this.#make) return call;
    throw new TypeError(
      `${call.name} is served by workers of its own file, and this pool has other workers: give the pool the function that ` +
        'makes them, as its option worker',
    );
  }
}
