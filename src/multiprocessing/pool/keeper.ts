/**
 * A worker of a pool whose child process does its tasks. It takes tasks and puts results like any other worker; it dies
 * with its child.
 *
 * ```text
 *  task ring   ──▶ keeper ══BEGIN, CALL, TASK, ABORT, RETURN, LEAVE══▶ child process (child.ts)
 *  result ring ◀──        ◀══DONE, BACK═══════════════════════════════
 * ```
 *
 * A child that has nothing to do is sent a task by the owner itself (bypass.ts); the keeper takes that on at the latest
 * when it is answered. Everything else is as if the keeper had sent it.
 *
 * **Ahead.** A message takes many times as long as a small task, so the child is sent some tasks before it needs them:
 * the faster it answers, the more, up to MOST_AHEAD, but no more than its share of those that wait. When one takes
 * long, the child is asked to give back those behind it, because it may be waiting for one of them.
 *
 * **Which are begun.** The child does its tasks in order, and begins one only when the answer to the one before has
 * left its process. So of those that it has not answered, the first has begun, as far as anybody can know, and the
 * others have not. When the child dies, the first is lost, and the others go back to the owner.
 *
 * **What is given up.** The owner reports it by NEWS of the board (claims.ts); the child is told, and skips what it has
 * not begun. When the owner wants the worker ended, the keeper ends the child; so too when a task that was given up
 * before it was begun is not answered within the grace period, or the time of a message. By then the child may have
 * answered and begun the next task, which must not be ended: so the child is stopped first, and killed only if there is
 * no answer when all that it has written is read. (Windows has no such signal. There a moment remains in which the next
 * may be lost.)
 */

import { kill, onExit } from '#host';
import { hereOf } from '../../core/here.js';
import { now } from '../../core/wait/clock.js';
import { sleep } from '../../core/wait/sleep.js';
import { delay, later, nextTurn, turn } from '../../core/wait/turns.js';
import type { HostChild, Signal } from '../../host/host.js';
import type { Link } from '../../host/link.js';
import { WorkerDiedError, whyEnded } from '../../tasks/died.js';
import { keepChild } from '../../tasks/keep.js';
import { task } from '../../tasks/task.js';
import { plainCodec } from '../child/messages.js';
import { Bypass, type Place } from './bypass.js';
import { ABORT, BACK, BEGIN, type Beginning, CALL, childWorker, LEAVE, RETURN, TASK } from './child.js';
import { Claims } from './claims.js';
import type { CurrentTask } from './current-task.js';
import { atIn, BROKEN, formIn, RETURNED, type TakenTask, THREW } from './messages.js';
import type { Answer } from './perform.js';
import { type Brief, type Bypassed, type Claimed, type Doer, work } from './worker.js';

/** How long a child may take to leave, in ms. */
const LEAVING_MS = 1000;
/** The most tasks that a child has at a time. */
const MOST_AHEAD = 256;
/**
 * How long answers that arrive in quick succession are left to gather, in ms: reading one takes as long as reading
 * many, and several times as long as a small task.
 */
const GATHER_MS = 0.1;
/** A child that has this many tasks has enough to do meanwhile. */
const ENOUGH = 16;
/** When a task takes this long, in ms, those behind it go back. */
const PATIENCE_MS = 25;
/** A child hears within this time, in ms, that a task was given up, unless it computes. */
const HEARING_MS = 100;
/** How long after a child was stopped all that it has written can be read, in ms. */
const STOPPING_MS = 2;
/** A child that takes this long to do a task, in ms, is sent fewer ahead. */
const SLOW_MS = 10;

/** A task that the child has. */
interface Doing {
  /** Counts the tasks of this child. */
  readonly number: number;
  readonly task: Claimed;
  /** The arguments, if it may go back: tasks that come by the bypass are begun. */
  readonly bytes: Uint8Array | undefined;
  readonly tell: (answer: Answer) => void;
  readonly fail: (death: unknown) => void;
  /** Whether the child was told that it was given up. */
  aborted: boolean;
}

