/**
 * Small programs that use the package's primitives, run in two ways: over the checker's specifications, as in a user's
 * scenario, and over the shipped code. What a program can come to must be the same.
 */
import {
  Arena,
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  Condition,
  Event,
  Lock,
  RLock,
  RWLock,
  Semaphore,
  SyncError,
} from 'atomics-sync-free';
import { type Body, explore, type Result, type Scenario, sample, type Thread } from 'atomics-sync-free/check';
import { type Random, randomFrom } from '#dist/check/random.js';
import { GATE } from '#dist/core/memory/cells.js';
import { countBehind } from '#dist/core/memory/death.js';
import { WORD } from '#dist/sync/mutex.js';
import { withEventLoop } from './event-loop.js';
import { World } from './world.js';

/** The primitives that programs use. */
interface Objects {
  readonly lock: Lock;
  readonly rlock: RLock;
  readonly semaphore: Semaphore;
  readonly bounded: BoundedSemaphore;
  readonly event: Event;
  /** Over `lock`. */
  readonly condition: Condition<Lock>;
  /** Over `rlock`. */
  readonly again: Condition<RLock>;
  readonly barrier: Barrier;
  readonly rwlock: RWLock;
}

type Name = keyof Objects;

function objectsIn(arena: Arena, names: readonly Name[]): Partial<Objects> {
  const lock = new Lock({ arena });
  const rlock = new RLock({ arena });
  const makers: { readonly [N in Name]: () => Objects[N] } = {
    lock: () => lock,
    rlock: () => rlock,
    semaphore: () => new Semaphore(1, { arena }),
    bounded: () => new BoundedSemaphore(1, { arena }),
    event: () => new Event({ arena }),
    condition: () => new Condition(lock, { arena }),
    again: () => new Condition(rlock, { arena }),
    barrier: () => new Barrier(2, { arena }),
    rwlock: () => new RWLock({ arena }),
  };
  return Object.fromEntries(names.map((name) => [name, makers[name]()]));
}

/** A call: its name in reports, and what it does; what it gives is part of the program's outcome. */
export type Call = readonly [name: string, (objects: Objects) => unknown];

/** Calls by name, for programs. */
const timed = 5;
export const CALLS = {
  lock: (o: Objects) => o.lock.acquire(),
  lockTimed: (o: Objects) => o.lock.acquire(timed),
  tryLock: (o: Objects) => o.lock.tryAcquire(),
  unlock: (o: Objects) => o.lock.release(),
  isLocked: (o: Objects) => o.lock.locked,
  enter: (o: Objects) => o.rlock.acquire(),
  enterTimed: (o: Objects) => o.rlock.acquire(timed),
  tryEnter: (o: Objects) => o.rlock.tryAcquire(),
  exit: (o: Objects) => o.rlock.release(),
  depth: (o: Objects) => o.rlock.recursionCount,
  take: (o: Objects) => o.semaphore.acquire(),
  takeTimed: (o: Objects) => o.semaphore.acquire(timed),
  tryTake: (o: Objects) => o.semaphore.tryAcquire(),
  give: (o: Objects) => o.semaphore.release(),
  give2: (o: Objects) => o.semaphore.release(2),
  permits: (o: Objects) => o.semaphore.value,
  takeBounded: (o: Objects) => o.bounded.acquire(),
  giveBounded: (o: Objects) => o.bounded.release(),
  await: (o: Objects) => o.event.wait(),
  awaitTimed: (o: Objects) => o.event.wait(timed),
  lookAtEvent: (o: Objects) => o.event.wait(0),
  set: (o: Objects) => o.event.set(),
  clear: (o: Objects) => o.event.clear(),
  waitOn: (o: Objects) => o.condition.wait(),
  waitOnTimed: (o: Objects) => o.condition.wait(timed),
  notify: (o: Objects) => o.condition.notify(),
  notifyAll: (o: Objects) => o.condition.notifyAll(),
  waitAgain: (o: Objects) => o.again.wait(),
  waitAgainTimed: (o: Objects) => o.again.wait(timed),
  notifyAgain: (o: Objects) => o.again.notify(),
  meet: (o: Objects) => o.barrier.wait(),
  meetTimed: (o: Objects) => o.barrier.wait(timed),
  break: (o: Objects) => o.barrier.abort(),
  mend: (o: Objects) => o.barrier.reset(),
  isBroken: (o: Objects) => o.barrier.broken,
  read: (o: Objects) => o.rwlock.readLock.acquire(),
  readTimed: (o: Objects) => o.rwlock.readLock.acquire(timed),
  tryRead: (o: Objects) => o.rwlock.readLock.tryAcquire(),
  endRead: (o: Objects) => o.rwlock.releaseRead(),
  write: (o: Objects) => o.rwlock.writeLock.acquire(),
  writeTimed: (o: Objects) => o.rwlock.writeLock.acquire(timed),
  tryWrite: (o: Objects) => o.rwlock.writeLock.tryAcquire(),
  endWrite: (o: Objects) => o.rwlock.releaseWrite(),
} as const;

