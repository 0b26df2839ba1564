import type { Arena } from 'atomics-sync-free';
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, RWLock, Semaphore } from 'atomics-sync-free';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { holds } from '../support/holds.js';
import { suite } from '../support/suite.js';
import { sharedBy } from './members.js';
import {
  BarrierModel,
  ConditionModel,
  EventModel,
  LockModel,
  RLockModel,
  RWLockModel,
  SemaphoreModel,
} from './models.js';
import { Boom, type Outcome, Referee } from './referee.js';
import { Threads } from './threads.js';

const test = suite('sequences of blocking calls by several agents');

const AGENTS = 4;
const OBSERVER = AGENTS;
const RUNS = 45;
const MS = 5;
const TIME_IS_UP = 'time is up';
/** The suffix of the names of calls that can time out. */
const TIMED = ', timed';

/** Each kind of call: on the real thing, and on the model. `n` is an arbitrary small number. */
type Calls<Live, Model> = Record<
  string,
  readonly [(live: Live, n: number) => unknown, (model: Model, me: number, n: number) => unknown]
>;

interface Subject<Live extends object, Model> {
  readonly make: (arena: Arena) => (arena: Arena) => Live;
  readonly model: () => Model;
  readonly calls: Calls<Live, Model>;
  /** Calls to make more often than others. */
  readonly often?: readonly string[];
  /** The state that anybody can see. */
  readonly look: readonly [(live: Live) => unknown, (model: Model) => unknown];
}

interface Step {
  readonly agent: number | null;
  readonly call: string;
  readonly n: number;
}

/** Codes of calls that are refused before anything is changed. */
const REFUSALS = ['ERR_NOT_HELD', 'ERR_NOT_OWNER', 'ERR_OVER_RELEASE', 'ERR_SELF_DEADLOCK'];
const isRefusal = (outcome: Outcome): boolean => 'error' in outcome && REFUSALS.includes(outcome.error);

function behavesLikeItsModel<Live extends object, Model>(name: string, subject: Subject<Live, Model>): void {
  const { make, calls, often = [], look } = subject;
  const step = fc.record({
    // Often the same agent again, because an agent gets further alone.
    agent: fc.option(fc.nat(AGENTS - 1)),
    call: fc.constantFrom(...Object.keys(calls), ...often, ...often, TIME_IS_UP),
    n: fc.nat(3),
  });
  const steps = fc.array(step, { maxLength: 60, size: 'max' });
  const play = (sequence: readonly Step[]) => {
    const referee = new Referee<number>();
    const model = subject.model();
    Threads.play(AGENTS + 1, make, (threads) => {
      let agent = 0;
      const last: string[] = [];
      for (const { agent: other, call, n } of sequence) {
        agent = other ?? agent;
        if (call === TIME_IS_UP) {
          if (!last[agent]?.endsWith(TIMED) || !threads.canTimeOut(agent)) continue;
          referee.timeIsUp(agent);
          threads.timeOut(agent, (who, outcome) => referee.ended(who, outcome));
        } else {
          if (referee.isBusy(agent)) continue;
          const [real, ideal] = calls[call];
          const before = threads.image;
          const ended = (who: number, outcome: Outcome) => {
            if (isRefusal(outcome)) assert.is(threads.image, before, 'a refused call changed something');
            referee.ended(who, outcome);
          };
          const caller = agent;
          last[agent] = call;
          referee.starts(caller, () => ideal(model, caller, n));
          threads.call(caller, (live) => real(live, n), ended);
        }
        referee.quiet();
        threads.call(OBSERVER, look[0], (_who, outcome) => assert.equal(outcome, { value: look[1](model) }));
      }
    });
  };
  test(`${name} does what its model does`, () => holds(steps, play, { runs: RUNS }));
}

behavesLikeItsModel<Lock, LockModel>('Lock', {
  make: sharedBy(Lock, (arena) => new Lock({ arena })),
  model: () => new LockModel(),
  calls: {
    acquire: [(lock) => lock.acquire(), (model) => model.acquire()],
    'acquire, timed': [(lock) => lock.acquire(MS), (model) => model.acquire()],
    'acquire(0)': [(lock) => lock.acquire(0), (model) => model.tryAcquire()],
    tryAcquire: [(lock) => lock.tryAcquire(), (model) => model.tryAcquire()],
    release: [(lock) => lock.release(), (model) => model.release()],
  },
  look: [(lock) => lock.locked, (model) => model.locked],
});

behavesLikeItsModel<RLock, RLockModel>('RLock', {
  make: sharedBy(RLock, (arena) => new RLock({ arena })),
  model: () => new RLockModel(),
  calls: {
    acquire: [(lock) => lock.acquire(), (model, me) => model.acquire(me)],
    'acquire, timed': [(lock) => lock.acquire(MS), (model, me) => model.acquire(me)],
    'acquire(0)': [(lock) => lock.acquire(0), (model, me) => model.tryAcquire(me)],
    tryAcquire: [(lock) => lock.tryAcquire(), (model, me) => model.tryAcquire(me)],
    release: [(lock) => lock.release(), (model, me) => model.release(me)],
    recursionCount: [
      (lock) => [lock.recursionCount, lock.isOwned],
      (model, me) => [model.countOf(me), model.owner === me],
    ],
  },
  look: [(lock) => [lock.locked, lock.recursionCount], (model) => [model.owner !== undefined, 0]],
});