/** A child process as its keeper sees it. */
class Child implements Doer, Bypassed {
  readonly #brief: Brief;
  readonly #claims: Claims;
  readonly #link: Link;
  readonly #pid: number;
  readonly #dead = new AbortController();
  readonly ended = this.#dead.signal;
  /** Gets the outcome of BEGIN. */
  #begun: Pick<Doing, 'tell' | 'fail'> | undefined;
  /** Its tasks, in order: the first is begun. */
  readonly #doing: Doing[] = [];
  #numbers = 0;
  /** How many it may have, and since when the first is begun. */
  #window = 1;
  #since = 0;
  readonly #bypass: Bypass;
  /** Itself, if the owner may send it tasks. */
  readonly bypass: Bypassed | undefined;
  /** Whether the owner may still send it tasks, as far as that depends on the child. */
  #canOpen: boolean;
  #hearTask: (task: Claimed, answer: Promise<Answer>) => void = () => {};
  readonly #endNews: () => void;
  #isDead = false;
  /** Whether it is stopped, until it is known whether it must be ended, or has ended. */
  #isStopped = false;
  #isGathering = false;
  /** Whether a check of how long the first takes is due; and whether the child was asked to give the others back. */
  #willCheck = false;
  #isReturning = false;
  /** The last task that the child had been sent then. */
  #lastAsked = 0;

