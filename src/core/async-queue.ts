/**
 * The async driver: the waits of one agent's tasks, first in, first out.
 *
 * Only the head of the queue makes passes; the others wait behind it in plain JavaScript. So an agent has at most one
 * armed `Atomics.waitAsync` a gate, and wakers can notify *all* of a gate for tasks: an agent whose event loop is
 * busy keeps nobody else's wake. A gate is waited on for one thing only, so what stops the head stops all.
 */
import type { WaitOptions } from './arguments.js';
import { AGAIN, GOT, LAPSE_MS, LAPSED, LAST, type Pass, SLEEP_BRIEFLY, SLEPT, STARVED, STARVING_MS } from './pass.js';

/** setTimeout's longest delay, in ms; it fires at once for a longer one. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** A task that waits. */
export interface Waiter {
  /** Called once, when the thing is had. */
  readonly got: () => void;
  readonly since: number;
  /** What survives from pass to pass. */
  state: number;
}

/** The tasks of this agent that wait on one gate. */
export class AsyncQueue {
  readonly #pass: Pass;
  readonly #words: Int32Array;
  readonly #cell: number;
  readonly #me: number;
  readonly #gate: number;
  /** In order of arrival. */
  readonly #waiters = new Set<Waiter>();
  /** The gate's value at which a waitAsync is pending. It cannot be taken back, so the next head uses it too. */
  #armed: number | undefined;
  /** A pending waitAsync alone does not keep a process alive; a timer does. */
  #keepAlive: ReturnType<typeof setInterval> | undefined;
  #lapse: ReturnType<typeof setTimeout> | undefined;

  /** The first four are a pass and its arguments; `gate` is the word on which tasks wait for it. */
  constructor(pass: Pass, words: Int32Array, cell: number, me: number, gate: number) {
    this.#pass = pass;
    this.#words = words;
    this.#cell = cell;
    this.#me = me;
    this.#gate = gate;
  }

  /**
   * Waits until a pass gets what it is for.
   *
   * @param options when to give up; checked by the caller
   * @param initial the state for the first pass
   * @returns true when it is had, false when the time was up; rejected with the signal's reason on abort
   */
  wait({ timeout = Number.POSITIVE_INFINITY, signal }: WaitOptions, initial = 0): Promise<boolean> {
    // A caller that had to await something else first checked it before that; no event would come any more.
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    let settle!: (got: boolean) => void;
    let fail!: (reason: unknown) => void;
    const promise = new Promise<boolean>((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      this.cancel(waiter);
      end();
      fail(signal?.reason);
    };
    const onTime = (): void => {
      const left = timeout - (performance.now() - waiter.since);
      if (left > 0) {
        timer = setTimeout(onTime, Math.min(Math.ceil(left), LONGEST_TIMER));
      } else if (this.expire(waiter)) {
        end();
        settle(false);
      }
    };
    signal?.addEventListener('abort', onAbort);
    const waiter = this.enqueue(() => {
      end();
      settle(true);
    }, initial);
    if (timeout !== Number.POSITIVE_INFINITY && this.#waiters.has(waiter)) onTime();
    return promise;
  }

  /** Puts a task at the end of the queue; `got` may be called before this returns. */
  enqueue(got: () => void, initial = 0): Waiter {
    const waiter = { got, since: performance.now(), state: initial };
    this.#waiters.add(waiter);
    if (this.#waiters.size === 1) {
      this.#keepAlive = setInterval(() => {}, LONGEST_TIMER);
      this.#advance();
    }
    return waiter;
  }

  /** Takes a task out of the queue that no longer wants to wait. */
  cancel(waiter: Waiter): void {
    if (!this.#waiters.delete(waiter)) return;
    // It may have been the head, and with it a wake that is now the next one's.
    this.#advance();
  }

  /**
   * Takes a task out of the queue whose time is up, after a last try: while the event loop was busy, the thing may
   * have become free.
   *
   * @returns whether it was still waiting
   */
  expire(waiter: Waiter): boolean {
    waiter.state |= LAST;
    this.#advance();
    if (!this.#waiters.has(waiter)) return false;
    this.cancel(waiter);
    return true;
  }

  /** Serves the queue until its head has to sleep. */
  #advance(): void {
    clearTimeout(this.#lapse);
    for (const waiter of this.#waiters) {
      if (!this.#serve(waiter)) return;
      this.#waiters.delete(waiter);
      waiter.got();
    }
    clearInterval(this.#keepAlive);
  }

  /** @returns false when the waiter has to sleep, and will be woken */
  #serve(waiter: Waiter): boolean {
    for (;;) {
      if (performance.now() - waiter.since >= STARVING_MS) waiter.state |= STARVED;
      const seen = Atomics.load(this.#words, this.#gate);
      const answer = this.#pass(this.#words, this.#cell, this.#me, waiter.state);
      if (answer === GOT) return true;
      if (answer === AGAIN) continue;
      waiter.state = (waiter.state | SLEPT) & ~LAPSED;
      if (!this.#arm(seen)) continue;
      if (answer === SLEEP_BRIEFLY) {
        this.#lapse = setTimeout(() => {
          waiter.state |= LAPSED;
          this.#advance();
        }, LAPSE_MS);
      }
      return false;
    }
  }

  /** @returns false when the gate has changed since it was seen */
  #arm(seen: number): boolean {
    if (this.#armed === seen) return true;
    const wait = Atomics.waitAsync(this.#words, this.#gate, seen);
    if (!wait.async) return false;
    this.#armed = seen;
    wait.value.then(() => this.#woken(seen));
    return true;
  }

  #woken(seen: number): void {
    // Where another value is armed, a pass has been made since this wake was sent.
    if (this.#armed !== seen) return;
    this.#armed = undefined;
    this.#advance();
  }
}