const semaphoreCalls: Calls<Semaphore, SemaphoreModel> = {
  acquire: [(semaphore) => semaphore.acquire(), (model) => model.acquire()],
  'acquire, timed': [(semaphore) => semaphore.acquire(MS), (model) => model.acquire()],
  'acquire(0)': [(semaphore) => semaphore.acquire(0), (model) => model.tryAcquire()],
  tryAcquire: [(semaphore) => semaphore.tryAcquire(), (model) => model.tryAcquire()],
  release: [(semaphore) => semaphore.release(), (model) => model.release(1)],
  'release(n)': [(semaphore, n) => semaphore.release(n + 1), (model, _me, n) => model.release(n + 1)],
};

behavesLikeItsModel<Semaphore, SemaphoreModel>('Semaphore', {
  make: sharedBy(Semaphore, (arena) => new Semaphore(2, { arena })),
  model: () => new SemaphoreModel(2),
  calls: semaphoreCalls,
  look: [(semaphore) => semaphore.value, (model) => model.value],
});

behavesLikeItsModel<BoundedSemaphore, SemaphoreModel>('BoundedSemaphore', {
  make: sharedBy(BoundedSemaphore, (arena) => new BoundedSemaphore(3, { arena })),
  model: () => new SemaphoreModel(3, 3),
  calls: semaphoreCalls,
  look: [(semaphore) => semaphore.value, (model) => model.value],
});

behavesLikeItsModel<Event, EventModel>('Event', {
  make: sharedBy(Event, (arena) => new Event({ arena })),
  model: () => new EventModel(),
  calls: {
    wait: [(event) => event.wait(), (model) => model.wait()],
    'wait, timed': [(event) => event.wait(MS), (model) => model.wait()],
    'wait(0)': [(event) => event.wait(0), (model) => model.isSet],
    set: [(event) => event.set(), (model) => model.set()],
    clear: [(event) => event.clear(), (model) => model.clear()],
    'set, clear': [
      (event) => {
        event.set();
        event.clear();
      },
      (model) => {
        model.set();
        model.clear();
      },
    ],
  },
  look: [(event) => event.isSet, (model) => model.isSet],
});

behavesLikeItsModel<Condition, ConditionModel>('Condition', {
  make: sharedBy(Condition<RLock>, (arena) => new Condition(undefined, { arena })),
  model: () => new ConditionModel(),
  calls: {
    acquire: [(condition) => condition.acquire(), (model, me) => model.lock.acquire(me)],
    tryAcquire: [(condition) => condition.tryAcquire(), (model, me) => model.lock.tryAcquire(me)],
    release: [(condition) => condition.release(), (model, me) => model.lock.release(me)],
    wait: [(condition) => condition.wait(), (model, me) => model.wait(me)],
    'wait, timed': [(condition) => condition.wait(MS), (model, me) => model.wait(me)],
    notify: [(condition, n) => condition.notify(n - 1), (model, me, n) => model.notify(me, n - 1)],
    notifyAll: [(condition) => condition.notifyAll(), (model, me) => model.notify(me, Number.POSITIVE_INFINITY)],
    recursionCount: [({ lock }) => lock.recursionCount, ({ lock }, me) => lock.countOf(me)],
    'acquire again': [
      ({ lock }) => lock.isOwned && lock.acquire(),
      ({ lock }, me) => lock.owner === me && lock.tryAcquire(me),
    ],
  },
  often: ['acquire', 'acquire again', 'recursionCount', 'wait, timed', 'notify'],
  look: [
    (condition) => [condition.locked, String(condition).match(/(\d+) waiting/)?.[1]],
    (model) => [model.lock.owner !== undefined, String(model.waiters)],
  ],
});

behavesLikeItsModel<Barrier, BarrierModel>('Barrier', {
  make: sharedBy(Barrier, (arena) => new Barrier(3, { arena })),
  model: () => new BarrierModel(3),
  calls: {
    wait: [
      (barrier) => {
        barrier.action = undefined;
        return barrier.wait();
      },
      (model) => model.wait(),
    ],
    'wait, timed': [
      (barrier) => {
        barrier.action = undefined;
        return barrier.wait(MS);
      },
      (model) => model.wait(),
    ],
    'wait, with an action that fails': [
      (barrier) => {
        barrier.action = boom;
        return barrier.wait();
      },
      (model) => model.wait(boom),
    ],
    reset: [(barrier) => barrier.reset(), (model) => model.reset()],
    abort: [(barrier) => barrier.abort(), (model) => model.abort()],
  },
  look: [(barrier) => [barrier.nWaiting, barrier.broken], (model) => [model.nWaiting, model.broken]],
});

function boom(): never {
  throw new Boom();
}

behavesLikeItsModel<RWLock, RWLockModel>('RWLock', {
  make: sharedBy(RWLock, (arena) => new RWLock({ arena })),
  model: () => new RWLockModel(),
  calls: {
    acquireRead: [(lock) => lock.acquireRead(), (model, me) => model.acquireRead(me)],
    'acquireRead, timed': [(lock) => lock.acquireRead(MS), (model, me) => model.acquireRead(me)],
    'acquireRead(0)': [(lock) => lock.acquireRead(0), (model, me) => model.tryRead(me)],
    acquireWrite: [(lock) => lock.acquireWrite(), (model, me) => model.acquireWrite(me)],
    'acquireWrite, timed': [(lock) => lock.acquireWrite(MS), (model, me) => model.acquireWrite(me)],
    'acquireWrite(0)': [(lock) => lock.acquireWrite(0), (model, me) => model.tryWrite(me)],
    releaseRead: [(lock) => lock.releaseRead(), (model, me) => model.releaseRead(me)],
    releaseWrite: [(lock) => lock.releaseWrite(), (model, me) => model.releaseWrite(me)],
  },
  look: [(lock) => [lock.readers, lock.writing], (model) => [model.readers, model.writer !== undefined]],
});

test.run();
