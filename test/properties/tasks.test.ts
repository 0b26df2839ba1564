import {
  type Arena,
  Barrier,
  Condition,
  Event,
  type Hold,
  Lock,
  RLock,
  type RLockHold,
  RWLock,
  Semaphore,
} from 'atomics-sync-free';
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
import { atOnce, Boom, type Outcome, Referee, Refused } from './referee.js';
import { type Task, Tasks } from './tasks.js';

const test = suite('sequences of async calls by several tasks of several agents');

const AGENTS = 2;
const PER_AGENT = 3;
const RUNS = 100;
const ABORT = 'abort';
const HOLDS_NOTHING = 'holds nothing';

/** Each kind of call: on the real thing, and on the model. `n` is an arbitrary small number. */
type Calls<Live, Model, H extends Hold> = Record<
  string,
  readonly [
    (live: Live, task: Task<H>, signal: AbortSignal, n: number) => unknown,
    (model: Model, task: Task<H>, n: number) => unknown,
  ]
>;

interface Subject<Live extends object, Model, H extends Hold> {
  readonly make: (arena: Arena) => (arena: Arena) => Live;
  readonly model: () => Model;
  readonly calls: Calls<Live, Model, H>;
  /** Calls to make more often than others. */
  readonly often?: readonly string[];
  /** The state that anybody can see. */
  readonly look: readonly [(live: Live) => unknown, (model: Model) => unknown];
}

function behavesLikeItsModel<Live extends object, Model, H extends Hold = Hold>(
  name: string,
  subject: Subject<Live, Model, H>,
): void {
  const { make, calls, often = [], look } = subject;
  const step = fc.record({
    // Often the same task again, because a task gets further alone.
    task: fc.option(fc.nat(AGENTS * PER_AGENT - 1)),
    call: fc.constantFrom(...Object.keys(calls), ...often, ...often, ABORT),
    n: fc.nat(3),
  });
  const steps = fc.array(step, { maxLength: 60, size: 'max' });
  const play = (sequence: readonly { task: number | null; call: string; n: number }[]): Promise<void> => {
    const referee = new Referee<Task<H>>();
    const model = subject.model();
    const problems: unknown[] = [];
    // What is thrown in the callback of a promise would be lost.
    const ended = (task: Task<H>, outcome: Outcome) => {
      try {
        referee.ended(task, outcome);
      } catch (problem) {
        problems.push(problem);
      }
    };
    return Tasks.play<Live, H>(AGENTS, PER_AGENT, make, ended, async (tasks) => {
      let [task] = tasks.tasks;
      for (const { task: other, call, n } of sequence) {
        if (other !== null) task = tasks.tasks[other];
        if (call === ABORT) {
          if (!referee.isBusy(task)) continue;
          referee.isAborted(task);
          await tasks.abort(task);
        } else {
          if (referee.isBusy(task)) continue;
          const [real, ideal] = calls[call];
          const caller = task;
          referee.starts(caller, () => ideal(model, caller, n), `${caller.agent}`);
          await tasks.call(caller, (live, _task, signal) => real(live, caller, signal, n));
        }
        if (problems.length > 0) throw problems[0];
        referee.quiet();
        for (const live of tasks.live) assert.equal(look[0](live), look[1](model));
      }
    });
  };
  test(`${name} does what its model does`, () => holds(steps, play, { runs: RUNS }));
}

behavesLikeItsModel<Lock, LockModel>('Lock', {
  make: sharedBy(Lock, (arena) => new Lock({ arena })),
  model: () => new LockModel(),
  calls: {
    acquireAsync: [(lock, _task, signal) => lock.acquireAsync({ signal }), (model) => model.acquire()],
    'acquireAsync, no time': [(lock) => lock.acquireAsync({ timeout: 0 }), (model) => model.tryAcquire()],
    tryAcquire: [(lock) => lock.tryAcquire(), (model) => model.tryAcquire()],
    release: [(lock) => lock.release(), (model) => model.release()],
  },
  look: [(lock) => lock.locked, (model) => model.locked],
});

