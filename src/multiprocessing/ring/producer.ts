/** The put side of a ring as one live object has it. */
import { refusal, type WaitOptions } from '../../core/arguments.js';
import { GATE } from '../../core/memory/cells.js';
import type { Member } from '../../core/memory/member.js';
import { ASYNC } from '../../core/memory/owner.js';
import { endWays, takeWays, waysBefore } from '../../core/memory/ways.js';
import { now } from '../../core/wait/clock.js';
import { Deadline } from '../../core/wait/deadline.js';
import { Patience } from '../../core/wait/patience.js';
import type { Subject } from '../../core/wait/wait.js';
import { Waiting } from '../../core/wait/waiting.js';
import { atOnce, checkNotAtWork } from './latch.js';
import { named } from './memories.js';
import { ENDED, Failure, NONE, PUT, unlessFailed } from './outcome.js';
import { bytesPass, oncePast, putPass } from './passes.js';
import { RingSide } from './ring-side.js';
import { behind, bytesOf, DONE_ITEM, firstItem, JUMP, type Segments, TAKER } from './segments.js';
import {
  AT,
  BYTES_GATE,
  COUNT,
  FREED,
  FREED_AT,
  GET_SIDE,
  KNOWN,
  MAX_SIZE,
  PUT_SIDE,
  SEGMENT,
  SLEEPERS,
} from './sides.js';
import { isShut, isUnread, roomMade } from './states.js';
import { leavePut, wakeForItem } from './wakes.js';

/** The outcome of a put. */
export type PutOutcome = typeof PUT | typeof NONE | typeof ENDED;

/** There is room for one more item, but not in the memory for one this large. */
class Short {
  /** @param made how many items had made room */
  constructor(readonly made: number) {}
}

type Attempt = PutOutcome | Short | Failure;

export class Producer extends RingSide {
  readonly #maxSize: number;
  readonly #waiting: Waiting;
  readonly #bytes: Waiting;
  /** Where the last written item is: in which segment, and from which word on. */
  #segment = 0;
  #at = 0;

  /** @param ring the index of the ring's cell */
  constructor(subject: Subject, member: Member, ring: number, segments: Segments) {
    const { words } = member;
    super(subject, member, ring, words[ring + PUT_SIDE], words[ring + GET_SIDE], segments);
    this.#maxSize = words[ring + MAX_SIZE];
    this.#waiting = new Waiting(subject, member, putPass, this.side, this.side + GATE, { patience: new Patience() });
    this.#bytes = new Waiting(subject, member, bytesPass, ring, ring + BYTES_GATE);
  }

  /**
   * Puts an item, blocking until there is room.
   *
   * @param timeout the longest wait, in ms, checked by the caller; 0 only tries
   * @param owing whether consumers that are blocked need not be woken yet: the caller owes them `wake`
   * @throws RangeError when the item is larger than an item may be; and what encoding it throws
   */
  put(item: unknown, timeout: number, owing = false): PutOutcome {
    const outcome = this.once(NONE, false, item, owing) as Attempt;
    return outcome === PUT ? PUT : this.#putSlowly(item, timeout, outcome);
  }

