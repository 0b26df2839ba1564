import { Condition, Lock, RLock, Semaphore } from 'atomics-sync-free';
import { Holds } from './holds.js';
import { type Awaitable, Mishap, type Role } from './role.js';

export type Holdable = Lock | RLock | Condition | Semaphore;

/** What actors do with anything that is acquired and released. */
export interface Holder {
  acquire(timeout?: number): Awaitable<boolean>;
  tryAcquire(): Awaitable<boolean>;
  release(n?: number): void;
  /**
   * Enters nested scopes, as Python's `with` does.
   *
   * @param by what makes a scope here
   * @param mishap whether an error is thrown in the innermost
   * @returns the primitive's text in the innermost
   */
  enter(depth: number, by: 'run' | 'using', mishap: boolean): Awaitable<string>;
  /** Waits on a condition of this lock, the only way to release it at any depth. */
  waitOnIt(): Awaitable<boolean>;
  recursionCount(): number;
  isOwned(): boolean;
  /** The primitive's text, as the actor's agent sees it. */
  text(): string;
}

function innermost(subject: Holdable, mishap: boolean): string {
  if (mishap) throw new Mishap('in a scope');
  return String(subject);
}

function rlockOf(subject: Holdable): RLock {
  const lock = subject instanceof Condition ? subject.lock : subject;
  if (lock instanceof RLock) return lock;
  throw new Error(`${subject} has no owner who may enter again`);
}

const conditionOf = (subject: Holdable): Condition =>
  subject instanceof Condition ? subject : new Condition(rlockOf(subject));

function thread(subject: Holdable): Holder {
  const enter: Holder['enter'] = (depth, by, mishap) => {
    if (depth === 0) return innermost(subject, mishap);
    if (by === 'run') return subject.run(() => enter(depth - 1, by, mishap));
    using _held = subject.hold();
    return enter(depth - 1, by, mishap);
  };
  return {
    acquire: (timeout) => subject.acquire(timeout),
    tryAcquire: () => subject.tryAcquire(),
    release: (n) => subject.release(n),
    enter,
    waitOnIt: () => conditionOf(subject).wait(0),
    recursionCount: () => rlockOf(subject).recursionCount,
    isOwned: () => rlockOf(subject).isOwned,
    text: () => String(subject),
  };
}

function task(subject: Holdable): Holder {
  const holds = new Holds(subject);
  const enter: Holder['enter'] = async (depth, by, mishap) => {
    if (depth === 0) return innermost(subject, mishap);
    if (by === 'run') return subject.runAsync(() => enter(depth - 1, by, mishap));
    using _held = await subject.holdAsync();
    return await enter(depth - 1, by, mishap);
  };
  // What has no owner needs no hold: any task may release it.
  const ownerless = subject instanceof Lock || subject instanceof Semaphore ? subject : undefined;
  const acquire = (timeout?: number) => ownerless?.acquireAsync({ timeout }) ?? holds.acquire(timeout);
  return {
    acquire,
    tryAcquire: () => acquire(0),
    release: (n) => (ownerless === undefined ? holds.release() : subject.release(n)),
    enter,
    waitOnIt: () => conditionOf(subject).waitAsync({ timeout: 0 }),
    recursionCount: () => holds.recursionCount,
    isOwned: () => holds.current !== undefined,
    text: () => String(subject),
  };
}

export const holder: Role<Holdable, Holder> = { thread, task };
