/** The GIL: CPython's protocol as a primitive, with statistics. */
import { checkFunction } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import { allocateBlock, blockLength, type Kind } from '../core/memory/cells.js';
import { releaseOnDeath } from '../core/memory/death.js';
import { badHandle } from '../core/memory/handle.js';
import { defaultArena, JoinedArena } from '../core/memory/joined-arena.js';
import { agentName, BLOCKED, ownerOf } from '../core/memory/owner.js';
import { agentSlots } from '../core/memory/region.js';
import { forgetWait, noteWait } from '../core/memory/waits.js';
import { Place } from '../core/share/place.js';
import { SharedObject } from '../core/share/shared-object.js';
import { checkMayBlock } from '../core/wait/block.js';
import { now } from '../core/wait/clock.js';
import { LASTING_MS, tell, waitBegins, waitEnds, waitLasts } from '../core/wait/observer.js';
import { mayBlock } from '../core/wait/sleep.js';
import { turn } from '../core/wait/turns.js';
import { Books, type StatisticsReport } from './books.js';
import { checkGILOptions, checkInterval, DEFAULT_INTERVAL, type GILOptions, microseconds } from './options.js';
import {
  ASKED,
  awaitSwitch,
  BOOKS,
  DISABLED,
  drop,
  GIL_KIND,
  HAS_ASKED,
  INTERVAL,
  TAKEN,
  takeFree,
  takeTurn,
  type Waits,
  WORD,
  waitsFor,
} from './protocol.js';

/**
 * A sleep of 1 ms ends 0.08 – 0.11 ms late on Linux (timer slack and a wake-up), in CPython as here, and would make
 * slices a tenth too long. So the usual lateness is subtracted, up to this, in ms; a busy machine is later than that.
 */
const MOST_LATENESS = 0.2;
/** The usual lateness is learnt from about this many requests. */
const LATENESS_MEMORY = 8;

/**
 * A global interpreter lock, as CPython has had it since 3.2: at most one agent runs at a time, a waiter asks for the
 * lock after the switch interval, and the holder drops it at the next checkpoint and lets another agent take it first.
 *
 * It belongs to agents, not to async tasks: an agent that holds it must not await anything except through
 * `allowThreadsAsync`. Each GIL is that of one interpreter: agents under different GILs run in parallel (PEP 684). The
 * algorithm is that of CPython's `ceval_gil.c`; see `gil/protocol.ts` for it and the arguments for its correctness.
 *
 * @example
 * ```ts
 * import { GIL } from 'atomics-sync-free/gil';
 * const gil = new GIL({ switchInterval: 5 });
 * const sum = gil.run(() => {
 *   let sum = 0;
 *   for (let i = 0; i < 1000; i++) {
 *     sum += i;
 *     gil.checkpoint(); // others may run here
 *   }
 *   return sum;
 * });
 * console.log(sum, gil.statistics().total.acquisitions); // 499500 1
 * ```
 */
export class GIL extends SharedObject {
  /** @internal */
  static override readonly kind: Kind = GIL_KIND;
  /** Whether there is a lock to take; false for free threading. */
  readonly enabled: boolean;
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #agent: number;
  readonly #me: number;
  readonly #waits: Waits;
  readonly #books: Books;
  /** How much less than the interval to wait, in ms, because timers are late. */
  #lateness = 0;

  /**
   * Makes a GIL that nobody holds.
   *
   * @param options its place, its switch interval, and whether it is enabled
   * @throws TypeError or RangeError when an option is invalid
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(options?: GILOptions);
  /** @internal A live object of a GIL that exists. */
  constructor(place: Place);
  constructor(where: GILOptions | Place = {}) {
    const isNew = !(where instanceof Place);
    if (isNew) checkGILOptions(where);
    super(where, isNew ? blockLength(Books.wordsFor(slotsIn(where.arena))) : 0);
    const { member } = this.arena;
    const { words } = member;
    const slots = agentSlots(words);
    this.#words = words;
    this.#word = this.cell + WORD;
    this.#agent = member.agent;
    this.#me = member.ownerWord;
    this.#waits = waitsFor(this, member, this.cell);
    if (isNew) {
      const { switchInterval = DEFAULT_INTERVAL, enabled = true } = where;
      const block = allocateBlock(words, Books.wordsFor(slots));
      if (block === 0) throw new SyncError('ERR_ARENA_FULL', `no room for the records of ${this.label} in its arena`);
      Atomics.store(words, this.cell + INTERVAL, microseconds(switchInterval));
      Atomics.store(words, this.cell + DISABLED, enabled ? 0 : 1);
      Atomics.store(words, this.cell + BOOKS, block);
      releaseOnDeath(words, this.cell + WORD);
    }
    const block = Atomics.load(words, this.cell + BOOKS);
    if (!Books.fit(words, block, slots)) throw badHandle('GIL');
    this.#books = new Books(words, block, slots);
    this.enabled = Atomics.load(words, this.cell + DISABLED) === 0;
  }