  #putSlowly(item: unknown, timeout: number, first: Attempt): PutOutcome {
    let outcome = unlessFailed(first);
    if (outcome === ENDED) return ENDED;
    this.mend();
    checkNotAtWork(this.#waiting, this.subject, 'put');
    if (timeout === 0) {
      if (outcome !== NONE || !atOnce(this.#waiting)) return NONE;
      outcome = unlessFailed(this.once(isShut(this.words, this.ring) ? ENDED : NONE, true, item) as Attempt);
      return outcome instanceof Short ? NONE : outcome;
    }
    const start = now();
    for (let left = timeout; ; left = Math.max(0, timeout - (now() - start))) {
      if (outcome instanceof Short && !this.#bytes.wait(left, oncePast(outcome.made))) return NONE;
      if (!this.#waiting.wait(left)) return NONE;
      outcome = unlessFailed(this.once(ENDED, true, item) as Attempt);
      if (!(outcome instanceof Short)) return outcome;
    }
  }

  /**
   * Like a `put` that only tries, into a ring into which nobody else puts, and so without the latch. An item must not
   * put another into it while it is encoded.
   */
  putAlone(item: unknown, owing: boolean): PutOutcome {
    const outcome = unlessFailed(this.work(item));
    if (outcome === PUT) wakeForItem(this.member, this.ring, owing ? ASYNC : SLEEPERS);
    return outcome instanceof Short ? NONE : outcome;
  }

  /** Wakes a blocked consumer, which puts have not done. */
  wake(): void {
    wakeForItem(this.member, this.ring);
  }

  /** Like `put`, without blocking the agent; rejected with the signal's reason when it aborts, and for bad options. */
  putAsync(item: unknown, options: WaitOptions): Promise<PutOutcome> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    const { timeout = Infinity, signal } = options;
    const deadline = new Deadline(timeout);
    return this.#putAsTask(item, signal, deadline).then(
      (outcome) => {
        deadline.cancel();
        return outcome;
      },
      (error) => {
        deadline.cancel();
        throw error;
      },
    );
  }

  #putAsTask(item: unknown, signal: AbortSignal | undefined, deadline: Deadline): Promise<PutOutcome> {
    let outcome: Attempt = NONE;
    const attempt = (): void => {
      outcome = this.once(ENDED, true, item) as Attempt;
    };
    return this.#waiting.waitAsync({ signal }, 0, attempt, deadline).then(() => {
      const came = unlessFailed(outcome);
      if (!(came instanceof Short)) return came;
      return this.#bytes
        .waitAsync({ signal }, oncePast(came.made), undefined, deadline)
        .then((moved) => (moved ? this.#putAsTask(item, signal, deadline) : NONE));
    });
  }

  protected leave(owing?: boolean): void {
    leavePut(this.member, this.side, this.me, owing);
  }

  // --- with the latch held ------------------------------------------------------------------------------------------

  protected work(item: unknown): Attempt {
    // What is already named, and what is already on its way, belongs to an item whose getter has called this.
    const outer = named.length;
    const before = waysBefore();
    const count = this.words[this.side + COUNT];
    try {
      return this.#tryPut(item, outer);
    } finally {
      if (named.length > outer) named.length = outer;
      const ways = takeWays(before);
      // It was not put; or it was, after the items that nobody takes any more were discarded.
      if (this.words[this.side + COUNT] === count || (ways.length > 0 && isUnread(this.words, this.ring)))
        endWays(ways);
      else if (ways.length > 0) this.segments.sends(item, ways);
    }
  }

  /** @param outer how much of what is named is not the item's */
  #tryPut(item: unknown, outer: number): Attempt {
    const words = this.words;
    const side = this.side;
    if (isShut(words, this.ring)) return ENDED;
    const count = words[side + COUNT];
    if (this.#maxSize > 0 && !this.#knowsRoom(count)) return NONE;
    const end = this.#write(item, count);
    return typeof end === 'number' ? this.#publish(count, end, outer) : end;
  }

  /** Whether there is room for one more; reads the other side only if that was not known before. */
  #knowsRoom(count: number): boolean {
    const words = this.words;
    const known = this.side + KNOWN;
    if (((count - words[known]) | 0) < this.#maxSize) return true;
    const taken = Atomics.load(words, this.other + COUNT);
    words[known] = taken;
    return ((count - taken) | 0) < this.#maxSize;
  }

  /**
   * Writes an item at the next place, or in another segment, and notes where; nobody sees it yet.
   *
   * @param count how many items were put before
   * @returns the offset behind its bytes
   */
  #write(item: unknown, count: number): number | Short | Failure {
    const words = this.words;
    const segment = words[this.side + SEGMENT + (count & 1)];
    const at = words[this.side + AT + (count & 1)];
    const end = this.#encode(item, at, this.segments.endOf(segment));
    if (end === undefined) return this.#goOn(item, segment, at);
    this.#segment = segment;
    this.#at = at;
    return end;
  }

