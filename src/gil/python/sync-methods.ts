/** The methods of the objects that threads wait for. */
import { isTrue, numberOf, raised } from './objects.js';
import { heldLock, isFree, notify, put, release, take, taken } from './sync.js';
import { type Call, Continuation, Native, type NativeCall, Runs, Waits } from './values/natives.js';
import type { Sync, SyncKind } from './values/sync.js';
import { Unpredictable } from './values/unpredictable.js';
import type { Value } from './values/value.js';

type Method = (
  self: Sync,
  call: Call & { argument(at: number, name: string): Value | undefined },
) => ReturnType<NativeCall>;
type Table = Readonly<Record<string, Method>>;

/** @param python whether they are Python code in CPython */
const methods = (type: string, python: boolean, table: Table): [string, Native][] =>
  Object.entries(table).map(([name, method]) => {
    const run: NativeCall = (call) => {
      const argument = (at: number, key: string): Value | undefined => call.args[at + 1] ?? call.keywords.get(key);
      return method(call.args[0] as Sync, { ...call, argument });
    };
    return [name, new Native(`${type}.${name}`, run, python)];
  });

/** @returns whether a time-out was given; undefined and None are none */
const isTimed = (timeout: Value | undefined): boolean => {
  if (timeout instanceof Unpredictable) return true;
  const seconds = timeout === undefined || timeout === null ? -1 : numberOf(timeout);
  if (seconds === undefined) throw raised('TypeError', 'a time-out is a number of seconds');
  return seconds >= 0;
};

const acquire: Method = (self, { argument, thread }) => {
  if (isTrue(argument(0, 'blocking') ?? true)) return new Waits('acquire', self, isTimed(argument(1, 'timeout')));
  if (!isFree(self, thread)) return false;
  take(self, thread);
  return true;
};

const locks = (type: string): ReadonlyMap<string, Native> =>
  new Map(
    methods(type, false, {
      acquire,
      release: (self, { thread }) => release(self, thread),
      locked: (self) => self.count > 0,
      __enter__: acquire,
      __exit__: (self, { thread }) => release(self, thread),
    }),
  );

/**
 * Calls the predicate of Condition.wait_for, and waits until it is to be called again.
 *
 * @param over whether the time is over, so that its next answer is the last
 */
const asks = (self: Sync, predicate: Value, timed: boolean, over: boolean): Runs =>
  new Runs(predicate, [], 'pass', new Continuation(isFulfilled, [self, predicate, timed, over]));

const isFulfilled: Continuation['run'] = ([self, predicate, timed, over], { args: [answer], thread }) => {
  if (isTrue(answer) || over === true) return answer;
  const again = new Continuation(
    ([condition, asked, limited], { args: [notified] }) =>
      asks(condition as Sync, asked, limited === true, notified === false),
    [self, predicate, timed],
  );
  return waitOn(self as Sync, thread, timed === true, again);
};

const wait: Method = (self, { argument, thread }) => waitOn(self, thread, isTimed(argument(0, 'timeout')), null);

/** @param then what is done with the wait's result */
function waitOn(self: Sync, thread: number, timed: boolean, then: Continuation | null): Waits {
  const lock = heldLock(self, thread, 'wait');
  const depth = lock.count;
  lock.count = 0;
  lock.owner = -1;
  self.waiters.push(thread);
  return new Waits('wait', self, timed, depth, null, then);
}

const onLock =
  (method: (lock: Sync, thread: number) => Value | Waits): Method =>
  (self, { thread }) =>
    method(self.lock as Sync, thread);

const conditions = new Map([
  ...methods('Condition', false, {
    acquire: onLock((lock) => new Waits('acquire', lock, false)),
    release: onLock(release),
  }),
  ...methods('Condition', true, {
    __enter__: onLock((lock) => new Waits('acquire', lock, false)),
    __exit__: onLock(release),
    wait,
    wait_for: (self, { argument }) => {
      const timeout = argument(1, 'timeout');
      return asks(self, argument(0, 'predicate') as Value, isTimed(timeout), false);
    },
    notify: (self, { argument, thread }) => {
      heldLock(self, thread, 'notify');
      const count = argument(0, 'n') ?? 1;
      notify(self, typeof count === 'number' ? count : 1);
      return null;
    },
    notify_all: (self, { thread }) => {
      heldLock(self, thread, 'notify');
      notify(self, self.waiters.length);
      return null;
    },
  }),
]);