export type CallName = keyof typeof CALLS;

/** A program: for each thread its calls. */
export interface Program {
  readonly uses: readonly Name[];
  readonly threads: readonly (readonly CallName[])[];
}

/** What a program can come to. */
export interface Findings {
  /** `ok`, or the kind of the failure. */
  readonly verdict: string;
  /** What the calls of each thread gave, for each run that ended. */
  readonly outcomes: readonly string[];
  readonly states: number;
  readonly report: string;
}

/** More than a program of two threads has. */
const MAX_STATES = 30_000;
/** Four bits a result; 0 is none. */
const BITS = 4;
/** The most calls of a thread whose results there is room for. */
export const MOST_CALLS = 7;

function encoded(call: () => unknown): number {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    if (error instanceof BrokenBarrierError) return 14;
    if (!(error instanceof SyncError)) throw error;
    return 15;
  }
  if (typeof result === 'number') return 4 + result;
  return result === undefined ? 1 : result ? 3 : 2;
}

const ghostOf = (index: number): string => `results ${index}`;

/** Makes the calls; their results become a ghost. `before` is told of each call, with what all before it gave. */
function play(
  { threads }: Program,
  index: number,
  objects: Objects,
  thread: Thread<string>,
  before: (call: number, results: number) => void = () => {},
): void {
  let results = 0;
  threads[index].forEach((name, n) => {
    before(n, results);
    results = (results << BITS) | encoded(() => CALLS[name](objects));
    thread.ghost.set(ghostOf(index), results);
  });
}

const conditionsOf = ({ threads }: Program): Pick<Scenario<string, string>, 'ghosts' | 'outcome' | 'maxStates'> => ({
  ghosts: Object.fromEntries(threads.map((_, index) => [ghostOf(index), 0])),
  outcome: (values) => threads.map((_, index) => (values[ghostOf(index)] >>> 0).toString(16)).join(' '),
  maxStates: MAX_STATES,
});

/** Explores a program over the specifications. */
export function overSpecifications(program: Program): Findings {
  const objects = objectsIn(new Arena(), program.uses);
  const threads = program.threads.map(
    (_, index): Body<string, string> =>
      (_memory, thread) => {
        play(program, index, objects as Objects, thread);
      },
  );
  return findingsOf(explore({ objects, threads, ...conditionsOf(program) }));
}

/** The words that calls change, by their places in the cells; those that end in `!` are read plainly, too. */
const CELLS: { readonly [N in Name]?: Readonly<Record<number, string>> } = {
  lock: { [GATE]: 'gate', [WORD]: 'word!' },
  rlock: { [GATE]: 'gate', [WORD]: 'word!', [countBehind(WORD)]: 'count!' },
  semaphore: { [GATE]: 'gate', [GATE + 2]: 'word' },
  bounded: { [GATE]: 'gate', [GATE + 2]: 'word' },
  event: { [GATE]: 'gate', [GATE + 2]: 'word' },
};