  /** @returns the offset behind its bytes, or undefined when it does not fit in before the word `limit` */
  #encode(item: unknown, at: number, limit: number): number | undefined | Failure {
    const start = bytesOf(at);
    try {
      if (start + this.segments.leastBytes(item) > 4 * limit) return undefined;
      const end = this.segments.encode(item, start, 4 * limit);
      return end < 0 ? undefined : end;
    } catch (error) {
      return new Failure(error);
    }
  }

  /** Writes an item into another segment, because it does not fit into this one. */
  #goOn(item: unknown, segment: number, at: number): number | Short | Failure {
    const segments = this.segments;
    const { largestItem } = segments;
    const least = segments.leastBytes(item);
    if (least > largestItem) return this.#tooLarge(least);
    const made = roomMade(this.words, this.ring);
    const used = this.keeps ? this.#doneUpTo() : this.#takenUpTo();
    for (let need = Math.max(least, 8 * (segments.endOf(segment) - at)); ; ) {
      const next = segments.after(segment, used, need);
      if (next === 0) return new Short(made);
      const limit = segments.endOf(next);
      const end = this.#encode(item, firstItem(next), limit);
      if (end instanceof Failure) return end;
      if (end !== undefined) {
        segments.words[at + 1] = firstItem(next);
        segments.words[at] = JUMP;
        this.#segment = next;
        this.#at = firstItem(next);
        return end;
      }
      const bytes = 4 * limit - bytesOf(firstItem(next));
      if (bytes >= largestItem) return this.#tooLarge(bytes);
      need = 2 * bytes;
    }
  }

  #tooLarge(bytes: number): Failure {
    return new Failure(
      new RangeError(
        `an item of ${bytes} bytes or more does not fit into ${this.subject.label}, whose items have at most ` +
          `${this.segments.largestItem}; ${this.segments.cure}`,
      ),
    );
  }

  /** Where the next item is to be taken: read between two equal counts, between which nobody moved it. */
  #takenUpTo(): number {
    const words = this.words;
    for (;;) {
      const count = Atomics.load(words, this.other + COUNT);
      const at = Atomics.load(words, this.other + AT + (count & 1));
      if (Atomics.load(words, this.other + COUNT) === count) return at;
    }
  }

  /** Where the first item that is not done is; moves FREED up to it. */
  #doneUpTo(): number {
    const words = this.words;
    const taken = Atomics.load(words, this.other + COUNT);
    let freed = Atomics.load(words, this.side + FREED);
    let at = words[this.side + FREED_AT + (freed & 1)];
    while (freed !== taken) {
      const item = this.segments.itemAt(at);
      if (Atomics.load(this.segments.words, item + TAKER) !== DONE_ITEM) break;
      at = behind(item, this.segments.words[item]);
      freed = (freed + 1) | 0;
      Atomics.store(words, this.side + FREED_AT + (freed & 1), at);
      Atomics.store(words, this.side + FREED, freed);
    }
    return at;
  }

  /** The item that was written last exists from the last of these stores on. */
  #publish(count: number, end: number, outer: number): typeof PUT {
    const words = this.words;
    const side = this.side;
    const at = this.#at;
    const bytes = end - bytesOf(at);
    const next = (count + 1) | 0;
    const to = next & 1;
    if (named.length > outer) this.loans?.lend(named.slice(outer), next);
    this.segments.words[at] = bytes;
    if (this.keeps) Atomics.store(this.segments.words, at + TAKER, 0);
    words[side + AT + to] = behind(at, bytes);
    words[side + SEGMENT + to] = this.#segment;
    Atomics.store(words, side + COUNT, next);
    return PUT;
  }
}