/** What a task does with its holds of an RLock, and of a Condition's. */
const entries = {
  /** Acquires, or enters again through its newest hold. */
  async hold(lock: RLock | Condition, { holds: mine }: Task<RLockHold>, options: object): Promise<boolean> {
    const newest = mine.at(-1);
    mine.push(newest === undefined ? await lock.holdAsync(options) : newest.hold());
    return true;
  },
  release({ holds: mine, released }: Task<RLockHold>): string | undefined {
    const newest = mine.pop();
    if (newest === undefined) return HOLDS_NOTHING;
    newest.release();
    released.push(newest);
    return undefined;
  },
  releaseModel(model: RLockModel, { holds: mine, name }: Task<RLockHold>): string | undefined {
    if (mine.length === 0) return HOLDS_NOTHING;
    model.release(name);
    return undefined;
  },
};

/** A name for the thread of a task's agent. */
const thread = ({ agent }: Task): string => `thread ${agent}`;

behavesLikeItsModel<RLock, RLockModel, RLockHold>('RLock', {
  make: sharedBy(RLock, (arena) => new RLock({ arena })),
  model: () => new RLockModel(),
  calls: {
    holdAsync: [(lock, task, signal) => entries.hold(lock, task, { signal }), (model, { name }) => model.acquire(name)],
    'holdAsync, no time': [
      (lock, task) => entries.hold(lock, task, { timeout: 0 }),
      (model, { name }) => {
        if (!model.tryAcquire(name)) throw new Refused('ERR_TIMEOUT');
        return true;
      },
    ],
    release: [(_lock, task) => entries.release(task), (model, task) => entries.releaseModel(model, task)],
    'release again': [
      (_lock, { released }) => released.at(-1)?.release(),
      (_model, { released }) => {
        if (released.length > 0) throw new Refused('ERR_NOT_HELD');
      },
    ],
    recursionCount: [
      (_lock, { holds: mine }) => mine.at(-1)?.recursionCount ?? 0,
      (model, { name }) => model.countOf(name),
    ],
    'thread: tryAcquire': [(lock) => lock.tryAcquire(), (model, task) => model.tryAcquire(thread(task))],
    'thread: release': [(lock) => lock.release(), (model, task) => model.release(thread(task))],
    'thread: recursionCount': [(lock) => lock.recursionCount, (model, task) => model.countOf(thread(task))],
  },
  often: ['release'],
  look: [(lock) => lock.locked, (model) => model.owner !== undefined],
});

behavesLikeItsModel<Semaphore, SemaphoreModel>('Semaphore', {
  make: sharedBy(Semaphore, (arena) => new Semaphore(2, { arena })),
  model: () => new SemaphoreModel(2),
  calls: {
    acquireAsync: [(semaphore, _task, signal) => semaphore.acquireAsync({ signal }), (model) => model.acquire()],
    'acquireAsync, no time': [(semaphore) => semaphore.acquireAsync({ timeout: 0 }), (model) => model.tryAcquire()],
    tryAcquire: [(semaphore) => semaphore.tryAcquire(), (model) => model.tryAcquire()],
    'release(n)': [
      (semaphore, _task, _signal, n) => semaphore.release(n + 1),
      (model, _task, n) => model.release(n + 1),
    ],
  },
  often: ['acquireAsync'],
  look: [(semaphore) => semaphore.value, (model) => model.value],
});

