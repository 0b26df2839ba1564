/** The readers-writer lock: the mutex of rwmutex.ts as a pair of locks, and by long names. */
import { checkTimeout, refusal, type WaitOptions } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import { type Kind, SHARED } from '../core/memory/cells.js';
import { RWLOCK_CODE } from '../core/memory/codes.js';
import { ownerDied } from '../core/memory/death.js';
import { agentName, exclusiveSlotOf, MARKS } from '../core/memory/owner.js';
import { holderOf } from '../core/memory/slots.js';
import { countAll, MOST_HELD, Tally } from '../core/memory/tally.js';
import { Place } from '../core/share/place.js';
import { SharedObject } from '../core/share/shared-object.js';
import { GOT, type Pass } from '../core/wait/pass.js';
import { mayBlock } from '../core/wait/sleep.js';
import { Waiting } from '../core/wait/waiting.js';
import type { Hold } from './hold.js';
import { Recoverable } from './recoverable.js';
import { checkOwnedOptions, type OwnedOptions, type RecoveryRules, setOnOwnerDeath } from './recovery.js';
import {
  afterWrite,
  describeBoth,
  FIRST_SEAT,
  isAbandoned,
  isUnderRepair,
  isWrittenBy,
  ONE_READER,
  READ_GATE,
  REENTERS,
  RWMUTEX_GATES,
  RWMUTEX_RECOVERY,
  RWMUTEX_WORDS,
  readersIn,
  readPass,
  releaseRead,
  STARVING_WRITER,
  TASK_WRITES,
  WORD,
  WRITE,
  WRITE_GATE,
  wakeAll,
  withdrawWriter,
  writePass,
  writerWord,
} from './rwmutex.js';

const kindOf = (name: string, views: readonly string[] = []): Kind => ({
  name,
  code: RWLOCK_CODE,
  gates: RWMUTEX_GATES,
  role: SHARED,
  words: RWMUTEX_WORDS,
  views,
});

/** What both views of an RWLock are: a Recoverable over its cell. */
abstract class View extends Recoverable {
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #reads: { blocking: number; tasks: number };

  /** @internal */
  constructor(place: Place) {
    super(place);
    const { words, reads } = this.arena.member;
    this.#words = words;
    this.#word = this.cell + WORD;
    this.#reads = reads.get(this.cell) ?? { blocking: 0, tasks: 0 };
    reads.set(this.cell, this.#reads);
  }

  /** @internal */
  protected get words(): Int32Array {
    return this.#words;
  }

  /** @internal */
  protected get word(): number {
    return this.#word;
  }

  /** @internal How often the agent holds the lock for reading: by blocking calls, which may read again, and by tasks. */
  protected get reads(): { blocking: number; tasks: number } {
    return this.#reads;
  }

  override toString(): string {
    return `${this.label} (${describe(this.words, this.word)})`;
  }

  /** @internal */
  protected override get rules(): RecoveryRules {
    return RWMUTEX_RECOVERY;
  }

  /** @internal Whether a blocking call of this agent holds the lock for writing; its tasks' blocking driver finds out. */
  protected get writes(): boolean {
    const word = Atomics.load(this.words, this.word);
    return (word & TASK_WRITES) === 0 && isWrittenBy(word, this.waiting.me);
  }

  /** @internal */
  protected selfDeadlock(what: 'reading' | 'writing'): SyncError {
    return new SyncError(
      'ERR_SELF_DEADLOCK',
      `acquire() of ${this.label} could never end: this agent holds it for ${what}; release that first`,
    );
  }

  /** @internal */
  protected notHeld(what: 'reading' | 'writing'): SyncError {
    const word = Atomics.load(this.words, this.word);
    if (isAbandoned(word)) return ownerDied(this.words, this.cell, this.label);
    const held = readersIn(word) > 0 || (word & WRITE) !== 0;
    return new SyncError(
      held ? 'ERR_NOT_OWNER' : 'ERR_NOT_HELD',
      `${this} is not held by this agent for ${what}; release() needs it so`,
    );
  }
}

/**
 * The reading side of an {@link RWLock}, used like a {@link Lock}: many may hold it at one time, and nobody then writes.
 *
 * @example
 * ```ts
 * import { RWLock } from 'atomics-sync-free';
 * const { readLock } = new RWLock();
 * console.log(readLock.run(() => readLock.run(() => readLock.locked))); // true
 * ```
 */
export class ReadLock extends View {
  /** @internal */
  static override readonly kind: Kind = /* @__PURE__ */ kindOf('RWLock.readLock');
  readonly #tally = new Tally(this.arena.member, this.word, this.cell + FIRST_SEAT, -ONE_READER);
  readonly #pass: Pass = (words, cell, me, state) => readPass(words, cell, me, state, this.#tally);
  readonly #waiting = new Waiting(this, this.arena.member, this.#pass, this.cell, this.cell + READ_GATE);

