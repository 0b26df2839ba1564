/** The modules that programs can import, with what is known of each. */
import { type Builtin, integer, natives, type } from './builtins.js';
import { EXCEPTIONS, objectClass, raised } from './objects.js';
import { Module, type PyClass } from './values/classes.js';
import { type Call, Waits } from './values/natives.js';
import { Sync, type SyncKind } from './values/sync.js';
import type { Value } from './values/value.js';

const sync =
  (kind: SyncKind, fill?: (made: Sync, args: readonly Value[], call: Call) => void): Builtin =>
  (args, call) => {
    const made = new Sync(kind);
    fill?.(made, args, call);
    return made;
  };

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
    ...natives({ Lock: sync('Lock'), RLock: sync('RLock') }),
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
      },
      true,
    ),
    type('Thread'),
    type('local'),
    ['BrokenBarrierError', EXCEPTIONS.get('BrokenBarrierError') as PyClass],
  ]),
);

const time = new Module(
  'time',
  new Map<string, Value>(natives({ sleep: () => new Waits('sleep', new Sync('Event'), true) })),
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

/** Annotations are made where functions are defined, and never looked at. */
const typing = new Module(
  'typing',
  new Map<string, Value>(
    'Any Callable Deque Dict Iterable Iterator List Optional Sequence Set Tuple Union Generator'
      .split(' ')
      .map((name) => [name, objectClass]),
  ),
);

/** The modules that can be imported; each has what is known of it. */
export const MODULES: ReadonlyMap<string, Module> = new Map(
  [
    threading,
    time,
    new Module('collections', new Map([type('deque'), type('defaultdict')])),
    new Module('itertools', new Map([type('count')])),
    queue,
    new Module('sys', new Map(natives({ setswitchinterval: () => null }))),
    new Module('__future__', new Map([['annotations', null]])),
    typing,
  ].map((each) => [each.name, each]),
);
