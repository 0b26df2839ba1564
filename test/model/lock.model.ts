/** Scenarios of Lock and RLock; those in which somebody dies stand in death.model.ts. */
import { Lock, RLock, TimeoutError } from 'atomics-sync-free';
import type { Scenario } from 'atomics-sync-free/check';
import { GATE } from '#dist/core/memory/cells.js';
import { countBehind } from '#dist/core/memory/death.js';
import { ASYNC, ownerOf, STARVING, STARVING_TASK, TASK } from '#dist/core/memory/owner.js';
import { WORD } from '#dist/sync/mutex.js';
import {
  accessTo,
  GHOSTS,
  type Ghost,
  greedy,
  heir,
  holder,
  miser,
  type Open,
  rusher,
  starving,
  tasks,
  tasksApart,
  thread,
  trier,
  type User,
} from './users.js';
import { type Listing, type Model, modelOf, ownerWordOf, World } from './world.js';

const COUNT = countBehind(WORD);
/** A word of the lock's cell that the scenario uses for itself. */
const SPARE = 8;

const openLock =
  (lock: Lock): Open =>
  (agent) => {
    const mine = agent.attach(Lock, lock);
    return accessTo(mine, () => mine.release(), { word: lock.cell + WORD, spare: lock.cell + SPARE });
  };

/** Enters twice each time. */
const openRLock =
  (lock: RLock): Open =>
  (agent) => {
    const mine = agent.attach(RLock, lock);
    const release = () => {
      if (mine.recursionCount !== 2) throw new Error(`it was entered twice, and counts ${mine.recursionCount}`);
      mine.release();
      mine.release();
    };
    return {
      get: (timeout) => (mine.acquire(timeout) && mine.acquire(timeout) ? release : undefined),
      tryGet: () => (mine.tryAcquire() && mine.tryAcquire() ? release : undefined),
      getAsync: (options) =>
        mine.holdAsync(options).then(
          (hold) => {
            const again = hold.hold();
            if (mine.isOwned) throw new Error('what a task holds, its thread holds too');
            return () => {
              again.release();
              if (!mine.locked) throw new Error('it was entered twice, and is free after one release');
              hold.release();
            };
          },
          (reason) => {
            if (!(reason instanceof TimeoutError)) throw reason;
            return undefined;
          },
        ),
      ghost: 'inside',
      release,
      word: lock.cell + WORD,
      spare: lock.cell + SPARE,
    };
  };

type Cast = (open: Open) => readonly User[];

function lockScenario(
  { users, prompt = false, word = 0 }: Program,
  make: (world: World<Ghost>) => Lock | RLock,
): Scenario<string, string> {
  const world = new World<Ghost>(4);
  const lock = make(world);
  const reentrant = lock instanceof RLock;
  Atomics.store(world.arena.words, lock.cell + WORD, word);
  world.name(lock.cell, {
    [GATE]: 'threads',
    [GATE + 1]: 'tasks',
    [WORD]: reentrant ? 'word!' : 'word',
    [SPARE]: 'spare',
  });
  if (reentrant) world.name(lock.cell, { [COUNT]: 'count!' });
  for (const user of users(reentrant ? openRLock(lock) : openLock(lock))) user(world);
  return world.scenario({
    ghosts: GHOSTS,
    timeouts: !prompt,
    invariant: ({ inside }) => inside <= 1 || 'two are inside',
    final: ({ word, had, missed }) => {
      if (ownerOf(word) !== 0) return 'it is held at the end';
      return had + missed === world.uses || 'somebody was left waiting';
    },
  });
}

const STARVES = { starves: true } as const;
const TIMED = { timed: true } as const;
/** What a release leaves for a starving task. */
const FOR_TASK = TASK | STARVING_TASK;

interface Program extends Listing {
  readonly users: Cast;
  /** Whether no sleep ends by time, so that a wake that is lost is lost for good. */
  readonly prompt?: boolean;
  /** What the word is at first. */
  readonly word?: number;
  /** Whether RLock, whose word has the same algorithm, is shown by it too. */
  readonly both?: boolean;
}