  /** @internal */
  protected override get waiting(): Waiting {
    return this.#waiting;
  }

  /**
   * Blocks until acquired; returns at once when the agent reads already.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it was acquired in time
   * @throws TypeError or RangeError when the timeout is no number, NaN or negative
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where that is not allowed;
   *   `ERR_SELF_DEADLOCK` when the agent, or a task of it, writes; `ERR_LIMIT` when it reads 2³⁰ − 1 times already;
   *   `ERR_ARENA_FULL` when there is no room to record that it reads
   * @throws OwnerDiedError when a writer died
   */
  override acquire(timeout = Infinity): boolean {
    const takes = typeof timeout === 'number' && timeout > 0;
    const got = (takes && this.#readAtOnce()) || this.#readSlowly(timeout);
    if (got) this.reads.blocking++;
    return got;
  }

  /** Reads again, or for the first time unless somebody writes, or starves to. */
  #readAtOnce(): boolean {
    const { count } = this.#tally;
    if (count === 0) {
      const word = Atomics.load(this.words, this.word);
      return (word & (WRITE | STARVING_WRITER)) === 0 && this.#tally.take(word, word + ONE_READER) === GOT;
    }
    if (count === MOST_HELD) return false;
    this.#tally.change(1);
    return true;
  }

  #readSlowly(timeout: number): boolean {
    checkTimeout(timeout);
    if (timeout > 0 && this.writes) throw this.selfDeadlock('writing');
    const refused = this.#refusal(timeout);
    if (refused !== undefined) throw refused;
    return this.waiting.wait(timeout, this.#initial);
  }

  /** What the call is to be answered instead of a read. Who cannot wait while somebody writes needs no record of a read. */
  #refusal(timeout: number): SyncError | undefined {
    if (this.#tally.count === MOST_HELD) {
      return new SyncError(
        'ERR_LIMIT',
        `this agent reads ${this.label} ${MOST_HELD} times, and cannot read it once more`,
      );
    }
    const inVain = (timeout === 0 || !mayBlock()) && (Atomics.load(this.words, this.word) & WRITE) !== 0;
    return inVain ? undefined : this.#tally.prepare();
  }

  /**
   * Acquires if that is possible at once. Never blocks.
   *
   * @returns whether it was acquired
   * @throws SyncError `ERR_LIMIT` when the agent reads 2³⁰ − 1 times already; `ERR_ARENA_FULL` when there is no room to
   *   record that it reads
   * @throws OwnerDiedError when a writer died
   */
  override tryAcquire(): boolean {
    return this.acquire(0);
  }

