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
 * A sleep of 1 ms ends 0.08 – 0.11 ms late on Linux (the slack of its timers, and a wake-up), in CPython as here, and would
 * make slices a tenth too long. So what is usual is taken off, up to this, in ms; a busy machine is later than that.
 */
const MOST_LATENESS = 0.2;
/** What is usual is learnt from about so many requests. */
const LATENESS_MEMORY = 8;

/**
 * A global interpreter lock, as CPython has had it since 3.2: at most one agent at a time runs, whoever waits asks for
 * it after the switch interval, and who runs drops it at the next checkpoint and lets another have it first.
 *
 * It belongs to agents, not to async tasks: an agent that holds it must not await anything, save by
 * `allowThreadsAsync`. Each GIL is one interpreter's: agents that run under different ones run in parallel (PEP 684).
 * The algorithm is that of CPython's `ceval_gil.c`; it stands with its arguments in `gil/protocol.ts`.
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
  /** Whether there is anything to take; false for free threading. */
  readonly enabled: boolean;
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #agent: number;
  readonly #me: number;
  readonly #waits: Waits;
  readonly #books: Books;
  /** How much less than the interval to wait, in ms, since timers come late. */
  #lateness = 0;

  /**
   * Makes a GIL that nobody holds.
   *
   * @param options its place, its switch interval, and whether it is enabled
   * @throws TypeError or RangeError when an option is not what it must be
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
      if (block === 0) throw new SyncError('ERR_ARENA_FULL', `no room for the books of ${this.label} in its arena`);
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
   * Sets it, for all agents and at any time: Python's `sys.setswitchinterval`. Who waits already goes by it from its next
   * wait on.
   *
   * @throws TypeError or RangeError when set to what is no number above 0 and at most 2,000,000
   */
  set switchInterval(ms: number) {
    checkInterval(ms);
    Atomics.store(this.#words, this.cell + INTERVAL, microseconds(ms));
  }

  /**
   * Blocks until the GIL is taken. There is no time-out: like a thread of Python, an agent that wants to run waits until
   * it may, and its asking makes sure that it will.
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
      throw new SyncError('ERR_SELF_DEADLOCK', `${this.label} is held by this agent already; release() it first`);
    }
    checkMayBlock(this);
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
        // Nobody gives up waiting for a GIL: whoever was asked to drop it waits until somebody has taken it.
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

  /**
   * @param late by how much the last request came too late, in ms
   */
  #learnLateness(late: number): void {
    const learnt = this.#lateness + late / LATENESS_MEMORY;
    this.#lateness = Math.min(Math.max(learnt, 0), MOST_LATENESS);
  }

  #took(waitedSince: number | undefined): void {
    this.#books.took(this.#agent, waitedSince);
    tell(this, 'acquire');
  }

  /**
   * Drops the GIL and wakes one agent that waits for it. Unless one has asked, nothing keeps the caller from taking it
   * again before that one is awake; if one has, this returns when another agent has it (where blocking is allowed).
   *
   * @throws SyncError `ERR_NOT_OWNER` when the calling agent does not hold it; nothing changes
   */
  release(): void {
    if (!this.enabled) return;
    this.#checkHeld('release()');
    this.#drop();
  }

  #drop(): void {
    // Recorded before the drop: after it, another's events would come first. So a request of the last moment is missed.
    const asked = (Atomics.load(this.#words, this.#word) & ASKED) !== 0;
    this.#books.dropping(this.#agent);
    tell(this, asked ? 'drop' : 'release');
    const forced = drop(this.#words, this.cell);
    if (forced && mayBlock()) awaitSwitch(this.#waits);
    this.#books.dropped(this.#agent, forced);
  }

  /**
   * The eval breaker: the place where others may run, if one of them has asked. Costs one Atomics.load when nobody has.
   * Call it, holding the GIL, where a switch can do no harm, and often.
   *
   * @throws SyncError `ERR_NOT_OWNER` when the calling agent does not hold the GIL, where somebody has asked
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
   * @param fn must be sync; it calls `checkpoint` now and then, and `allowThreads` around what takes long
   * @returns what it returns
   * @throws what it throws, the GIL being dropped; TypeError when it is no function; and what `acquire` throws
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
   * @param fn works on nothing that the GIL protects; for an async function take `allowThreadsAsync`
   * @returns what it returns
   * @throws what it throws, the GIL being held again
   * @throws SyncError `ERR_NOT_OWNER` when the calling agent does not hold the GIL
   */
  allowThreads<R>(fn: () => R): R {
    checkFunction('fn', fn);
    this.release();
    try {
      return fn();
    } finally {
      this.acquire();
    }
  }

  /**
   * Awaits a function without the GIL, and takes it back, which may block the agent.
   *
   * @param fn works on nothing that the GIL protects
   * @returns what it resolves to; rejected with what it rejects with or throws, the GIL being held again, and with a
   *   SyncError: `ERR_NOT_OWNER` when the calling agent does not hold the GIL; `ERR_SELF_DEADLOCK` when another task of
   *   it has taken the GIL and awaits something else
   */
  async allowThreadsAsync<R>(fn: () => R | PromiseLike<R>): Promise<R> {
    checkFunction('fn', fn);
    this.release();
    try {
      return await fn();
    } finally {
      // Another task has waited for the same, perhaps, and has it just now; in a turn it has gone on, and let go of it.
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
   * How agents have used it so far. Exact for agents that are not using it meanwhile; a slot's account goes on when
   * another agent gets the slot. Nothing is counted under free threading.
   *
   * @returns the sums (of `longestWait`, the maximum), and the part of each agent slot
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

/** How many agents the arena can have in which a GIL is made; by default, the default arena. */
const slotsIn = (arena: unknown): number => agentSlots((arena instanceof JoinedArena ? arena : defaultArena()).words);