const events = new Map(
  methods('Event', true, {
    is_set: (self) => self.count > 0,
    set: (self) => {
      self.count = 1;
      notify(self, self.waiters.length);
      return null;
    },
    clear: (self) => {
      self.count = 0;
      return null;
    },
    wait: (self, { argument, thread }) => {
      if (self.count > 0) return true;
      self.waiters.push(thread);
      return new Waits('event', self, isTimed(argument(0, 'timeout')));
    },
  }),
);

const giveBack: Method = (self, { argument }) => {
  const count = argument(0, 'n') ?? 1;
  if (typeof count !== 'number' || count < 1) throw raised('ValueError', 'n must be one or more');
  if (self.bound > 0 && self.count + count > self.bound)
    throw raised('ValueError', 'Semaphore released too many times');
  self.count += count;
  return null;
};

const permit: Method = (self, { argument }) => {
  if (isTrue(argument(0, 'blocking') ?? true)) return new Waits('permit', self, isTimed(argument(1, 'timeout')));
  if (self.count === 0) return false;
  self.count -= 1;
  return true;
};

const semaphores = new Map(
  methods('Semaphore', true, {
    acquire: permit,
    release: giveBack,
    __enter__: (self) => new Waits('permit', self, false),
    __exit__: (self, call) => giveBack(self, { ...call, argument: () => undefined }),
  }),
);

const barriers = new Map(
  methods('Barrier', true, {
    wait: (self, { thread }) => {
      const arrived = self.waiters.length;
      if (arrived + 1 < self.bound) {
        self.waiters.push(thread);
        return new Waits('arrive', self, false, 0, arrived);
      }
      notify(self, arrived);
      return arrived;
    },
  }),
);

const threads = new Map(
  methods('Thread', true, {
    start: (self, { machine }) => {
      machine.start(self);
      return null;
    },
    join: (self, { argument }) => new Waits('join', self, isTimed(argument(0, 'timeout'))),
    is_alive: (self) => self.count === 0 && self.owner !== -1,
  }),
);

const enqueue: Method = (self, { argument }) => {
  const item = argument(0, 'item') as Value;
  if (isTrue(argument(1, 'block') ?? true)) return new Waits('put', self, isTimed(argument(2, 'timeout')), 0, item);
  return enqueueNow(self, item);
};
const enqueueNow = (self: Sync, item: Value): null => {
  if (self.bound > 0 && self.items.length >= self.bound) throw raised('Full');
  put(self, item);
  return null;
};
const dequeueNow = (self: Sync): Value => {
  if (self.items.length === 0) throw raised('Empty');
  return taken(self);
};
const dequeue: Method = (self, { argument }) =>
  isTrue(argument(0, 'block') ?? true) ? new Waits('get', self, isTimed(argument(1, 'timeout'))) : dequeueNow(self);

const ofQueues: Table = {
  put: enqueue,
  put_nowait: (self, { argument }) => enqueueNow(self, argument(0, 'item') as Value),
  get: dequeue,
  get_nowait: (self) => dequeueNow(self),
  qsize: ({ items }) => items.length,
  empty: ({ items }) => items.length === 0,
};
const queues = new Map(
  methods('Queue', true, {
    ...ofQueues,
    full: ({ items, bound }) => bound > 0 && items.length >= bound,
    task_done: (self) => {
      if (self.count === 0) throw raised('ValueError', 'task_done() called too many times');
      self.count -= 1;
      return null;
    },
    join: (self) => new Waits('tasks', self, false),
  }),
);

const METHODS: Readonly<Record<SyncKind, ReadonlyMap<string, Native>>> = {
  Lock: locks('Lock'),
  RLock: locks('RLock'),
  Condition: conditions,
  Event: events,
  Semaphore: semaphores,
  BoundedSemaphore: semaphores,
  Barrier: barriers,
  Thread: threads,
  Queue: queues,
  LifoQueue: queues,
  // Written in C.
  SimpleQueue: new Map(methods('SimpleQueue', false, ofQueues)),
};

/** @returns the methods of a lock, a condition and so on, by their names */
export const syncMethods = ({ kind }: Sync): ReadonlyMap<string, Native> => METHODS[kind];