const programs: readonly Program[] = [
  { name: '2 threads × 2', users: (o) => [thread(o, 2), thread(o, 2)], size: 'small', both: true },
  {
    name: '3 threads, one looks first',
    users: (o) => [thread(o, 1, { looks: true }), thread(o), thread(o)],
    size: 'medium',
    both: true,
  },
  { name: '3 threads × 2', users: (o) => [thread(o, 2), thread(o, 2), thread(o, 2)] },
  { name: '4 threads', users: (o) => [thread(o), thread(o), thread(o), thread(o)], large: true },
  { name: 'reserved, 1 trier', word: STARVING, users: (o) => [trier(o, 'surely')], size: 'small', both: true },
  {
    name: 'reserved, 1 that looks first',
    word: STARVING,
    users: (o) => [thread(o, 1, { looks: true })],
    size: 'small',
  },
  { name: 'reserved, 1 timed', word: STARVING, users: (o) => [thread(o, 1, TIMED), thread(o)], size: 'small' },
  {
    name: 'reserved for a task that is gone, 1 thread',
    word: FOR_TASK,
    users: (o) => [thread(o)],
    size: 'small',
    both: true,
  },
  {
    name: 'reserved for a task that is gone, 1 trier, 1 thread, nothing lapses',
    word: FOR_TASK,
    users: (o) => [trier(o, 'surely'), thread(o)],
    prompt: true,
    size: 'small',
    both: true,
  },
  {
    name: 'given back when a starving task is gone, 1 timed, 1 thread',
    word: ownerWordOf(2) | STARVING_TASK | ASYNC,
    users: (o) => [thread(o, 1, TIMED), thread(o), holder(o)],
    size: 'medium',
    bound: 2,
  },
  {
    name: '1 starving, 1 greedy, nothing lapses',
    users: (o) => [starving(o, 'thread'), greedy(o, STARVING)],
    prompt: true,
    size: 'small',
  },
  {
    name: '1 starving task, 1 greedy, nothing lapses',
    users: (o) => [starving(o, 'task'), greedy(o, STARVING_TASK)],
    prompt: true,
    size: 'small',
  },
  { name: '2 starving × 2', users: (o) => [thread(o, 2, STARVES), thread(o, 2, STARVES)], size: 'medium', both: true },
  {
    name: '2 starving × 2, nothing lapses',
    users: (o) => [thread(o, 2, STARVES), thread(o, 2, STARVES)],
    prompt: true,
    size: 'medium',
  },
  {
    name: '2 starving, 1 thread, nothing lapses',
    users: (o) => [thread(o, 1, STARVES), thread(o, 1, STARVES), thread(o)],
    prompt: true,
    size: 'medium',
  },
  {
    name: '1 starving that gives up, 2 threads, nothing lapses',
    users: (o) => [thread(o, 1, { ...TIMED, ...STARVES }), thread(o), thread(o)],
    prompt: true,
    size: 'medium',
  },
  { name: '2 starving, 1 thread', users: (o) => [thread(o, 1, STARVES), thread(o, 1, STARVES), thread(o)] },
  { name: '1 timed, 2 threads', users: (o) => [thread(o, 1, TIMED), thread(o), thread(o)], size: 'medium', both: true },
  { name: '2 timed, 1 thread', users: (o) => [thread(o, 1, TIMED), thread(o, 1, TIMED), thread(o)], size: 'small' },
  {
    name: '1 starving timed, 1 starving, 1 thread',
    users: (o) => [thread(o, 1, { ...TIMED, ...STARVES }), thread(o, 1, STARVES), thread(o)],
  },
  { name: '1 trier, 2 starving', users: (o) => [trier(o), thread(o, 1, STARVES), thread(o, 1, STARVES)] },
  { name: '1 task, 1 thread × 2', users: (o) => [tasks(o), thread(o, 2)], size: 'small', both: true },
  {
    name: '1 task that watches later, 1 thread × 2',
    users: (o) => [tasks(o), thread(o, 2)],
    size: 'small',
    later: true,
  },
  {
    name: '2 tasks of one agent that watch later, 1 thread',
    users: (o) => [tasks(o, 2), thread(o)],
    size: 'small',
    later: true,
  },
  {
    name: '2 tasks of one agent that watch later, aborted or not; 1 thread',
    users: (o) => [tasks(o, 2, { aborts: true }), thread(o)],
    size: 'medium',
    later: true,
  },
  { name: '1 task, 2 threads', users: (o) => [tasks(o), thread(o), thread(o)], size: 'medium' },
  { name: '2 tasks of two agents, 1 thread', users: (o) => [tasks(o), tasks(o), thread(o)], size: 'medium' },
  { name: '3 tasks of three agents', users: (o) => [tasks(o), tasks(o), tasks(o)] },
  { name: '2 tasks of one agent', users: (o) => [tasks(o, 2)], size: 'small', both: true },
  { name: '1 task that hands it to a timed one', users: (o) => [heir(o)], size: 'small', both: true },
  {
    name: '1 task that has it until a timed one gives up',
    users: (o) => [miser(o)],
    size: 'small',
    both: true,
  },
  { name: 'reserved, 1 task', word: STARVING, users: (o) => [tasks(o)], size: 'small', both: true },
  { name: '2 tasks of one agent, 1 thread', users: (o) => [tasks(o, 2), thread(o)], size: 'small' },
  {
    name: '2 tasks of one agent with an object each, 1 thread',
    users: (o) => [tasksApart([o, o]), thread(o)],
    size: 'small',
    both: true,
  },
  { name: '1 task that rushes on in microtasks', users: (o) => [rusher(o)], size: 'small', both: true },
  { name: '2 × 2 tasks', users: (o) => [tasks(o, 2), tasks(o, 2)] },
  {
    name: '2 tasks of one agent, aborted or not; 1 thread',
    users: (o) => [tasks(o, 2, { aborts: true }), thread(o)],
    size: 'medium',
    both: true,
  },
  { name: '2 timed tasks of one agent, 1 thread', users: (o) => [tasks(o, 2, TIMED), thread(o)], size: 'medium' },
  {
    name: '1 starving task, 1 starving, 1 thread',
    users: (o) => [tasks(o, 1, STARVES), thread(o, 1, STARVES), thread(o)],
    large: true,
  },
  {
    name: '1 starving timed task, 1 task, 1 thread',
    users: (o) => [tasks(o, 1, { ...STARVES, ...TIMED }), tasks(o), thread(o)],
    large: true,
  },
];

export const locks: readonly Model[] = programs.flatMap((program) => {
  const lock = modelOf('Lock', program, () => lockScenario(program, ({ arena }) => new Lock({ arena })));
  const rlock = modelOf('RLock', program, () => lockScenario(program, ({ arena }) => new RLock({ arena })));
  return program.both ? [lock, rlock] : [lock];
});
