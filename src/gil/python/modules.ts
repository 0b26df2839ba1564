/** The modules that programs can import, with their supported members. */
import { type Builtin, integer, natives, type } from './builtins.js';
import { itemsOf } from './iterating.js';
import { dictOf, EXCEPTIONS, objectClass, raised } from './objects.js';
import { Module, type PyClass } from './values/classes.js';
import { Tuple } from './values/containers.js';
import { Partial } from './values/frames.js';
import { type Call, Native, Waits } from './values/natives.js';
import { Sync, type SyncKind } from './values/sync.js';
import { Unpredictable } from './values/unpredictable.js';
import type { Value } from './values/value.js';

const sync =
  (kind: SyncKind, fill?: (made: Sync, args: readonly Value[], call: Call) => void): Builtin =>
  (args, call) => {
    const made = new Sync(kind);
    fill?.(made, args, call);
    return made;
  };

/** The decorator that functools.wraps returns: unlike the real one, it does not rename the function. */
const AS_IT_IS = new Native('wraps', ({ args: [func] }) => func);

const permits =
  (bounded: boolean) =>
  (made: Sync, [value]: readonly Value[], { keywords }: Call): void => {
    made.count = integer(value ?? keywords.get('value') ?? 1);
    if (made.count < 0) throw raised('ValueError', 'semaphore initial value must be >= 0');
    if (bounded) made.bound = made.count;
  };

const threading = new Module(
  'threading',
  new Map<string, Value>([
    // It only distinguishes threads.
    ...natives({ Lock: sync('Lock'), RLock: sync('RLock'), get_ident: (_, { thread }) => thread + 1 }),
    ...natives(
      {
        Condition: sync('Condition', (made, [lock], { keywords }) => {
          const given = lock ?? keywords.get('lock') ?? null;
          made.lock = given instanceof Sync ? given : new Sync('RLock');
        }),
        Event: sync('Event'),
        Semaphore: sync('Semaphore', permits(false)),
        BoundedSemaphore: sync('BoundedSemaphore', permits(true)),
        Barrier: sync('Barrier', (made, [parties], { keywords }) => {
          made.bound = integer(parties ?? keywords.get('parties'));
        }),
        current_thread: (_, { machine }) => machine.currentThread(),
        Timer: sync('Thread', (made, [, func, args], { keywords }) => {
          // It sleeps first, and so may begin at any time, as every thread may.
          made.target = func ?? keywords.get('function') ?? null;
          made.args = itemsOf(args ?? keywords.get('args') ?? new Tuple([]));
          made.keywords = keywords.get('kwargs') ?? null;
        }),
      },
      true,
    ),
    type('Thread'),
    type('local'),
    ['BrokenBarrierError', EXCEPTIONS.get('BrokenBarrierError') as PyClass],
  ]),
);

const unpredictable = (what: string, ...names: readonly string[]): [string, Value][] => {
  const value = new Unpredictable(what);
  return names.flatMap((name) => natives({ [name]: () => value }));
};

const time = new Module(
  'time',
  new Map<string, Value>([
    ...natives({ sleep: () => new Waits('sleep', new Sync('Event'), true) }),
    ...unpredictable('the time', 'time', 'monotonic', 'perf_counter', 'process_time', 'thread_time'),
    ...unpredictable('the time', 'time_ns', 'monotonic_ns', 'perf_counter_ns'),
  ]),
);

const random = new Module(
  'random',
  new Map<string, Value>([
    ...unpredictable('chance', 'random', 'uniform', 'randint', 'randrange', 'gauss'),
    ...natives({ seed: () => null }),
  ]),
);

const functools = new Module(
  'functools',
  new Map<string, Value>([
    ...natives({ partial: ([func, ...args], { keywords }) => new Partial(func, args, dictOf([...keywords])) }),
    ...natives({ wraps: () => AS_IT_IS }, true),
  ]),
);

const queues = (kind: SyncKind): Builtin =>
  sync(kind, (made, [size], { keywords }) => {
    made.bound = integer(size ?? keywords.get('maxsize') ?? 0);
  });

const queue = new Module(
  'queue',
  new Map<string, Value>([
    ...natives({ Queue: queues('Queue'), LifoQueue: queues('LifoQueue') }, true),
    ...natives({ SimpleQueue: sync('SimpleQueue') }),
    ...['Empty', 'Full'].map((name): [string, Value] => [name, EXCEPTIONS.get(name) as PyClass]),
  ]),
);

/** Annotations are evaluated where functions are defined, and never used. */
const typing = new Module(
  'typing',
  new Map<string, Value>(
    'Any Callable Deque Dict Iterable Iterator List Optional Sequence Set Tuple Union Generator'
      .split(' ')
      .map((name) => [name, objectClass]),
  ),
);

/** The modules that can be imported, each with its supported members. */
export const MODULES: ReadonlyMap<string, Module> = new Map(
  [
    threading,
    time,
    random,
    functools,
    new Module('collections', new Map([type('deque'), type('defaultdict')])),
    new Module('itertools', new Map([type('count')])),
    queue,
    new Module('sys', new Map(natives({ setswitchinterval: () => null }))),
    new Module('__future__', new Map([['annotations', null]])),
    typing,
  ].map((each) => [each.name, each]),
);
