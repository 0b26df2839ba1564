/** Scenarios of Semaphore and BoundedSemaphore. */
import { BoundedSemaphore, Semaphore, SyncError } from 'atomics-sync-free';
import type { Scenario } from 'atomics-sync-free/check';
import { ASYNC, STARVING, STARVING_TASK } from '#dist/core/memory/owner.js';
import { retireFrom } from '#dist/core/memory/sweep.js';
import {
  accessTo,
  GHOSTS,
  type Ghost,
  greedy,
  type Open,
  rusher,
  starving,
  tasks,
  tasksApart,
  thread,
  trier,
  type User,
} from './users.js';
import { agentOf, type Listing, type Model, modelOf, OUTSIDER, times, World } from './world.js';

const GATE = 1;
const WORD = 3;
/** A word of the semaphore's cell that the scenario uses for itself. */
const SPARE = 8;
const PERMITS_SHIFT = 4;

const open =
  (of: Semaphore, gives = 1): Open =>
  (agent) => {
    const mine = of instanceof BoundedSemaphore ? agent.attach(BoundedSemaphore, of) : agent.attach(Semaphore, of);
    const release = () => {
      if (gives > 0) mine.release(gives);
    };
    return accessTo(mine, release, { word: of.cell + WORD, spare: of.cell + SPARE });
  };

/** Gives permits out of nothing: n at a time. */
const producer =
  (of: Semaphore, ...counts: readonly number[]): User =>
  (world) =>
    world.agent({ name: 'producer', killable: false }, (agent) => {
      const mine = agent.attach(Semaphore, of);
      return counts.map((n) => () => mine.release(n));
    });

/** Releases what it has not acquired. */
const rogue =
  (of: Semaphore, rounds: number): User =>
  (world) =>
    world.agent({ name: 'rogue' }, (agent) => {
      const mine = agent.attach(BoundedSemaphore, of);
      return times(rounds, () => {
        try {
          mine.release(2);
          agent.thread.ghost.add('had', 1);
        } catch (error) {
          if (!(error instanceof SyncError && error.code === 'ERR_OVER_RELEASE')) throw error;
        }
      });
    });

const reaper: User = (world) =>
  world.other('reaper', ({ words }, own) => {
    retireFrom(words, agentOf(own.joinDead()), OUTSIDER);
  });

interface Program extends Listing {
  /** How many permits there are at first. */
  readonly value: number;
  readonly users: (semaphore: Semaphore) => readonly User[];
  /** How many there may be at any time; as at first by default. */
  readonly most?: number;
  /** How many there may be at the end; as at first by default. */
  readonly left?: readonly number[];
  readonly kills?: number;
  readonly bounded?: boolean;
  /** Whether no sleep ends by time, so that a wake that is lost is lost for good. */
  readonly prompt?: boolean;
  /** Bits that the word has at first. */
  readonly bits?: number;
}

function scenario({
  value,
  users,
  most = value,
  left = [value],
  kills = 0,
  bounded = false,
  prompt = false,
  bits = 0,
}: Program): Scenario<string, string> {
  const world = new World<Ghost>(4);
  const { arena } = world;
  const semaphore = bounded ? new BoundedSemaphore(value, { arena }) : new Semaphore(value, { arena });
  world.name(semaphore.cell, { [GATE]: 'threads', [GATE + 1]: 'tasks', [WORD]: 'word', [SPARE]: 'spare' });
  Atomics.or(arena.words, semaphore.cell + WORD, bits);
  for (const user of users(semaphore)) user(world);
  if (kills > 0) reaper(world);
  return world.scenario({
    ghosts: GHOSTS,
    kills,
    timeouts: !prompt,
    invariant: ({ inside, word }) => {
      if (word >>> PERMITS_SHIFT > most) return `there are ${word >>> PERMITS_SHIFT} permits`;
      return inside <= most || `${inside} are inside`;
    },
    final: ({ word, had, missed }) => {
      if (!left.includes(word >>> PERMITS_SHIFT)) return `${word >>> PERMITS_SHIFT} permits are left`;
      return kills > 0 || had + missed === world.uses || 'somebody was left waiting';
    },
  });
}

const STARVES = { starves: true } as const;
const TIMED = { timed: true } as const;
const SAFE = { killable: false } as const;