  /** While a task of the agent reads, a blocking call must get in as well: the agent's block keeps the task from ending. */
  get #initial(): number {
    return this.reads.blocking + this.reads.tasks > 0 ? REENTERS : 0;
  }

  /**
   * Waits until acquired, without blocking the agent. Each call is a read of its own: a task that reads again can be kept
   * out by a starving writer, which waits for the task's first read to end.
   *
   * @param options when to give up
   * @returns whether it was acquired in time; rejected with the signal's reason as soon as it aborts, with a TypeError or
   *   RangeError for bad options, and as `acquire` throws for want of room, beyond the limit, and when a writer died
   */
  override acquireAsync(options: WaitOptions = {}): Promise<boolean> {
    const bad = refusal(options);
    if (bad !== undefined) return bad;
    const refused = this.#refusal(Infinity);
    if (refused !== undefined) return Promise.reject(refused);
    return this.#tally.keptDuring(() => this.waiting.waitAsync(options, 0, () => this.reads.tasks++));
  }

  /**
   * Gives a read back; the last one lets writers in.
   *
   * @throws SyncError `ERR_NOT_HELD` or `ERR_NOT_OWNER` when this agent does not read; nothing is changed
   */
  override release(): void {
    this.#release('blocking');
  }

  /** @internal */
  protected override releaseByTask(): void {
    this.#release('tasks');
  }

  /** @param kind whose read it most likely is: the long names and `release` do not say */
  #release(kind: 'blocking' | 'tasks'): void {
    const { reads } = this;
    const other = kind === 'blocking' ? 'tasks' : 'blocking';
    if (reads.blocking + reads.tasks === 0) throw this.notHeld('reading');
    releaseRead(this.waiting.member, this.cell, this.#tally);
    reads[reads[kind] > 0 ? kind : other]--;
  }

  /** Whether somebody reads. */
  get locked(): boolean {
    return readersIn(Atomics.load(this.words, this.word)) > 0;
  }
}

/**
 * The writing side of an {@link RWLock}, used like a {@link Lock}: one may hold it, and nobody then reads.
 *
 * @example
 * ```ts
 * import { RWLock } from 'atomics-sync-free';
 * const { writeLock } = new RWLock();
 * await writeLock.runAsync(() => console.log(writeLock.locked)); // true
 * ```
 */
export class WriteLock extends View {
  /** @internal */
  static override readonly kind: Kind = /* @__PURE__ */ kindOf('RWLock.writeLock');
  readonly #waiting = new Waiting(this, this.arena.member, writePass, this.cell, this.cell + WRITE_GATE, {
    leave: () => withdrawWriter(this.arena.member, this.cell),
  });
  readonly #mine = writerWord(this.#waiting.me);

  /** @internal */
  protected override get waiting(): Waiting {
    return this.#waiting;
  }

  /**
   * Blocks until acquired.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it was acquired in time
   * @throws TypeError or RangeError when the timeout is no number, NaN or negative
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where that is not allowed;
   *   `ERR_SELF_DEADLOCK` when the agent holds the RWLock already, for reading or writing, be it by a task
   * @throws OwnerDiedError when another writer died
   */
  override acquire(timeout = Infinity): boolean {
    const marks = Atomics.load(this.words, this.word) & MARKS;
    const takes = typeof timeout === 'number' && timeout > 0;
    if (takes && Atomics.compareExchange(this.words, this.word, marks, marks | this.#mine) === marks) return true;
    return this.#writeSlowly(timeout);
  }

  #writeSlowly(timeout: number): boolean {
    checkTimeout(timeout);
    if (timeout > 0) {
      if (this.reads.blocking + this.reads.tasks > 0) throw this.selfDeadlock('reading');
      if (this.writes) throw this.selfDeadlock('writing');
    }
    const got = this.waiting.wait(timeout);
    if (!got && timeout > 0) withdrawWriter(this.waiting.member, this.cell);
    return got;
  }

  override acquireAsync(options: WaitOptions = {}): Promise<boolean> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    return this.waiting.waitAsync(options).then(
      (got) => {
        if (!got) withdrawWriter(this.waiting.member, this.cell);
        return got;
      },
      (reason) => {
        withdrawWriter(this.waiting.member, this.cell);
        throw reason;
      },
    );
  }

  /**
   * Frees the lock that this agent, or a task of it, holds for writing, and lets others in.
   *
   * @throws SyncError `ERR_NOT_HELD` or `ERR_NOT_OWNER` when it does not; nothing is changed
   */
  override release(): void {
    const word = this.words[this.word];
    const marks = word & MARKS;
    if ((word ^ marks) !== this.#mine && !isWrittenBy(word, this.waiting.me)) throw this.notHeld('writing');
    // Nobody flips a mark while it is held for writing.
    const old = Atomics.exchange(this.words, this.word, marks);
    if ((old ^ marks) !== this.#mine) this.#releaseSlowly(old);
  }

  #releaseSlowly(old: number): void {
    const { member } = this.waiting;
    if (isUnderRepair(old)) wakeAll(member, this.cell);
    else afterWrite(member, this.cell, old);
  }

  /** Whether somebody writes, or died writing. */
  get locked(): boolean {
    return (Atomics.load(this.words, this.word) & WRITE) !== 0;
  }
}

