/**
 * A wait: what is waited for, by whom, and where. Every wait of every primitive goes through one of these, in one of four
 * forms: try once, block, block for a turn, wait as an async task.
 */
import { checkTimeout, refusal, type WaitOptions } from '../arguments.js';
import { SyncError } from '../errors.js';
import type { Member } from '../memory/member.js';
import { TASK_WAITER } from '../memory/owner.js';
import { AsyncQueue, lookForTask } from './async-queue.js';
import { block } from './block.js';
import type { Deadline } from './deadline.js';
import { AGAIN, GOT, LAPSED, LOOK, OWNER_DIED, type Pass } from './pass.js';
import type { Patience } from './patience.js';
import { watchesLater } from './spin.js';
import { holderDied, type Looking, type Subject, type Wait } from './wait.js';
import { mayWatch } from './watch.js';

/** How a wait differs from that of most primitives. */
interface Where {
  /** By default the word behind the gate of blocked agents. */
  readonly taskGate?: number;
  /** By default the gate of tasks; negative where it waits until all have left who are counted: see partiesOf. */
  readonly key?: number;
  /** For what comes again and again. */
  readonly patience?: Patience & Partial<Looking>;
  /** What whoever gives up a wait without a time-out has to do besides. */
  readonly leave?: () => void;
}

export class Waiting implements Wait {
  readonly me: number;
  readonly taskGate: number;
  readonly key: number;
  readonly patience: Wait['patience'];
  readonly leave: (() => void) | undefined;

  /**
   * @param subject what is waited for
   * @param pass how to get it
   * @param cell what the pass is given
   * @param gate the word on which blocked agents sleep
   */
  constructor(
    readonly subject: Subject,
    readonly member: Member,
    readonly pass: Pass,
    readonly cell: number,
    readonly gate: number,
    { taskGate = gate + TASK_WAITER, key = taskGate, patience, leave }: Where = {},
  ) {
    this.me = member.ownerWord;
    this.taskGate = taskGate;
    this.key = key;
    this.patience = patience;
    this.leave = leave;
  }

  /**
   * Tries once, and never blocks. Who only tries is no waiter and would not come back, so no reservation keeps it out.
   *
   * @param initial the state for the pass
   * @returns whether the pass got what it is for
   * @throws OwnerDiedError when its holder died
   */
  attempt(initial = 0): boolean {
    const { member, pass, cell, me } = this;
    for (;;) {
      const answer = pass(member.words, cell, me, initial | LAPSED | LOOK);
      if (answer === OWNER_DIED) throw holderDied(this);
      if (answer !== AGAIN) return answer === GOT;
    }
  }

  /**
   * Blocks until a pass gets what it is for; with a timeout of 0, only tries.
   *
   * @param timeout the longest wait, in ms
   * @param initial the state for the first pass
   * @returns false when the timeout expires
   * @throws TypeError or RangeError for a bad timeout; and what `block` throws
   */
  wait(timeout: number, initial = 0): boolean {
    checkTimeout(timeout);
    return timeout === 0 ? this.attempt(initial) : this.block(timeout, initial);
  }

  /** The wait itself, with a timeout that has been checked; the checker puts its own clock and choices in its place. */
  block(timeout: number, initial = 0): boolean {
    return block(this, timeout, initial);
  }

  /**
   * Waits as an async task until a pass gets what it is for. A task that need not wait for others of its agent makes its
   * first pass at once.
   *
   * @param options when to give up
   * @param initial the state for the first pass
   * @param onGot called at the moment when it is got, before any other task can go on
   * @param given a deadline that has begun already, in the place of the timeout; the caller's to cancel
   * @returns whether it was got in time; rejected for bad options, with the signal's reason when it aborts,
   *   with an OwnerDiedError when its holder died, and with a SyncError: `ERR_RETIRED` when somebody took the agent for dead,
   *   `ERR_UNSUPPORTED` where it would have to wait and nothing can be awaited
   */
  waitAsync(options: WaitOptions, initial = 0, onGot?: () => void, given?: Deadline): Promise<boolean> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    // Read before anything is done: a getter may call back.
    const { timeout, signal } = options;
    const { queues, vigil } = this.member;
    let queue = queues.get(this.key) as AsyncQueue | undefined;
    if (queue === undefined) {
      const looks = this.patience?.looksOf !== undefined && watchesLater();
      const first = lookForTask(this, looks ? initial | LOOK : initial);
      if (first.answer === OWNER_DIED) return Promise.reject(holderDied(this));
      if (first.answer === GOT) {
        onGot?.();
        return Promise.resolve(true);
      }
      const retired = vigil?.refusal;
      if (retired !== undefined) return Promise.reject(retired);
      if (!mayWatch()) return Promise.reject(cannotWait(this));
      queue = new AsyncQueue(this, looks ? undefined : first);
      queues.set(this.key, queue);
    }
    return queue.wait({ timeout, signal }, initial, onGot, given);
  }
}

const cannotWait = ({ subject }: Wait): SyncError =>
  new SyncError(
    'ERR_UNSUPPORTED',
    `nothing can wait for ${subject.label} here: this realm has neither Atomics.waitAsync nor setTimeout; try again later`,
  );
