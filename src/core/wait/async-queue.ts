/**
 * The async driver: the waits of one agent's tasks for one thing, first in, first out.
 *
 * Only the head of the queue makes passes; the others wait behind it in plain JavaScript. So an agent watches a gate at
 * most once, and wakers can notify *all* waiters on a task gate: an agent whose event loop is busy withholds nobody else's
 * wake. All tasks of a queue wait for the same thing, so what stops the head stops all.
 *
 * A member has one queue for each thing, however many objects of the primitive its agent has, and only while tasks wait. A
 * task that comes while others wait queues behind them. What an agent releases, its own tasks may take in the next
 * microtask, without the turn of the event loop that a wake from outside needs: so a task that proceeds only in microtasks
 * cannot keep the others out.
 */
import type { WaitOptions } from '../arguments.js';
import type { TaskQueue } from '../memory/member.js';
import { TASK } from '../memory/owner.js';
import { onAbort } from './abort.js';
import { now } from './clock.js';
import { Deadline } from './deadline.js';
import { release, retain } from './keep-alive.js';
import { waitBegins, waitEnds } from './observer.js';
import { AGAIN, GOT, LAPSE_MS, LAPSED, LAST, OWNER_DIED, SLEEP_BRIEFLY, SLEPT, STARVED, STARVING_MS } from './pass.js';
import { watchesLater } from './spin.js';
import { immediate } from './turns.js';
import { holderDied, LOOKING, type Looks, type Wait } from './wait.js';
import { type Cancel, watch } from './watch.js';

/** A waiting task: an element of a doubly linked list, so that any of them can leave at once. */
interface Waiter {
  /** Called once, when it has got what it waits for. */
  readonly got: () => void;
  /** Called once, when it cannot get it. */
  readonly failed: (reason: unknown) => void;
  readonly since: number;
  /** What survives from pass to pass. */
  state: number;
  next: Waiter | undefined;
  prev: Waiter | undefined;
  waits: boolean;
}

/** A pass, and the value of the gate before it. */
interface Look {
  readonly seen: number;
  readonly answer: number;
}

/** Makes one pass for a task. */
export function lookForTask({ member, pass, cell, me, taskGate }: Wait, state: number): Look {
  const seen = Atomics.load(member.words, taskGate);
  return { seen, answer: pass(member.words, cell, me | TASK, state) };
}

/** The tasks of this agent that wait for one thing. */
export class AsyncQueue implements TaskQueue {
  readonly #waiting: Wait;
  /** The looks of the head, for waits whose tasks look before they arrange to be woken. */
  readonly #looks: Looks | undefined;
  /** The first pass of the first waiter. */
  #first: Look | undefined;
  #head: Waiter | undefined;
  #tail: Waiter | undefined;
  /** The value at which the gate is watched, or will be from the next turn on. */
  #watched: number | undefined;
  /** Ends the watch; undefined while there is none. */
  #cancel: Cancel | undefined;
  #willWatch = false;
  #lapse: Deadline | undefined;
  #polled = false;

