/**
 * What the agent and its keeper both know about requests, in shared memory: the agent enters and leaves without a
 * message, and can read how long a lease lasts while it computes.
 *
 * ```text
 *  word       who writes it
 *  state      0 free → WAITS → HELD → 0: the agent, while the slot is free or its own. The keeper adds RENEWS while it asks
 *             for the request; an agent that leaves meanwhile sets LEFT, and the keeper frees the slot
 *  object     what the request is for: the agent, before it enters
 *  sequence   the number of the request: the agent, before it enters
 *  deadline   until when the lease surely lasts, by `now()`: the agent before it enters, the keeper while it renews
 * ```
 */

export const WAITS = 1;
export const HELD = 2;
const RENEWS = 4;
const LEFT = 8;

/** How many requests one agent may have pending or held. */
const SLOTS = 4096;
const WORDS = 2;
const [STATE, OBJECT] = [0, 1];
const NUMBERS = 2;
const [SEQUENCE, DEADLINE] = [0, 1];

/** A request that the keeper is to ask for. */
export interface Due {
  readonly slot: number;
  readonly object: number;
  readonly sequence: number;
}

export class Slots {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  #next = 0;

  constructor(buffer = new SharedArrayBuffer(SLOTS * (4 * WORDS + 8 * NUMBERS))) {
    this.buffer = buffer;
    this.#numbers = new Float64Array(buffer, 0, SLOTS * NUMBERS);
    this.#words = new Int32Array(buffer, 8 * SLOTS * NUMBERS, SLOTS * WORDS);
  }

  // --- the agent ---------------------------------------------------------------------------------------------------------

  /** @returns a slot, entered as a waiting one, or undefined when all are taken */
  enter(object: number, sequence: number, deadline: number): number | undefined {
    for (let tries = 0; tries < SLOTS; tries++) {
      const slot = this.#next;
      this.#next = (slot + 1) % SLOTS;
      if (Atomics.load(this.#words, slot * WORDS + STATE) !== 0) continue;
      this.#words[slot * WORDS + OBJECT] = object;
      this.#numbers[slot * NUMBERS + SEQUENCE] = sequence;
      this.#numbers[slot * NUMBERS + DEADLINE] = deadline;
      Atomics.store(this.#words, slot * WORDS + STATE, WAITS);
      return slot;
    }
    return undefined;
  }

  /** The waiting request has its permit. */
  hold(slot: number): void {
    Atomics.add(this.#words, slot * WORDS + STATE, HELD - WAITS);
  }

  /** The agent itself has asked for the request again. */
  extend(slot: number, deadline: number): void {
    this.#numbers[slot * NUMBERS + DEADLINE] = Math.max(deadline, this.deadline(slot));
  }

  leave(slot: number): void {
    const at = slot * WORDS + STATE;
    if ((Atomics.exchange(this.#words, at, LEFT) & RENEWS) === 0) Atomics.store(this.#words, at, 0);
  }

  deadline(slot: number): number {
    return this.#numbers[slot * NUMBERS + DEADLINE];
  }

  // --- the keeper --------------------------------------------------------------------------------------------------------

  /** @returns the requests whose lease ends before `until`; each is marked as being renewed */
  *due(until: number): Generator<Due> {
    for (let slot = 0; slot < SLOTS; slot++) {
      const at = slot * WORDS + STATE;
      const state = Atomics.load(this.#words, at);
      if ((state !== WAITS && state !== HELD) || this.deadline(slot) >= until) continue;
      if (Atomics.compareExchange(this.#words, at, state, state | RENEWS) !== state) continue;
      yield {
        slot,
        object: this.#words[slot * WORDS + OBJECT],
        sequence: this.#numbers[slot * NUMBERS + SEQUENCE],
      };
    }
  }

  /**
   * Notes that the request has been asked for.
   *
   * @param deadline until when it now lasts; undefined when that is not known
   * @returns its state; 0 when the agent has left it meanwhile
   */
  renewed(slot: number, deadline: number | undefined): number {
    if (deadline !== undefined) this.#numbers[slot * NUMBERS + DEADLINE] = deadline;
    const at = slot * WORDS + STATE;
    const state = Atomics.and(this.#words, at, ~RENEWS);
    if ((state & LEFT) !== 0) Atomics.store(this.#words, at, 0);
    return (state & LEFT) === 0 ? state & ~RENEWS : 0;
  }
}
