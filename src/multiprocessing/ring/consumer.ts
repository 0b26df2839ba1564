/** The get side of a ring as one live object has it. */
import type { WaitOptions } from '../../core/arguments.js';
import { GATE } from '../../core/memory/cells.js';
import type { Member } from '../../core/memory/member.js';
import { ownerOf } from '../../core/memory/owner.js';
import { BELL } from '../../core/memory/region.js';
import { now } from '../../core/wait/clock.js';
import { Patience } from '../../core/wait/patience.js';
import { changesSoon } from '../../core/wait/spin.js';
import { TaskPatience } from '../../core/wait/task-looks.js';
import type { Subject } from '../../core/wait/wait.js';
import { Waiting } from '../../core/wait/waiting.js';
import { atOnce, checkNotAtWork } from './latch.js';
import { fetch, fetchAsync } from './lending.js';
import { missingMemory } from './memories.js';
import { ENDED, Failure, NONE } from './outcome.js';
import { getPass, lookPass, togetherPass } from './passes.js';
import { RingSide } from './ring-side.js';
import { behind, bytesOf, type Segments } from './segments.js';
import {
  AT,
  BYTES_GATE,
  COUNT,
  DISCARDED,
  DONE,
  DROPPED,
  FOR_BYTES,
  GET_SIDE,
  KNOWN,
  LATCH_WORD,
  PUT_SIDE,
  STATE,
} from './sides.js';
import { isDropped, isEnded, isLeft } from './states.js';
import { Taken } from './taken.js';
import { leaveGet, wakeFor, wakeForRoom, wakeNext } from './wakes.js';

export class Consumer extends RingSide {
  /** If items stay until they are done: those that this object has taken and that are not. */
  readonly #taken: Taken | undefined;
  readonly #waiting: Waiting;
  /** Like `#waiting`, for tasks that wait for an answer. */
  readonly #awaiting: Waiting;
  readonly #looking: Waiting;
  readonly #lookingPatiently: Waiting;
  /** A look by a waiter that also waits for other things of the arena. */
  readonly together: Waiting;

  /** @param ring the index of the ring's cell */
  constructor(subject: Subject, member: Member, ring: number, segments: Segments) {
    const { words } = member;
    super(subject, member, ring, words[ring + GET_SIDE], words[ring + PUT_SIDE], segments);
    this.#taken = this.keeps ? new Taken(member, ring, segments) : undefined;
    const gate = this.side + GATE;
    this.#waiting = new Waiting(subject, member, getPass, this.side, gate, { patience: new Patience() });
    this.#awaiting = new Waiting(subject, member, getPass, this.side, gate, { patience: new TaskPatience() });
    // Both wait on one gate, for different things: a task that only looks must not keep others from taking.
    this.#looking = new Waiting(subject, member, lookPass, this.side, gate, { key: -gate });
    const patience = new TaskPatience();
    this.#lookingPatiently = new Waiting(subject, member, lookPass, this.side, gate, { key: -gate, patience });
    this.together = new Waiting(subject, member, togetherPass, ring, BELL);
  }

  /**
   * Takes an item, blocking until there is one.
   *
   * @param timeout the longest wait, in ms, checked by the caller; 0 only tries
   * @returns the item, NONE or ENDED
   * @throws what decoding it throws
   */
  get(timeout: number): unknown {
    let item = this.once(NONE, false);
    if (item === NONE && timeout > 0 && this.#comesSoon()) item = this.once(NONE, false);
    return item === NONE || item instanceof Failure ? this.#getSlowly(timeout, item) : item;
  }

  /** Whether something is put while a wait would look in any case. */
  #comesSoon(): boolean {
    return changesSoon(this.words, this.other + COUNT, this.words[this.side + COUNT]);
  }