  /**
   * @param first the pass by which the first waiter learnt that it has to wait; undefined for waits whose tasks look first
   */
  constructor(waiting: Wait, first: Look | undefined) {
    this.#waiting = waiting;
    this.#first = first;
    if (first !== undefined) return;
    this.#looks = waiting.patience?.looksOf?.(waiting, () => {
      if (this.#head !== undefined) this.#advance();
    });
  }

  /**
   * Waits until a pass succeeds.
   *
   * @param options when to give up; checked by the caller
   * @param initial the state for the first pass
   * @param onGot called at the moment of success
   * @param given a running deadline to use instead of the timeout; the caller cancels it
   * @returns true on success, false when the timeout expires; rejected with the signal's reason on abort
   */
  wait(
    { timeout = Infinity, signal }: WaitOptions,
    initial: number,
    onGot?: () => void,
    given?: Deadline,
  ): Promise<boolean> {
    let settle!: (got: boolean) => void;
    let fail!: (reason: unknown) => void;
    const promise = new Promise<boolean>((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });
    let deadline = given;
    let began = false;
    const unlisten =
      signal &&
      onAbort(signal, () => {
        this.#leave(waiter);
        failed(signal.reason);
      });
    const end = (gotIt: boolean): void => {
      if (began) waitEnds(this.#waiting, true, now() - waiter.since, gotIt);
      if (given !== undefined) given.onPassed = undefined;
      else deadline?.cancel();
      unlisten?.();
    };
    const onPassed = (): void => {
      if (!this.#expire(waiter)) return;
      end(false);
      settle(false);
    };
    const got = (): void => {
      onGot?.();
      if ((waiter.state & SLEPT) !== 0) this.#waiting.patience?.slept(now() - waiter.since);
      end(true);
      settle(true);
    };
    const failed = (reason: unknown): void => {
      end(false);
      fail(reason);
    };
    const waiter: Waiter = { got, failed, since: now(), state: initial, next: undefined, prev: undefined, waits: true };
    this.#append(waiter);
    if (waiter.waits) {
      began = true;
      waitBegins(this.#waiting, true);
      deadline ??= new Deadline(timeout);
      if (deadline.passed) onPassed();
      else deadline.onPassed = onPassed;
    }
    return promise;
  }

  poll(): void {
    if (this.#polled) return;
    this.#polled = true;
    Promise.resolve().then(() => {
      this.#polled = false;
      this.#advance();
    });
  }

  #append(waiter: Waiter): void {
    const tail = this.#tail;
    this.#tail = waiter;
    if (tail === undefined) {
      this.#head = waiter;
      retain();
      this.#waiting.member.vigil?.attend(this.#waiting.cell);
      this.#looks?.begin();
      this.#advance();
    } else {
      tail.next = waiter;
      waiter.prev = tail;
    }
  }

  #unlink(waiter: Waiter): void {
    const { next, prev } = waiter;
    if (prev === undefined) {
      this.#head = next;
      this.#stopLapse();
    } else {
      prev.next = next;
    }
    if (next === undefined) this.#tail = prev;
    else next.prev = prev;
    waiter.waits = false;
  }

  /** Removes a task that no longer wants to wait from the queue. */
  #leave(waiter: Waiter): void {
    if (!waiter.waits) return;
    const wasHead = waiter === this.#head;
    this.#unlink(waiter);
    // The head may have received a wake, which now belongs to the next one.
    if (wasHead) this.#advance();
  }

  /**
   * Removes a task whose time is up from the queue, after a last try: the thing may have become free while the event loop was busy.
   *
   * @returns whether it was still waiting
   */
  #expire(waiter: Waiter): boolean {
    waiter.state |= LAST;
    this.#advance();
    if (!waiter.waits) return false;
    this.#leave(waiter);
    return true;
  }

  /** Serves the queue until its head has to sleep. */
  #advance(): void {
    const { vigil } = this.#waiting.member;
    for (let waiter = this.#head; waiter !== undefined; waiter = this.#head) {
      // Whoever queues for the first pass has asked this already.
      const refusal = this.#first === undefined ? vigil?.refusal : undefined;
      if (refusal !== undefined) {
        this.#unlink(waiter);
        waiter.failed(refusal);
        continue;
      }
      const answer = this.#serve(waiter);
      if (answer !== GOT && answer !== OWNER_DIED) return;
      this.#unlink(waiter);
      if (this.#head !== undefined) this.#looks?.begin();
      if (answer === GOT) waiter.got();
      else waiter.failed(holderDied(this.#waiting));
    }
    this.#end();
  }

  /** To be called when nobody waits any more. */
  #end(): void {
    const { member, cell, key } = this.#waiting;
    if (member.queues.get(key) !== this) return;
    member.queues.delete(key);
    release();
    member.vigil?.depart(cell);
    if (this.#watched !== undefined) this.#cancel?.();
    this.#forget();
  }

  /** Forgets the watch: the agent that changed the gate has ended it, or its notification no longer matters. */
  #forget(): void {
    this.#watched = undefined;
    this.#cancel = undefined;
  }

  /** @returns GOT or OWNER_DIED; any other answer means that the waiter has to sleep and will be woken */
  #serve(waiter: Waiter): number {
    if (this.#looks !== undefined && (waiter.state & LAST) === 0) {
      const looked = this.#looks.look(waiter.state);
      if (looked === GOT || looked === OWNER_DIED || looked === LOOKING) return looked;
    }
    for (;;) {
      if (now() - waiter.since >= STARVING_MS) waiter.state |= STARVED;
      const { seen, answer } = this.#first ?? lookForTask(this.#waiting, waiter.state);
      this.#first = undefined;
      // The agent that changed the gate ends the watch for its old value.
      if (seen !== this.#watched) this.#forget();
      if (answer === GOT || answer === OWNER_DIED) return answer;
      if (answer === AGAIN) continue;
      waiter.state = (waiter.state | SLEPT) & ~LAPSED;
      if (!this.#watch(seen, waiter)) continue;
      if (answer !== SLEEP_BRIEFLY) this.#stopLapse();
      else this.#lapseLater(waiter);
      return answer;
    }
  }

  #lapseLater(waiter: Waiter): void {
    if (this.#lapse !== undefined) return;
    this.#lapse = new Deadline(LAPSE_MS);
    this.#lapse.onPassed = () => this.#lapsed(waiter);
  }

  /** To be called when a reservation for others has been respected long enough. */
  #lapsed(waiter: Waiter): void {
    this.#lapse = undefined;
    waiter.state |= LAPSED;
    this.#advance();
  }

  #stopLapse(): void {
    this.#lapse?.cancel();
    this.#lapse = undefined;
  }

  /**
   * Watches the gate, now or from the next turn on: a wake that comes earlier has changed the gate, and so is found then.
   * For a starving task the watch begins at once, because a reservation only helps those who can be woken.
   *
   * @returns false when the gate has changed since it was seen
   */
  #watch(seen: number, { state }: Waiter): boolean {
    if (this.#watched === seen && this.#cancel !== undefined) return true;
    if ((state & STARVED) !== 0 || !watchesLater()) return this.#watchNow(seen);
    this.#watched = seen;
    if (this.#willWatch) return true;
    this.#willWatch = true;
    immediate?.(() => {
      this.#willWatch = false;
      const waited = this.#watched;
      if (waited !== undefined && this.#cancel === undefined && !this.#watchNow(waited)) this.#changed(waited);
    });
    return true;
  }

  #watchNow(seen: number): boolean {
    const { member, taskGate } = this.#waiting;
    const cancel = watch(member.words, taskGate, seen, () => this.#changed(seen));
    if (cancel === undefined) return false;
    this.#watched = seen;
    this.#cancel = cancel;
    return true;
  }

  #changed(seen: number): void {
    // If another value is watched, a pass has been made since this wake was sent.
    if (this.#watched !== seen) return;
    this.#forget();
    this.#advance();
  }
}