/**
 * A lock that many may hold for reading, or one for writing.
 *
 * It is used by its two sides, `readLock` and `writeLock`, each of which is like a Lock; or by the long names, which do
 * the same. Neither side starves: it is unfair for a millisecond and fair from then on, a writer and the readers that
 * waited taking turns. An agent may read again while it reads. It cannot write while it reads, or read while it writes:
 * that is refused, since it could never end. The algorithm and its arguments stand in `sync/rwmutex.ts`.
 *
 * @example
 * ```ts
 * import { RWLock } from 'atomics-sync-free';
 * const lock = new RWLock();
 * {
 *   using reading = lock.readLock.hold();
 *   lock.acquireRead();
 *   console.log(lock.readers, reading.released); // 2 false
 *   lock.releaseRead();
 * }
 * const writing = await lock.writeLock.holdAsync({ timeout: 1000 });
 * try {
 *   console.log(lock.writing); // true
 * } finally {
 *   writing.release();
 * }
 * ```
 */
export class RWLock extends SharedObject {
  /** @internal */
  static override readonly kind: Kind = /* @__PURE__ */ kindOf('RWLock', ['readLock', 'writeLock']);
  /** The lock of those that read. */
  readonly readLock: ReadLock;
  /** The lock of those that write. */
  readonly writeLock: WriteLock;

  /**
   * Makes a lock that nobody holds.
   *
   * @param options where it lives, and what becomes of it when its writer dies
   * @throws TypeError when an option is not what it must be
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(options?: OwnedOptions);
  /** @internal A live object of a lock that exists. */
  constructor(place: Place);
  constructor(where: OwnedOptions | Place = {}) {
    if (!(where instanceof Place)) checkOwnedOptions(where);
    super(where);
    if (!(where instanceof Place)) setOnOwnerDeath(this.arena.words, this.cell + WORD, where);
    const place = new Place(this.arena, this.cell);
    this.readLock = new ReadLock(place);
    this.writeLock = new WriteLock(place);
  }

  /**
   * Acquires for reading: `readLock.acquire`.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it was acquired in time
   */
  acquireRead(timeout?: number): boolean {
    return this.readLock.acquire(timeout);
  }

  /**
   * Acquires for reading, without blocking the agent: `readLock.acquireAsync`.
   *
   * @param options when to give up
   * @returns whether it was acquired in time
   */
  acquireReadAsync(options?: WaitOptions): Promise<boolean> {
    return this.readLock.acquireAsync(options);
  }

  /** Gives back what was acquired for reading: `readLock.release`. */
  releaseRead(): void {
    this.readLock.release();
  }

  /**
   * Acquires for reading, for a scope: `readLock.hold`.
   *
   * @param timeout the longest wait, in ms
   * @returns a Disposable that releases once
   */
  holdRead(timeout?: number): Hold {
    return this.readLock.hold(timeout);
  }

  /**
   * Acquires for reading, for a scope, without blocking the agent: `readLock.holdAsync`.
   *
   * @param options when to give up
   * @returns a Disposable that releases once
   */
  holdReadAsync(options?: WaitOptions): Promise<Hold> {
    return this.readLock.holdAsync(options);
  }

