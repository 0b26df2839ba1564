/**
 * Which objects an agent has told its keeper of, by numbers that are never reused. A program may use a new name for
 * each order that it handles, so once there are many, objects without requests are forgotten on both sides.
 */

/** An object that the keeper knows. */
export interface KnownObject {
  readonly number: number;
  /** How many requests are for it. */
  users: number;
}

/** More than twice as many as can be in use, so that many are forgotten at once. */
const MOST = 10_000;

export class KnownObjects {
  readonly #byName = new Map<string, KnownObject>();
  #last = 0;

  get size(): number {
    return this.#byName.size;
  }

  get(name: string): KnownObject | undefined {
    return this.#byName.get(name);
  }

  /** Adds a new object. */
  add(name: string): KnownObject {
    const object = { number: ++this.#last, users: 0 };
    this.#byName.set(name, object);
    return object;
  }

  /** @returns the numbers of the objects that this call forgets */
  forgetSome(): number[] {
    if (this.#byName.size < MOST) return [];
    const idle = [...this.#byName].filter(([, { users }]) => users === 0);
    for (const [name] of idle) this.#byName.delete(name);
    return idle.map(([, { number }]) => number);
  }
}
