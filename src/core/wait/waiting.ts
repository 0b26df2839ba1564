/**
 * A wait: what is waited for, by which agent, and where. Every wait of every primitive goes through one of these, in one of
 * four forms: try once, block, block for a turn, wait as an async task.
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
  /** By default the word after the gate of blocked agents. */
  readonly taskGate?: number;
  /** By default the gate of tasks; negative when it waits until all counted agents have left: see partiesOf. */
  readonly key?: number;
  /** For things that come repeatedly. */
  readonly patience?: Patience & Partial<Looking>;
  /** What the caller does after a timeout; called when the observer ends the wait. */
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
   * @param cell the cell passed to the pass
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
   * Tries once, and never blocks. A caller that only tries is not a waiter and would not come back, so no reservation keeps it out.
   *
   * @param initial the state for the pass
   * @returns whether the pass succeeded
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
   * Blocks until a pass succeeds; with a timeout of 0, only tries.
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

  /** The wait itself, with a checked timeout; the checker substitutes its own clock and choices. */
  block(timeout: number, initial = 0): boolean {
    return block(this, timeout, initial);
  }

  /**
   * Waits as an async task until a pass succeeds. A task that need not wait for others of its agent makes its first pass at once.
   *
   * @param options when to give up
   * @param initial the state for the first pass
   * @param onGot called at the moment of success, before any other task can proceed
   * @param given a running deadline to use instead of the timeout; the caller cancels it
   * @returns whether it succeeded in time; rejected for bad options, with the signal's reason when it aborts,
   *   with an OwnerDiedError when its holder died, and with a SyncError: `ERR_RETIRED` when somebody took the agent for dead,
   *   `ERR_UNSUPPORTED` where it would have to wait and nothing can be awaited
   */
  waitAsync(options: WaitOptions, initial = 0, onGot?: () => void, given?: Deadline): Promise<boolean> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    // Read before anything else: a getter may call back.
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