  /**
   * How long a waiter waits before it asks for the GIL, in ms: Python's `sys.getswitchinterval`. It is kept in whole
   * microseconds.
   */
  get switchInterval(): number {
    return Atomics.load(this.#words, this.cell + INTERVAL) / 1000;
  }

  /**
   * Sets it, for all agents and at any time: Python's `sys.setswitchinterval`. An agent that is already waiting uses it
   * from its next wait on.
   *
   * @throws TypeError or RangeError when it is not a number above 0 and at most 2,000,000
   */
  set switchInterval(ms: number) {
    checkInterval(ms);
    Atomics.store(this.#words, this.cell + INTERVAL, microseconds(ms));
  }

  /**
   * Blocks until the GIL is taken. There is no time-out: like a Python thread, an agent waits until it may run, and its
   * request ensures that it will.
   *
   * @throws SyncError `ERR_SELF_DEADLOCK` when the calling agent holds it; `ERR_BLOCKING_REFUSED` when it would have
   *   to block where that is not allowed (run Python-like code in a worker)
   */
  acquire(): void {
    if (!this.enabled) return;
    if (takeFree(this.#words, this.cell, this.#me)) this.#took(undefined);
    else this.#wait();
  }

  #wait(): void {
    if (this.held) {
      throw new SyncError('ERR_SELF_DEADLOCK', `${this.label} is already held by this agent; release() it first`);
    }
    checkMayBlock(this, 'run what needs it in a worker');
    const since = now();
    let state = 0;
    let noted = false;
    const { taking } = this.#waits;
    const { vigil } = taking.member;
    waitBegins(taking, false);
    while (state !== TAKEN) {
      const interval = this.switchInterval;
      const began = now();
      const refusal = vigil?.refusal;
      if (refusal !== undefined) {
        if (noted) forgetWait(taking.member);
        waitEnds(taking, false, began - since, false);
        throw refusal;
      }
      if (began - since >= LASTING_MS) {
        if (!noted) noteWait(taking.member, this.cell, taking.key, false, began - since);
        noted = true;
        // Nobody gives up waiting for a GIL: the holder that was asked to drop it waits until somebody has taken it.
        waitLasts(taking, began - since);
      }
      const late = Math.min(this.#lateness, interval / 4);
      state = takeTurn(this.#waits, state, interval - late, vigil?.rest(began - since));
      if (state === TAKEN || (state & HAS_ASKED) === 0) continue;
      this.#learnLateness(now() - began - interval);
      tell(this, 'ask');
    }
    if (noted) forgetWait(taking.member);
    waitEnds(taking, false, now() - since, true);
    this.#took(since);
  }

  /** @param late by how much the last request was late, in ms */
  #learnLateness(late: number): void {
    const learnt = this.#lateness + late / LATENESS_MEMORY;
    this.#lateness = Math.min(Math.max(learnt, 0), MOST_LATENESS);
  }

  #took(waitedSince: number | undefined): void {
    this.#books.took(this.#agent, waitedSince);
    tell(this, 'acquire');
  }

  /**
   * Drops the GIL and wakes one waiting agent. If no agent has asked for the GIL, the caller may take it again before
   * that one is awake; otherwise this returns when another agent has taken it (where blocking is allowed).
   *
   * @throws SyncError `ERR_NOT_OWNER` when the calling agent does not hold it; nothing changes
   */
  release(): void {
    this.#releaseFor('release()');
  }

  /** @param call what the caller called */
  #releaseFor(call: string): void {
    if (!this.enabled) return;
    this.#checkHeld(call);
    this.#drop();
  }

  #drop(): void {
    // Recorded before the drop, because afterwards another agent's events would come first. So a last-moment request is missed.
    const asked = (Atomics.load(this.#words, this.#word) & ASKED) !== 0;
    this.#books.dropping(this.#agent);
    tell(this, asked ? 'drop' : 'release');
    const forced = drop(this.#words, this.cell);
    if (forced && mayBlock()) awaitSwitch(this.#waits);
    this.#books.dropped(this.#agent, forced);
  }

  /**
   * The eval breaker: lets other agents run here, if one of them has asked. Costs one Atomics.load when nobody has.
   * Call it often while holding the GIL, wherever a switch does no harm.
   *
   * @throws SyncError `ERR_NOT_OWNER` when somebody has asked and the calling agent does not hold the GIL
   */
  checkpoint(): void {
    if ((Atomics.load(this.#words, this.#word) & ASKED) !== 0) this.#switch();
  }

  #switch(): void {
    this.#checkHeld('checkpoint()');
    this.#drop();
    this.acquire();
  }

  /**
   * Runs a function while holding the GIL.
   *
   * @param fn must be sync; it calls `checkpoint` now and then, and `allowThreads` around long operations
   * @returns what it returns
   * @throws what it throws, after dropping the GIL; TypeError when it is not a function; and what `acquire` throws
   */
  run<R>(fn: () => R): R {
    checkFunction('fn', fn);
    this.acquire();
    try {
      return fn();
    } finally {
      this.release();
    }
  }

  /**
   * Runs a function without the GIL, and takes it back: what Python's C code does around a system call.
   *
   * @param fn must use nothing that the GIL protects; for an async function use `allowThreadsAsync`
   * @returns what it returns
   * @throws what it throws, with the GIL held again
   * @throws SyncError `ERR_NOT_OWNER` when the calling agent does not hold the GIL
   */
  allowThreads<R>(fn: () => R): R {
    checkFunction('fn', fn);
    this.#releaseFor('allowThreads()');
    try {
      return fn();
    } finally {
      this.acquire();
    }
  }

  /**
   * Awaits a function without the GIL, and takes it back, which may block the agent.
   *
   * @param fn must use nothing that the GIL protects
   * @returns what it resolves to; rejected with what it rejects with or throws, with the GIL held again, and with a
   *   SyncError: `ERR_NOT_OWNER` when the calling agent does not hold the GIL; `ERR_SELF_DEADLOCK` when another task of
   *   this agent has taken the GIL and awaits something else
   */
  async allowThreadsAsync<R>(fn: () => R | PromiseLike<R>): Promise<R> {
    checkFunction('fn', fn);
    this.#releaseFor('allowThreadsAsync()');
    try {
      return await fn();
    } finally {
      // Another task may have waited for the same and hold it just now; within a turn it goes on and drops it.
      if (this.held) await turn();
      this.acquire();
    }
  }

  /** Whether the calling agent holds it. */
  get held(): boolean {
    return ownerOf(Atomics.load(this.#words, this.#word)) === this.#agent;
  }

  /** Whether any agent holds it. */
  get locked(): boolean {
    return ownerOf(Atomics.load(this.#words, this.#word)) !== 0;
  }

  /**
   * How agents have used it so far. Exact for agents that are not using it meanwhile; when another agent gets a slot,
   * it continues that slot's account. Nothing is counted under free threading.
   *
   * @returns the sums (of `longestWait`, the maximum), and the statistics of each agent slot
   */
  statistics(): StatisticsReport {
    return this.#books.report();
  }

  /** @returns kind, number, holder, waiters and switch interval, for people */
  override toString(): string {
    if (!this.enabled) return `${this.label} (disabled: free threading)`;
    const word = Atomics.load(this.#words, this.#word);
    const holder = ownerOf(word) === 0 ? 'free' : `held by ${agentName(ownerOf(word))}`;
    const waiters = `waiters: ${(word & BLOCKED) === 0 ? 'none' : 'agents'}${(word & ASKED) === 0 ? '' : ', asked for'}`;
    return `${this.label} (${holder}, ${waiters}, switch interval ${this.switchInterval} ms)`;
  }

  #checkHeld(call: string): void {
    const owner = ownerOf(Atomics.load(this.#words, this.#word));
    if (owner === this.#agent) return;
    const state = owner === 0 ? 'not held by anyone' : `held by ${agentName(owner)}`;
    throw new SyncError('ERR_NOT_OWNER', `${this.label} is ${state}; ${call} needs it held by the calling agent`);
  }
}

/** How many agents the arena of a new GIL can have; by default, the default arena. */
const slotsIn = (arena: unknown): number => agentSlots((arena instanceof JoinedArena ? arena : defaultArena()).words);