  constructor(brief: Brief, { link, pid, exit, input }: HostChild) {
    this.#brief = brief;
    this.#claims = new Claims(brief.board);
    this.#link = link;
    this.#pid = pid;
    this.#bypass = new Bypass(brief.bypasses as Int32Array, brief.worker, input?.descriptor ?? -1, pid);
    // A child that ends after a number of tasks must get no others.
    this.#canOpen = input !== undefined && brief.maxTasks === Infinity;
    if (this.#canOpen) this.bypass = this;
    input?.beforeClose(() => this.#shut());
    onExit(() => this.#shut());
    link.listen(({ kind, index, message }) => {
      if (kind === BACK) this.#takeBack(index);
      else this.#hear(index, message);
    });
    this.#endNews = this.#claims.onNews(brief.worker, () => this.#lookAll());
    void exit.then(async (status) => {
      // The answers that it has sent come first.
      await link.closed;
      await this.#bury(this.#deathBy(status));
    });
  }

  #deathBy(status: number): WorkerDiedError {
    const how = status < 0 ? `signal ${-status}` : `exit code ${status}${whyEnded(status)}`;
    const why = `died before its work was done: its process ended with ${how}`;
    return new WorkerDiedError(`${this.#brief.name} ${why}`, status);
  }

  async #bury(death: WorkerDiedError): Promise<void> {
    this.#isDead = true;
    this.#shut();
    const [first, ...others] = this.#doing.splice(0);
    for (const { bytes, tell } of others) tell({ form: RETURNED, value: bytes });
    // The owner is told of that before this worker ends.
    if (others.length > 0) await turn();
    this.#begun?.fail(death);
    first?.fail(death);
    this.#dead.abort(death);
  }

  async begin({ initializer, initargs, name, parent }: Brief): Promise<void> {
    const beginning: Beginning = { initializer, initargs, name, parent };
    const { form, value } = await new Promise<Answer>((tell, fail) => {
      this.#begun = { tell, fail };
      this.#link.send(BEGIN, 0, plainCodec('initargs').current.encodeToBytes(beginning));
    });
    if (form === BROKEN) throw value;
  }

  mayHave(has: number, waiting: number): boolean {
    return !this.#isDead && !this.#isReturning && has < this.#window && has * this.#claims.workers < waiting;
  }

  perform(task: TakenTask, _current: CurrentTask): Promise<Answer> {
    const { callee, call, form, bytes, failure } = task as TakenTask & { readonly bytes: Uint8Array };
    if (failure !== undefined) return Promise.resolve({ form: THREW, value: failure.error });
    if (this.#isDead) return Promise.resolve({ form: RETURNED, value: bytes });
    if (this.#bypass.tell(callee)) this.#link.post(CALL, 0, new TextEncoder().encode(call));
    this.#link.post(TASK, form, bytes);
    return this.#enlist(task, bytes);
  }

  /** Takes on a task that the child was sent after all others. */
  #enlist(task: Claimed, bytes?: Uint8Array): Promise<Answer> {
    return new Promise((tell, fail) => {
      const doing = { number: ++this.#numbers, task, bytes, tell, fail, aborted: false };
      if (this.#doing.push(doing) === 1) this.#since = now();
      else this.#checkLater();
      this.#look(doing);
    });
  }

  listen(hear: (task: Claimed, answer: Promise<Answer>) => void): void {
    this.#hearTask = hear;
  }

  open(): void {
    if (this.#canOpen && this.#doing.length === 0 && this.#link.isSent) this.#bypass.open();
  }

  #shut(): void {
    this.#canOpen = false;
    this.close();
  }

  close(): boolean {
    return !this.#takeOn(this.#bypass.close());
  }

  /** @returns whether there is a task */
  #takeOn(task: Place | undefined): boolean {
    if (task !== undefined) this.#hearTask(task, this.#enlist(task));
    return task !== undefined;
  }

  #hear(word: number, message: Uint8Array): void {
    const form = formIn(word);
    const begun = this.#begun;
    if (begun !== undefined) {
      this.#begun = undefined;
      begun.tell({ form, value: plainCodec('').current.decodeBytes(message) });
      return;
    }
    if (this.#doing.length === 0) this.#takeOn(this.#bypass.take());
    else this.#pace();
    const done = this.#doing.shift();
    done?.tell({ form, value: undefined, at: atIn(word), bytes: message });
    const first = this.#doing[0] as Doing | undefined;
    if (first?.aborted === true) this.#endUnlessAnswered(first);
    if (this.#doing.length >= ENOUGH && !this.#isGathering) this.#gather();
  }

  /** Sends it more or fewer tasks ahead, by how long the first has taken. */
  #pace(): void {
    const time = now();
    const isSlow = time - this.#since > SLOW_MS;
    this.#window = isSlow ? Math.max(1, this.#window >> 1) : Math.min(MOST_AHEAD, this.#window + 1);
    this.#since = time;
  }

  /** Gathers answers once this turn, which has more for the child to do, is over. */
  #gather(): void {
    this.#isGathering = true;
    nextTurn(() => {
      this.#isGathering = false;
      sleep(GATHER_MS);
    });
  }

  #checkLater(): void {
    if (this.#willCheck) return;
    this.#willCheck = true;
    later(() => {
      this.#willCheck = false;
      if (this.#doing.length < 2 || this.#isReturning) return;
      this.#isReturning = now() - this.#since >= PATIENCE_MS;
      this.#lastAsked = this.#numbers;
      if (this.#isReturning) this.#link.send(RETURN);
      else this.#checkLater();
    }, PATIENCE_MS);
  }

  /** Takes back what the child has given back: all tasks after one, of those that it had when it was asked. */
  #takeBack(last: number): void {
    this.#isReturning = false;
    this.#window = 1;
    const isBack = ({ number }: Doing): boolean => number > last && number <= this.#lastAsked;
    const back = this.#doing.filter(isBack);
    this.#doing.splice(0, Infinity, ...this.#doing.filter((doing) => !isBack(doing)));
    for (const { bytes, tell } of back) tell({ form: RETURNED, value: bytes });
  }

  /**
   * Ends the child if it does not answer a task that was given up before the task began; the child skips such a task if
   * it hears of that in time.
   */
  #endUnlessAnswered(first: Doing): void {
    const end = (): void => {
      if (this.#doing[0] === first) void this.#endFor(first);
    };
    later(end, Math.max(this.#brief.grace, HEARING_MS));
  }

  #lookAll(): void {
    if (this.#bypass.hasTask) this.#takeOn(this.#bypass.take());
    for (const doing of this.#doing) this.#look(doing);
  }

  #look(doing: Doing): void {
    const { slot, generation } = doing.task;
    const { worker } = this.#brief;
    if (!this.#claims.isGivenUp(slot, generation, worker)) return;
    if (!doing.aborted) this.#link.send(ABORT, doing.number);
    doing.aborted = true;
    if (this.#doing[0] === doing && this.#claims.isKilled(slot, generation, worker)) void this.#endFor(doing);
  }

  /** Ends the child, if this is the task that it is doing. */
  async #endFor(first: Doing): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#signal('SIGSTOP');
    await delay(STOPPING_MS);
    // The event loop looks at what can be read between two turns.
    await turn();
    await turn();
    if (this.#doing[0] === first) {
      this.#signal('SIGKILL');
      return;
    }
    this.#signal('SIGCONT');
    this.#isStopped = false;
    // Others may have been given up meanwhile.
    this.#lookAll();
  }

  #signal(signal: Signal): void {
    if (!this.#isDead) kill(this.#pid, signal);
  }

  /** Makes the child leave, and waits until it has. */
  async leave(exit: Promise<number>): Promise<void> {
    this.#endNews();
    this.#shut();
    this.#link.send(LEAVE);
    const inTime = later(() => this.#signal('SIGKILL'), LEAVING_MS);
    await exit;
    inTime();
  }
}

/** The worker that keeps a child process, which does the tasks that the worker takes. */
export const keepWorker = task(
  hereOf(import.meta.url),
  'worker of a pool of atomics-sync-free that keeps a child process',
  async (brief: Brief) => {
    const kept = await keepChild(childWorker, brief.child);
    const child = new Child(brief, kept);
    await work(brief, child);
    await child.leave(kept.exit);
  },
);