/** Explores a program over the shipped code: one of the primitives in {@link CELLS} alone, because the others have too many states. */
export function overShippedCode(program: Program): Findings {
  const { world, objects } = worldOf(program, false);
  for (const name of program.uses) {
    const words = Object.entries(CELLS[name] ?? {}).map(([at, word]) => [at, `${name} ${word}`]);
    world.name(objects[name].cell, Object.fromEntries(words));
  }
  return withEventLoop(() => findingsOf(explore(world.scenario(conditionsOf(program)), { reduction: false })));
}

/** Runs a program over the shipped code by random schedules. */
export function sampleOfShippedCode(program: Program, runs: number, seed: number): Findings {
  const { world } = worldOf(program, true);
  return withEventLoop(() => findingsOf(sample(world.scenario(conditionsOf(program)), { runs, seed })));
}

function worldOf(program: Program, growing: boolean): { readonly world: World<string>; readonly objects: Objects } {
  const world = new World<string>(program.threads.length, { growing });
  const objects = objectsIn(world.arena, program.uses) as Objects;
  program.threads.forEach((_, index) => {
    world.agent({ keeps: 'past', starves: true }, ({ attach, arena, thread }) => {
      const own = Object.fromEntries(
        Object.entries(objects).map(([name, object]) => [name, attach(object.constructor, object)]),
      );
      const mark = (call: number, results: number): void => arena.mark(`${call}`, results);
      return [() => play(program, index, own as unknown as Objects, thread, growing ? undefined : mark)];
    });
  });
  return { world, objects };
}

function findingsOf(result: Result): Findings {
  const verdict = result.failure?.kind ?? result.verdict;
  return { verdict, outcomes: [...result.outcomes.keys()].sort(), states: result.states, report: String(result) };
}

/** Primitives that go together, and pieces of programs that use them: most free what they acquire. */
interface Family {
  readonly uses: readonly Name[];
  readonly pieces: readonly string[];
}

/** Those whose shipped code is explored whole. */
const FAMILIES: readonly Family[] = [
  {
    uses: ['lock'],
    pieces: ['lock unlock', 'lock isLocked unlock', 'tryLock isLocked', 'lockTimed', 'unlock', 'isLocked', 'lock'],
  },
  {
    uses: ['rlock'],
    pieces: [
      'enter exit',
      'enter enter exit exit',
      'enter tryEnter exit',
      'tryEnter',
      'enterTimed',
      'exit',
      'depth exit',
    ],
  },
  {
    uses: ['semaphore'],
    pieces: ['take give', 'take', 'give', 'give2', 'tryTake', 'takeTimed', 'permits', 'takeTimed give'],
  },
  { uses: ['bounded'], pieces: ['takeBounded giveBounded', 'giveBounded', 'takeBounded'] },
  { uses: ['event'], pieces: ['await', 'set', 'set', 'clear', 'awaitTimed', 'lookAtEvent', 'set clear'] },
  { uses: ['lock', 'event'], pieces: ['lock unlock', 'lock await unlock', 'set', 'lock set unlock'] },
  {
    uses: ['lock', 'rlock'],
    pieces: ['lock enter exit unlock', 'enter lock unlock exit', 'lock unlock', 'enter exit'],
  },
];

/**
 * A random program.
 *
 * @param number - Which: programs of one number are equal, and the families take turns.
 * @param pieces - The most pieces a thread has.
 */
export function randomProgram(number: number, threads: number, pieces: number): Program {
  const random: Random = randomFrom(number + 1);
  const family = FAMILIES[number % FAMILIES.length];
  const piece = (): readonly CallName[] => family.pieces[random(family.pieces.length)].split(' ') as CallName[];
  return {
    uses: family.uses,
    threads: Array.from({ length: threads }, () =>
      Array.from({ length: 1 + random(pieces) }, piece)
        .flat()
        .slice(0, MOST_CALLS),
    ),
  };
}