  /** @param first the outcome of the first try */
  #getSlowly(timeout: number, first: unknown): unknown {
    const start = now();
    let item = first === NONE ? this.#waitFor(timeout) : first;
    while (item instanceof Failure) {
      const missing = missingMemory(item.error);
      const left = Math.max(0, timeout - (now() - start));
      const memory = missing === undefined ? undefined : fetch(missing, left);
      if (memory === undefined) throw item.error;
      // The memory is there as long as it is needed here; meanwhile another agent may have taken the item.
      item = this.#waitFor(Math.max(0, timeout - (now() - start)));
    }
    return item;
  }

  #waitFor(timeout: number): unknown {
    this.mend();
    checkNotAtWork(this.#waiting, this.subject, 'get');
    const start = now();
    for (let left = timeout; left > 0; left = timeout - (now() - start)) {
      if (!this.#waiting.wait(left)) return NONE;
      const item = this.#onceWaited();
      // An agent has ended that left no item.
      if (item !== NONE) return item;
    }
    if (timeout > 0 || !atOnce(this.#waiting)) return NONE;
    return this.#onceWaited(isEnded(this.words, this.ring) ? ENDED : NONE);
  }

  /** The outcome of a wait. A pass that held the latch for a moment may have kept others from discarding what is left. */
  #onceWaited(otherwise: unknown = ENDED): unknown {
    const item = this.once(otherwise, true);
    if (item === ENDED) this.discard();
    return item;
  }

  /**
   * Like `get`, without blocking the agent; rejected with the signal's reason when it aborts, and for bad options.
   *
   * @param patiently whether it is for an answer, and may look for a while before it asks to be woken
   */
  getAsync(options: WaitOptions, patiently = false): Promise<unknown> {
    let item: unknown = NONE;
    const take = (): void => {
      item = this.#onceWaited();
    };
    const start = now();
    return (patiently ? this.#awaiting : this.#waiting).waitAsync(options, 0, take).then((got) => {
      if (item instanceof Failure) return this.#getUnlessMissing(item.error, options, start);
      return got && item === NONE ? this.#getInTime(options, start) : item;
    });
  }

  /** @param start when the wait began */
  #getInTime(options: WaitOptions, start: number): Promise<unknown> {
    const { timeout = Infinity } = options;
    return this.getAsync({ ...options, timeout: Math.max(0, timeout - (now() - start)) });
  }

  /** Gets an item that names memory that has not reached this agent, or throws why it cannot be got. */
  async #getUnlessMissing(error: unknown, options: WaitOptions, start: number): Promise<unknown> {
    const missing = missingMemory(error);
    const memory = missing === undefined ? undefined : await fetchAsync(missing, options.signal);
    if (memory === undefined) throw error;
    return this.#getInTime(options, start);
  }

  /**
   * Takes all items that are there, from a ring from which nobody else takes, and so without the latch.
   *
   * @param use called with each once it is taken; it may call this
   * @returns how many this call has taken
   * @throws what decoding throws
   */
  drain(use: (item: unknown) => void): number {
    const words = this.words;
    const side = this.side;
    let taken = 0;
    for (let count = words[side + COUNT]; this.#knowsItem(count); count = words[side + COUNT]) {
      if (isDropped(words, this.ring)) break;
      const item = this.#takeNext(count);
      wakeForRoom(this.member, this.ring);
      if (item instanceof Failure) throw item.error;
      taken++;
      use(item);
    }
    return taken;
  }

  /**
   * Blocks until there is an item, or the end.
   *
   * @returns whether there is one in time
   */
  look(timeout: number): boolean {
    const there = this.#looking.wait(timeout);
    if (there && timeout > 0) wakeNext(this.member, this.side);
    return there;
  }

  /**
   * Like `look`, without blocking the agent.
   *
   * @param patiently whether it may look for a while before it asks to be woken
   */
  lookAsync(options: WaitOptions, patiently = false): Promise<boolean> {
    return (patiently ? this.#lookingPatiently : this.#looking).waitAsync(options);
  }

  /**
   * Receives, in nobody's name, what nobody takes any more: a pipe end that is on its way in it is closed. It is called
   * by the agent that brings this about, or finds it so. An agent that gets the latch after that takes nothing; one
   * that still holds it calls this when it leaves.
   */
  discard(): void {
    const { words, ring } = this;
    if (!isLeft(words, ring) || ownerOf(Atomics.load(words, this.side + LATCH_WORD)) !== 0) return;
    if ((Atomics.or(words, ring + STATE, DISCARDED) & DISCARDED) === 0) this.#discardAll();
  }

  /** The counts stay: they say how many were taken. */
  #discardAll(): void {
    const { words, side, segments } = this;
    const end = Atomics.load(words, this.other + COUNT);
    let at = words[side + AT + (words[side + COUNT] & 1)];
    for (let count = words[side + COUNT]; count !== end; count = (count + 1) | 0) {
      const item = segments.itemAt(at);
      const start = bytesOf(item);
      segments.discard(start, start + segments.words[item]);
      at = behind(item, segments.words[item]);
    }
  }

  protected leave(): void {
    const status = leaveGet(this.member, this.side, this.me);
    if ((status & (DROPPED | DISCARDED)) === DROPPED) this.discard();
  }

  // --- with the latch held ------------------------------------------------------------------------------------------

  protected work(): unknown {
    const words = this.words;
    const side = this.side;
    const count = words[side + COUNT];
    if (this.#taken !== undefined && !isDropped(words, this.ring)) {
      const back = this.#taken.takeBack(count);
      if (back !== 0) return this.#take(back);
    }
    if (!this.#knowsItem(count)) return NONE;
    return isDropped(words, this.ring) ? ENDED : this.#takeNext(count);
  }

  /** @param count how many items were taken before */
  #takeNext(count: number): unknown {
    const words = this.words;
    const side = this.side;
    const at = this.segments.itemAt(words[side + AT + (count & 1)]);
    const item = this.#take(at);
    // Another agent, or this one once it knows the memory, can still take it.
    if (item instanceof Failure && item.stays) return item;
    const next = (count + 1) | 0;
    words[side + AT + (next & 1)] = behind(at, this.segments.words[at]);
    // From here on it is taken, and the place of the next one is published.
    Atomics.store(words, side + COUNT, next);
    this.loans?.release();
    return item;
  }

  /** Whether there is an item; reads the other side only if that was not known before. */
  #knowsItem(count: number): boolean {
    const words = this.words;
    const known = this.side + KNOWN;
    if (words[known] !== count) return true;
    const put = Atomics.load(words, this.other + COUNT);
    if (put === count) return false;
    words[known] = put;
    return true;
  }

  /** @returns an item, which is this agent's from now on if items stay until they are done */
  #take(at: number): unknown {
    const refused = this.#taken?.enlist();
    if (refused !== undefined) return refused;
    const item = this.#decode(at);
    if (!(item instanceof Failure && item.stays)) this.#taken?.add(at);
    return item;
  }

  #decode(at: number): unknown {
    const start = bytesOf(at);
    try {
      return this.segments.decode(start, start + this.segments.words[at]);
    } catch (error) {
      return new Failure(error, missingMemory(error) !== undefined);
    }
  }

  // --- where items stay until they are done -------------------------------------------------------------------------

  /**
   * Reports that the first item that this object has taken, and that is not done, is done.
   *
   * @returns false when there is none
   */
  finish(): boolean {
    if (this.#taken === undefined || this.#taken.isEmpty) return false;
    // An item that went back is for others to count.
    if (!this.#taken.finish()) return true;
    Atomics.add(this.words, this.side + DONE, 1);
    wakeFor(this.member, this.ring, this.ring + BYTES_GATE, FOR_BYTES, Infinity);
    return true;
  }
}
