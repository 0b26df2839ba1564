/** The primitives as plain sequential objects, in which nothing else happens during a call. */
import { Refused, Waiting } from './referee.js';

/** The caller: a thread by its agent's number, a task by a name of its own. */
export type Who = number | string;

export class LockModel {
  locked = false;

  acquire(): Waiting {
    return new Waiting(
      () => !this.locked,
      () => this.tryAcquire(),
    );
  }

  tryAcquire(): boolean {
    if (this.locked) return false;
    this.locked = true;
    return true;
  }

  release(): void {
    if (!this.locked) throw new Refused('ERR_NOT_HELD');
    this.locked = false;
  }
}

export class RLockModel {
  owner: Who | undefined;
  depth = 0;

  acquire(me: Who): Waiting {
    return new Waiting(
      () => this.#mayEnter(me),
      () => this.tryAcquire(me),
    );
  }

  tryAcquire(me: Who): boolean {
    if (!this.#mayEnter(me)) return false;
    this.owner = me;
    this.depth++;
    return true;
  }

  release(me: Who): void {
    this.checkOwner(me);
    this.depth--;
    if (this.depth === 0) this.owner = undefined;
  }

  checkOwner(me: Who): void {
    if (this.owner === undefined) throw new Refused('ERR_NOT_HELD');
    if (this.owner !== me) throw new Refused('ERR_NOT_OWNER');
  }

  countOf(me: Who): number {
    return this.owner === me ? this.depth : 0;
  }

  #mayEnter(me: Who): boolean {
    return this.owner === undefined || this.owner === me;
  }
}

export class SemaphoreModel {
  constructor(
    public value: number,
    readonly bound = Number.POSITIVE_INFINITY,
  ) {}

  acquire(): Waiting {
    return new Waiting(
      () => this.value > 0,
      () => this.tryAcquire(),
    );
  }

  tryAcquire(): boolean {
    if (this.value === 0) return false;
    this.value--;
    return true;
  }

  release(n: number): void {
    if (this.value + n > this.bound) throw new Refused('ERR_OVER_RELEASE');
    this.value += n;
  }
}

export class EventModel {
  isSet = false;
  #sets = 0;

  wait(): Waiting {
    const before = this.#sets;
    return new Waiting(
      () => this.isSet || this.#sets > before,
      () => true,
    );
  }

  set(): void {
    if (!this.isSet) this.#sets++;
    this.isSet = true;
  }

  clear(): void {
    this.isSet = false;
  }
}

interface Entry {
  notified: boolean;
  gaveUp?: 'timed out' | 'aborted';
  readonly waiting: Waiting;
}

/** A condition variable over an RLock; over a Lock, the caller is taken for its owner. */
export class ConditionModel {
  readonly lock = new RLockModel();
  readonly #queue: Entry[] = [];

  wait(me: Who): Waiting {
    const { lock } = this;
    lock.checkOwner(me);
    const { depth } = lock;
    lock.depth = 0;
    lock.owner = undefined;
    const again = (): boolean => {
      lock.owner = me;
      lock.depth = depth;
      if (!entry.notified) this.#queue.splice(this.#queue.indexOf(entry), 1);
      if (entry.gaveUp === 'aborted') {
        // It will not act on its notification, which passes to the next waiter.
        if (entry.notified) this.#notify(1);
        throw new Refused('aborted');
      }
      return entry.notified;
    };
    // It can still be notified until it has the lock again.
    const giveUp = (how: 'timed out' | 'aborted') => (): Waiting => {
      if (entry.notified || entry.gaveUp !== undefined) return entry.waiting;
      entry.gaveUp = how;
      entry.waiting.requeue();
      return entry.waiting;
    };
    const ready = (): boolean => (entry.notified || entry.gaveUp !== undefined) && lock.owner === undefined;
    const waiting = new Waiting(ready, again, giveUp('timed out'), giveUp('aborted'));
    const entry: Entry = { notified: false, waiting };
    this.#queue.push(entry);
    return entry.waiting;
  }

  notify(me: Who, n: number): void {
    this.lock.checkOwner(me);
    this.#notify(Math.max(n, 0));
  }

  #notify(n: number): void {
    for (const entry of this.#queue.splice(0, n)) {
      entry.notified = true;
      if (entry.gaveUp === undefined) entry.waiting.requeue();
    }
  }

  get waiters(): number {
    return this.#queue.length;
  }
}

/** The parties that wait for each other at a barrier, and how that ended. */
interface Cohort {
  count: number;
  ended?: 'well' | 'badly';
}

export class BarrierModel {
  broken = false;
  #cohort: Cohort = { count: 0 };

  constructor(readonly parties: number) {}

  wait(action: () => void = () => {}): unknown {
    if (this.broken) throw new Refused('ERR_BROKEN_BARRIER');
    const cohort = this.#cohort;
    const index = cohort.count++;
    if (cohort.count === this.parties) {
      try {
        action();
      } catch (error) {
        this.abort();
        throw error;
      }
      this.#end('well');
      return index;
    }
    const finish = () => {
      if (cohort.ended === 'badly') throw new Refused('ERR_BROKEN_BARRIER');
      return index;
    };
    const waiting: Waiting = new Waiting(
      () => cohort.ended !== undefined,
      finish,
      () => {
        this.abort();
        waiting.line = 'gave up';
        return waiting;
      },
      () => {
        this.abort();
        throw new Refused('aborted');
      },
    );
    return waiting;
  }

  reset(): void {
    this.broken = false;
    this.#end('badly');
  }

  abort(): void {
    this.broken = true;
    this.#end('badly');
  }

  get nWaiting(): number {
    return this.#cohort.count;
  }

  #end(how: 'well' | 'badly'): void {
    this.#cohort.ended = how;
    this.#cohort = { count: 0 };
  }
}

export class RWLockModel {
  writer: Who | undefined;
  readonly #reads: Who[] = [];

  acquireRead(me: Who): Waiting {
    if (this.writer === me) throw new Refused('ERR_SELF_DEADLOCK');
    return this.readLater(me);
  }

  acquireWrite(me: Who): Waiting {
    if (this.writer === me || this.#reads.includes(me)) throw new Refused('ERR_SELF_DEADLOCK');
    return this.writeLater(me);
  }

  /** As a task reads: what stands in its way may belong to another task, so it waits. */
  readLater(me: Who): Waiting {
    return new Waiting(
      () => this.writer === undefined,
      () => this.tryRead(me),
      undefined,
      undefined,
      'reading',
    );
  }

  writeLater(me: Who): Waiting {
    // A writer that was woken along with readers, and found them inside first, queues behind the other writers again.
    return new Waiting(
      () => this.#isFree(),
      () => this.tryWrite(me),
      undefined,
      undefined,
      `writing ${me}`,
    );
  }

  tryRead(me: Who): boolean {
    return this.writer === undefined && this.#reads.push(me) > 0;
  }

  tryWrite(me: Who): boolean {
    if (!this.#isFree()) return false;
    this.writer = me;
    return true;
  }

  releaseRead(me: Who): void {
    const at = this.#reads.indexOf(me);
    if (at < 0) throw this.#notHeld();
    this.#reads.splice(at, 1);
  }

  releaseWrite(me: Who): void {
    if (this.writer !== me) throw this.#notHeld();
    this.writer = undefined;
  }

  get readers(): number {
    return this.#reads.length;
  }

  #isFree(): boolean {
    return this.writer === undefined && this.#reads.length === 0;
  }

  #notHeld(): Refused {
    return new Refused(this.#isFree() ? 'ERR_NOT_HELD' : 'ERR_NOT_OWNER');
  }
}