const programs: readonly Program[] = [
  { name: '1 permit, 2 threads × 2', value: 1, users: (s) => [thread(open(s), 2), thread(open(s), 2)], size: 'small' },
  {
    name: '1 permit, 3 threads, one looks first',
    value: 1,
    users: (s) => [thread(open(s), 1, { looks: true }), thread(open(s)), thread(open(s))],
    size: 'small',
  },
  {
    name: '1 permit, 3 threads × 2',
    value: 1,
    users: (s) => [thread(open(s), 2), thread(open(s), 2), thread(open(s), 2)],
  },
  {
    name: '2 permits, 3 threads × 2',
    value: 2,
    users: (s) => [thread(open(s), 2), thread(open(s), 2), thread(open(s), 2)],
    large: true,
  },
  {
    name: '3 take, releases of 1, 1, 1',
    value: 0,
    most: 3,
    left: [0],
    users: (s) => [thread(open(s, 0)), thread(open(s, 0)), thread(open(s, 0)), producer(s, 1, 1, 1)],
  },
  {
    name: '2 take, releases of 1, 1',
    value: 0,
    most: 2,
    left: [0],
    users: (s) => [thread(open(s, 0)), thread(open(s, 0)), producer(s, 1, 1)],
    size: 'small',
  },
  {
    name: '3 take, releases of 2, 1',
    value: 0,
    most: 3,
    left: [0],
    users: (s) => [thread(open(s, 0)), thread(open(s, 0)), thread(open(s, 0)), producer(s, 2, 1)],
    size: 'medium',
  },
  {
    name: '2 take, releases of 1, 1, both starve',
    value: 0,
    most: 2,
    left: [0],
    users: (s) => [thread(open(s, 0), 1, STARVES), thread(open(s, 0), 1, STARVES), producer(s, 1, 1)],
    size: 'medium',
  },
  {
    name: '1 takes 2, 1 takes 1, release of 3',
    value: 0,
    most: 3,
    left: [0],
    users: (s) => [thread(open(s, 0), 2), thread(open(s, 0)), producer(s, 3)],
    size: 'small',
  },
  {
    name: '1 reserved permit, 1 trier',
    value: 1,
    bits: STARVING,
    users: (s) => [trier(open(s), 'surely')],
    size: 'small',
  },
  {
    name: '1 reserved permit, 1 that looks first',
    value: 1,
    bits: STARVING,
    users: (s) => [thread(open(s), 1, { looks: true })],
    size: 'small',
  },
  {
    name: '1 reserved permit, 1 timed, 1 thread',
    value: 1,
    bits: STARVING,
    users: (s) => [thread(open(s), 1, TIMED), thread(open(s))],
    size: 'small',
  },
  {
    name: '1 reserved permit, 1 task takes it',
    value: 1,
    left: [0],
    bits: STARVING,
    users: (s) => [tasks(open(s, 0))],
    size: 'small',
  },
  {
    name: '1 permit reserved for a task that is gone, 1 thread',
    value: 1,
    bits: STARVING_TASK,
    users: (s) => [thread(open(s))],
    size: 'small',
  },
  {
    name: '1 permit reserved for a task that is gone, 1 trier, 1 thread, nothing lapses',
    value: 1,
    bits: STARVING_TASK,
    users: (s) => [trier(open(s), 'surely'), thread(open(s))],
    prompt: true,
    size: 'small',
  },
  {
    name: '1 timed, 1 thread, a release of 1 when a starving task is gone',
    value: 0,
    most: 1,
    left: [1],
    bits: STARVING_TASK | ASYNC,
    users: (s) => [thread(open(s), 1, TIMED), thread(open(s)), producer(s, 1)],
    size: 'medium',
    bound: 2,
  },
  {
    name: '1 permit, 1 starving, 1 greedy, nothing lapses',
    value: 1,
    users: (s) => [starving(open(s), 'thread'), greedy(open(s), STARVING)],
    prompt: true,
    size: 'small',
  },
  {
    name: '1 permit, 1 starving task, 1 greedy, nothing lapses',
    value: 1,
    users: (s) => [starving(open(s), 'task'), greedy(open(s), STARVING_TASK)],
    prompt: true,
    size: 'small',
  },
  { name: '1 trier, 1 thread × 2', value: 1, users: (s) => [trier(open(s)), thread(open(s), 2)], size: 'small' },
  {
    name: '1 permit, 2 starving × 2, nothing lapses',
    value: 1,
    users: (s) => [thread(open(s), 2, STARVES), thread(open(s), 2, STARVES)],
    prompt: true,
    size: 'medium',
  },
  {
    name: '1 permit, 1 starving that gives up, 2 threads, nothing lapses',
    value: 1,
    users: (s) => [thread(open(s), 1, { ...STARVES, ...TIMED }), thread(open(s)), thread(open(s))],
    prompt: true,
    size: 'medium',
  },
  {
    name: '2 take, releases of 1, 1, both starve, nothing lapses',
    value: 0,
    most: 2,
    left: [0],
    users: (s) => [thread(open(s, 0), 1, STARVES), thread(open(s, 0), 1, STARVES), producer(s, 1, 1)],
    prompt: true,
    size: 'medium',
  },
  {
    name: '1 permit, 2 starving, 1 thread',
    value: 1,
    users: (s) => [thread(open(s), 1, STARVES), thread(open(s), 1, STARVES), thread(open(s))],
  },
  {
    name: '1 permit, 2 starving × 2',
    value: 1,
    users: (s) => [thread(open(s), 2, STARVES), thread(open(s), 2, STARVES)],
  },
  {
    name: '1 permit, 1 starving timed, 1 timed, 1 thread',
    value: 1,
    users: (s) => [thread(open(s), 1, { ...TIMED, ...STARVES }), thread(open(s), 1, TIMED), thread(open(s))],
    size: 'medium',
  },
  {
    name: '1 permit, 1 trier, 2 starving',
    value: 1,
    users: (s) => [trier(open(s)), thread(open(s), 1, STARVES), thread(open(s), 1, STARVES)],
  },
  {
    name: '1 permit, 1 task, 2 threads',
    value: 1,
    users: (s) => [tasks(open(s)), thread(open(s)), thread(open(s))],
    size: 'medium',
  },
  {
    name: '1 permit, 2 tasks of one agent, aborted or not, 1 thread',
    value: 1,
    users: (s) => [tasks(open(s), 2, { aborts: true }), thread(open(s))],
    size: 'medium',
  },
  {
    name: '1 permit, 2 tasks of one agent with an object each, 1 thread',
    value: 1,
    users: (s) => [tasksApart([open(s), open(s)]), thread(open(s))],
    size: 'small',
  },
  {
    name: '3 tasks of one agent with an object each take, 1 thread takes, releases of 3, 1',
    value: 0,
    most: 4,
    left: [0],
    users: (s) => [tasksApart([open(s, 0), open(s, 0), open(s, 0)]), thread(open(s, 0)), producer(s, 3, 1)],
  },
  { name: '1 permit, 1 task that rushes on in microtasks', value: 1, users: (s) => [rusher(open(s))], size: 'small' },
  {
    name: '2 tasks of one agent take, 1 thread takes, releases of 2, 1',
    value: 0,
    most: 3,
    left: [0],
    users: (s) => [tasks(open(s, 0), 2), thread(open(s, 0)), producer(s, 2, 1)],
    size: 'medium',
  },
  {
    name: '1 permit, 1 starving timed task, 1 starving, 1 thread',
    value: 1,
    users: (s) => [tasks(open(s), 1, { ...STARVES, ...TIMED }), thread(open(s), 1, STARVES), thread(open(s))],
    large: true,
  },
  {
    name: '2 permits, 1 of 3 threads dies',
    value: 2,
    left: [2, 1],
    kills: 1,
    users: (s) => [thread(open(s)), thread(open(s), 1, SAFE), thread(open(s), 1, SAFE)],
    size: 'medium',
  },
  {
    name: '1 permit, a taker that gives it on dies, 1 takes',
    value: 0,
    most: 2,
    left: [1, 0],
    kills: 1,
    users: (s) => [thread(open(s, 1)), thread(open(s, 0), 1, SAFE), producer(s, 1, 1)],
  },
  {
    name: '2 permits, 1 task dies, 2 threads',
    value: 2,
    left: [2, 1],
    kills: 1,
    users: (s) => [tasks(open(s)), thread(open(s), 1, SAFE), thread(open(s), 1, SAFE)],
  },
  {
    name: 'bounded by 1, 2 threads, 1 releases too much',
    value: 1,
    bounded: true,
    users: (s) => [thread(open(s)), thread(open(s)), rogue(s, 2)],
    size: 'small',
  },
];

export const semaphores: readonly Model[] = programs.map((program) =>
  modelOf(program.bounded ? 'BoundedSemaphore' : 'Semaphore', program, () => scenario(program)),
);
