import { type Condition, type ConditionOptions, type Lock, RLock } from 'atomics-sync-free';
import { RLockHold } from '#dist/sync/rlock.js';
import { Holds } from './holds.js';
import type { Awaitable, Role, Scratch } from './role.js';

/** The scratch word that predicates read. */
export const STATE = 0;

export interface Waited {
  /** What `waitFor` returned. */
  readonly value: unknown;
  /** How often it called the predicate. */
  readonly calls: number;
}

export interface Notifier {
  acquire(timeout?: number): Awaitable<boolean>;
  tryAcquire(): Awaitable<boolean>;
  release(): void;
  recursionCount(): number;
  wait(timeout?: number): Awaitable<boolean>;
  /** Waits until the state is `target`; the predicate's value is then the text `state <target>`. */
  waitFor(target: number, timeout?: number): Awaitable<Waited>;
  notify(n?: number): void;
  notifyAll(): void;
}

type AnyCondition = Condition<Lock | RLock>;

/** Counts its calls. */
function predicateOf(scratch: Scratch, target: number) {
  const predicate = () => {
    predicate.calls++;
    return Atomics.load(scratch, STATE) === target && `state ${target}`;
  };
  predicate.calls = 0;
  return predicate;
}

function thread(condition: AnyCondition, scratch: Scratch): Notifier {
  const { lock } = condition;
  return {
    acquire: (timeout) => condition.acquire(timeout),
    tryAcquire: () => condition.tryAcquire(),
    release: () => condition.release(),
    recursionCount: () => (lock instanceof RLock ? lock.recursionCount : Number(lock.locked)),
    wait: (timeout) => condition.wait(timeout),
    waitFor: (target, timeout) => {
      const predicate = predicateOf(scratch, target);
      const value = condition.waitFor(predicate, timeout);
      return { value, calls: predicate.calls };
    },
    notify: (n) => condition.notify(n),
    notifyAll: () => condition.notifyAll(),
  };
}

function task(condition: AnyCondition, scratch: Scratch): Notifier {
  const holds = new Holds(condition);
  const named = (): ConditionOptions => (holds.current instanceof RLockHold ? { hold: holds.current } : {});
  return {
    acquire: (timeout) => holds.acquire(timeout),
    tryAcquire: () => holds.acquire(0),
    release: () => holds.release(),
    recursionCount: () => holds.recursionCount,
    wait: (timeout) => condition.waitAsync({ ...named(), timeout }),
    waitFor: async (target, timeout) => {
      const predicate = predicateOf(scratch, target);
      const value = await condition.waitForAsync(predicate, { ...named(), timeout });
      return { value, calls: predicate.calls };
    },
    notify: (n) => condition.notify(n, named()),
    notifyAll: () => condition.notifyAll(named()),
  };
}

export const notifier: Role<AnyCondition, Notifier> = { thread, task };