behavesLikeItsModel<Event, EventModel>('Event', {
  make: sharedBy(Event, (arena) => new Event({ arena })),
  model: () => new EventModel(),
  calls: {
    waitAsync: [(event, _task, signal) => event.waitAsync({ signal }), (model) => model.wait()],
    'waitAsync, no time': [(event) => event.waitAsync({ timeout: 0 }), (model) => model.isSet],
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

behavesLikeItsModel<Condition, ConditionModel, RLockHold>('Condition', {
  make: sharedBy(Condition<RLock>, (arena) => new Condition(undefined, { arena })),
  model: () => new ConditionModel(),
  calls: {
    holdAsync: [
      (condition, task, signal) => entries.hold(condition, task, { signal }),
      ({ lock }, { name }) => lock.acquire(name),
    ],
    release: [(_condition, task) => entries.release(task), ({ lock }, task) => entries.releaseModel(lock, task)],
    waitAsync: [
      (condition, { holds: [hold] }, signal) => (hold ? condition.waitAsync({ hold, signal }) : HOLDS_NOTHING),
      (model, { holds: [hold], name }) => (hold ? model.wait(name) : HOLDS_NOTHING),
    ],
    'waitAsync, no time': [
      (condition, { holds: [hold] }) => (hold ? condition.waitAsync({ hold, timeout: 0 }) : HOLDS_NOTHING),
      (model, { holds: [hold], name }) => (hold ? atOnce(model.wait(name)) : HOLDS_NOTHING),
    ],
    notify: [
      (condition, { holds: [hold] }, _signal, n) => (hold ? condition.notify(n, { hold }) : HOLDS_NOTHING),
      (model, { holds: [hold], name }, n) => (hold ? model.notify(name, n) : HOLDS_NOTHING),
    ],
    notifyAll: [
      (condition, { holds: [hold] }) => (hold ? condition.notifyAll({ hold }) : HOLDS_NOTHING),
      (model, { holds: [hold], name }) => (hold ? model.notify(name, Number.POSITIVE_INFINITY) : HOLDS_NOTHING),
    ],
    recursionCount: [
      (_condition, { holds: mine }) => mine.at(-1)?.recursionCount ?? 0,
      ({ lock }, { name }) => lock.countOf(name),
    ],
  },
  often: ['holdAsync', 'waitAsync'],
  look: [
    (condition) => [condition.locked, String(condition).match(/(\d+) waiting/)?.[1]],
    (model) => [model.lock.owner !== undefined, String(model.waiters)],
  ],
});

behavesLikeItsModel<Barrier, BarrierModel>('Barrier', {
  make: sharedBy(Barrier, (arena) => new Barrier(3, { arena })),
  model: () => new BarrierModel(3),
  calls: {
    waitAsync: [
      (barrier, _task, signal) => {
        barrier.action = undefined;
        return barrier.waitAsync({ signal });
      },
      (model) => model.wait(),
    ],
    'waitAsync, no time': [
      (barrier) => {
        barrier.action = undefined;
        return barrier.waitAsync({ timeout: 0 });
      },
      (model) => atOnce(model.wait()),
    ],
    'waitAsync, with an async action that fails': [
      (barrier, _task, signal) => {
        barrier.action = async () => boom();
        return barrier.waitAsync({ signal });
      },
      (model) => model.wait(boom),
    ],
    reset: [(barrier) => barrier.reset(), (model) => model.reset()],
    abort: [(barrier) => barrier.abort(), (model) => model.abort()],
  },
  often: ['waitAsync', 'reset'],
  look: [(barrier) => [barrier.nWaiting, barrier.broken], (model) => [model.nWaiting, model.broken]],
});

function boom(): never {
  throw new Boom();
}

behavesLikeItsModel<RWLock, RWLockModel>('RWLock', {
  make: sharedBy(RWLock, (arena) => new RWLock({ arena })),
  model: () => new RWLockModel(),
  calls: {
    acquireReadAsync: [
      (lock, _task, signal) => lock.acquireReadAsync({ signal }),
      (model, { agent }) => model.readLater(agent),
    ],
    'acquireReadAsync, no time': [
      (lock) => lock.acquireReadAsync({ timeout: 0 }),
      (model, { agent }) => model.tryRead(agent),
    ],
    acquireWriteAsync: [
      (lock, _task, signal) => lock.acquireWriteAsync({ signal }),
      (model, { agent }) => model.writeLater(agent),
    ],
    'acquireWriteAsync, no time': [
      (lock) => lock.acquireWriteAsync({ timeout: 0 }),
      (model, { agent }) => model.tryWrite(agent),
    ],
    'thread: acquireRead(0)': [(lock) => lock.acquireRead(0), (model, { agent }) => model.tryRead(agent)],
    'thread: acquireWrite(0)': [(lock) => lock.acquireWrite(0), (model, { agent }) => model.tryWrite(agent)],
    releaseRead: [(lock) => lock.releaseRead(), (model, { agent }) => model.releaseRead(agent)],
    releaseWrite: [(lock) => lock.releaseWrite(), (model, { agent }) => model.releaseWrite(agent)],
  },
  often: ['releaseRead', 'releaseWrite'],
  look: [(lock) => [lock.readers, lock.writing], (model) => [model.readers, model.writer !== undefined]],
});

test.run();