  /**
   * Acquires for writing: `writeLock.acquire`.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it was acquired in time
   */
  acquireWrite(timeout?: number): boolean {
    return this.writeLock.acquire(timeout);
  }

  /**
   * Acquires for writing, without blocking the agent: `writeLock.acquireAsync`.
   *
   * @param options when to give up
   * @returns whether it was acquired in time
   */
  acquireWriteAsync(options?: WaitOptions): Promise<boolean> {
    return this.writeLock.acquireAsync(options);
  }

  /** Gives back what was acquired for writing: `writeLock.release`. */
  releaseWrite(): void {
    this.writeLock.release();
  }

  /**
   * Acquires for writing, for a scope: `writeLock.hold`.
   *
   * @param timeout the longest wait, in ms
   * @returns a Disposable that releases once
   */
  holdWrite(timeout?: number): Hold {
    return this.writeLock.hold(timeout);
  }

  /**
   * Acquires for writing, for a scope, without blocking the agent: `writeLock.holdAsync`.
   *
   * @param options when to give up
   * @returns a Disposable that releases once
   */
  holdWriteAsync(options?: WaitOptions): Promise<Hold> {
    return this.writeLock.holdAsync(options);
  }

  /**
   * Makes it whole again after its writer died: `writeLock.recover`.
   *
   * @param repair makes whole what the lock guards
   * @param timeout the longest wait for another's repair, in ms
   * @returns whether there was something to repair
   *
   * @example
   * ```ts
   * import { OwnerDiedError, RWLock } from 'atomics-sync-free';
   * const lock = new RWLock();
   * try {
   *   lock.readLock.run(() => console.log('nobody writes')); // nobody writes
   * } catch (error) {
   *   if (!(error instanceof OwnerDiedError)) throw error;
   *   lock.recover(() => {
   *     // makes whole what the lock guards
   *   });
   * }
   * ```
   */
  recover(repair?: () => unknown, timeout?: number): boolean {
    return this.writeLock.recover(repair, timeout);
  }

  /**
   * Makes it whole again after its writer died, without blocking the agent: `writeLock.recoverAsync`.
   *
   * @param repair makes whole what the lock guards; what it returns is awaited
   * @param options when to give up waiting for another's repair
   * @returns whether there was something to repair
   */
  recoverAsync(repair?: () => unknown, options?: WaitOptions): Promise<boolean> {
    return this.writeLock.recoverAsync(repair, options);
  }

  /** Whether its writer died, and nobody has recovered it. */
  get abandoned(): boolean {
    return this.writeLock.abandoned;
  }

  /**
   * For how many reads the lock is held, by all agents. Each agent has written down its own, so this takes a walk through the
   * arena, and what changes meanwhile may be counted or not.
   */
  get readers(): number {
    return this.readLock.locked ? countAll(this.arena.words, this.cell + WORD) : 0;
  }

  /** Whether somebody holds the lock for writing, or died holding it so. */
  get writing(): boolean {
    return this.writeLock.locked;
  }

  /** @returns kind, number, holders and waiters, for people */
  override toString(): string {
    return `${this.label} (${describe(this.arena.words, this.cell + WORD)})`;
  }
}

/** @returns how a lock's word reads to people: holders and waiters */
function describe(words: Int32Array, index: number): string {
  const word = Atomics.load(words, index);
  if (isAbandoned(word)) return 'abandoned: its writer died';
  return `${describeHolders(words, index, word)}, ${describeBoth(word)}`;
}

function describeHolders(words: Int32Array, index: number, word: number): string {
  if ((word & WRITE) === 0) return readersIn(word) === 0 ? 'unlocked' : `readers=${countAll(words, index)}`;
  const writer = agentName(holderOf(words, exclusiveSlotOf(word)));
  const how = isUnderRepair(word) ? 'under repair' : 'written';
  return `${how} by ${(word & TASK_WRITES) !== 0 ? 'a task of ' : ''}${writer}`;
}
