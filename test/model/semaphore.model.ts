/** Scenarios of Semaphore and BoundedSemaphore. */
import { BoundedSemaphore, Semaphore, SyncError } from 'atomics-sync-free';
import type { Scenario, Thread } from 'atomics-sync-free/check';
import type { WaitOptions } from '#dist/core/arguments.js';
import { ASYNC, MARKS_SHIFT, STARVING, STARVING_TASK, slotOf } from '#dist/core/memory/owner.js';
import { retireFrom } from '#dist/core/memory/sweep.js';
import {
  accessTo,
  GHOSTS,
  type Ghost,
  greedy,
  nobody,
  type Open,
  rusher,
  SHARING,
  starving,
  TAKEN,
  tasks,
  tasksApart,
  thread,
  trier,
  type User,
} from './users.js';
import { agentOf, type Listing, type Model, modelOf, OUTSIDER, times, World } from './world.js';

const GATE = 1;
const WORD = 3;
/** The seats of changes to what is held: see core/memory/tally.ts. */
const SEAT = 4;
const SEATS = 6;
/** The first of those are an agent's own each. */
const OWN_SEATS = 4;
/** The first of the seats that agents share. */
const SHARED_SEAT = SEAT + OWN_SEATS;
const MARK = 1;
const BUSY = 2;
const SLOT_SHIFT = 5;
/** A word of the semaphore's cell that the scenario uses for itself. */
const SPARE = 12;
const PERMITS_SHIFT = 4;
const PERMITS = 2 ** 20 - 1;
const permitsIn = (word: number): number => (word >>> PERMITS_SHIFT) & PERMITS;

const open =
  (of: Semaphore, gives = 1): Open =>
  (agent) => {
    const mine = of instanceof BoundedSemaphore ? agent.attach(BoundedSemaphore, of) : agent.attach(Semaphore, of);
    const release = () => {
      if (gives > 0) mine.release(gives);
    };
    return accessTo(mine, release, { word: of.cell + WORD, spare: of.cell + SPARE });
  };

/** Holds a permit, so that it is the agent's; `dies`: an agent that is inside when it dies is inside no more. */
const holding =
  (of: Semaphore, who: 'lives' | 'dies' = 'lives'): Open =>
  (agent) => {
    const mine = of instanceof BoundedSemaphore ? agent.attach(BoundedSemaphore, of) : agent.attach(Semaphore, of);
    // Its parts, so that giving up is no error here.
    // biome-ignore-start lint/complexity/useLiteralKeys: they are the class's own
    const held = {
      acquire: (timeout: number) => mine['acquireToHold'](timeout),
      tryAcquire: () => mine['acquireToHold'](0),
      acquireAsync: (options: WaitOptions) => mine['acquireToHoldAsync'](options),
    };
    // biome-ignore-end lint/complexity/useLiteralKeys: as above
    const at = { word: of.cell + WORD, spare: of.cell + SPARE, ghost: who === 'dies' ? 'reading' : 'inside' } as const;
    return accessTo(held, () => mine.releaseBlocking(), at);
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

const reaper =
  (of: Semaphore): User =>
  (world) =>
    world.other('reaper', ({ words }, own) => {
      retire(of, words, agentOf(own.joinDead()), own);
    });

/** Does the rest when the reaper dies. */
const secondReaper =
  (of: Semaphore, dead: number): User =>
  (world) =>
    world.other('second reaper', ({ words }, own) => {
      own.joinDead('reaper');
      retire(of, words, agentOf(dead), own);
    });

/** Retires a dead agent, and tries again as long as that is put off for lack of a seat. */
function retire(of: Semaphore, words: Int32Array, dead: number, own: Thread<Ghost>): void {
  while (retireFrom(words, dead, OUTSIDER)) {
    while ((Atomics.load(words, of.cell + SHARED_SEAT) & BUSY) !== 0) own.mark('waits');
  }
}

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
  /** Which agents have their record of what they hold already; with a death, all those that hold must. */
  readonly tallies?: number;
  /** Whether the agents have no seats of their own, and share this many; the others are taken for good. */
  readonly shared?: 1 | 2;
  /** Whether the first agent has the slot of one that took part before: what that one wrote into its own seat is there. */
  readonly former?: true;
  /** Whether there come to be permits for all users at once: then it says nothing that many are inside. */
  readonly enough?: boolean;
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
  tallies = 0,
  shared,
  former,
  enough = false,
}: Program): Scenario<string, string> {
  const first = shared === undefined ? 0 : SHARING;
  const world = new World<Ghost>(first + 4);
  const { arena } = world;
  const semaphore = bounded ? new BoundedSemaphore(value, { arena }) : new Semaphore(value, { arena });
  world.name(semaphore.cell, { [GATE]: 'threads', [GATE + 1]: 'tasks', [WORD]: 'word', [SPARE]: 'spare' });
  for (let seat = 0; seat < SEATS; seat++) world.name(semaphore.cell, { [SEAT + seat]: `seat ${seat}!` });
  if (shared === 1) Atomics.store(arena.words, semaphore.cell + SEAT + SEATS - 1, TAKEN);
  const slot = slotOf(agentOf(0));
  if (former) Atomics.store(arena.words, semaphore.cell + SEAT + slot, (slot << SLOT_SHIFT) | BUSY | MARK);
  for (let i = 0; i < first; i++) nobody(world);
  for (let i = first; i < first + tallies; i++)
    world.tally(i, semaphore.cell + WORD, semaphore.cell + SEAT, 1 << PERMITS_SHIFT);
  Atomics.or(arena.words, semaphore.cell + WORD, bits);
  for (const user of users(semaphore)) user(world);
  if (kills > 0) reaper(semaphore)(world);
  if (kills > 1) secondReaper(semaphore, first)(world);
  return world.scenario({
    ghosts: GHOSTS,
    kills,
    timeouts: !prompt,
    invariant: (values) => {
      const permits = permitsIn(values.word);
      if (permits > most) return `there are ${permits} permits`;
      return enough || values.inside <= most || `${values.inside} are inside`;
    },
    final: (values) => {
      const { word, had, missed } = values;
      if (!left.includes(permitsIn(word))) return `${permitsIn(word)} permits are left`;
      for (let seat = OWN_SEATS; seat < SEATS; seat++) {
        const says = values[`seat ${seat}`];
        if (says !== TAKEN && says !== ((word >> (MARKS_SHIFT + seat)) & 1)) return `seat ${seat} is not free again`;
      }
      return kills > 0 || had + missed === world.uses || 'somebody was left waiting';
    },
  });
}

const STARVES = { starves: true } as const;
const TIMED = { timed: true } as const;
const SAFE = { killable: false } as const;
/** Holds a permit, and never gives it back. */
const keeping =
  (of: Semaphore): Open =>
  (agent) => {
    const access = holding(of)(agent);
    const get = (timeout: number) => access.get(timeout) && (() => {});
    return { ...access, get };
  };
const RECORDS = { records: 'tally' } as const;

/** Holds two permits at a time, and gives them back one after the other. */
const twice =
  (of: Semaphore): User =>
  (world) =>
    world.agent({ name: 'holder of two', keeps: 'past' }, (agent) => {
      const { get } = holding(of, 'dies')(agent);
      return [
        () => {
          const first = get(Number.POSITIVE_INFINITY);
          const second = get(Number.POSITIVE_INFINITY);
          second?.();
          first?.();
        },
      ];
    });

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
    enough: true,
    left: [0],
    users: (s) => [tasksApart([open(s, 0), open(s, 0), open(s, 0)]), thread(open(s, 0)), producer(s, 3, 1)],
  },
  { name: '1 permit, 1 task that rushes on in microtasks', value: 1, users: (s) => [rusher(open(s))], size: 'small' },
  {
    name: '2 tasks of one agent take, 1 thread takes, releases of 2, 1',
    value: 0,
    most: 3,
    enough: true,
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
  {
    name: '1 permit, 2 hold × 2',
    value: 1,
    users: (s) => [thread(holding(s), 2), thread(holding(s), 2)],
    tallies: 2,
    size: 'small',
  },
  {
    name: '1 permit, 2 hold, for the first time',
    value: 1,
    users: (s) => [thread(holding(s), 1, RECORDS), thread(holding(s), 1, RECORDS)],
    size: 'small',
  },
  {
    name: '1 permit, 1 holds, 1 acquires × 2',
    value: 1,
    users: (s) => [thread(holding(s)), thread(open(s), 2)],
    tallies: 1,
    size: 'small',
  },
  {
    name: '2 permits, 1 seat, 2 hold for ever',
    value: 2,
    left: [0],
    users: (s) => [thread(keeping(s)), thread(keeping(s))],
    tallies: 2,
    shared: 1,
    size: 'small',
  },
  {
    name: '1 permit, 1 in the slot of another holds for the first time, and dies',
    value: 1,
    kills: 1,
    users: (s) => [thread(holding(s, 'dies'), 1, RECORDS)],
    former: true,
    size: 'small',
  },
  {
    name: '1 permit, 2 hold × 2, by 2 shared seats',
    value: 1,
    users: (s) => [thread(holding(s), 2), thread(holding(s), 2)],
    tallies: 2,
    shared: 2,
    size: 'small',
  },
  {
    name: '1 permit, 2 hold × 2, by 2 shared seats, and begin with the same',
    value: 1,
    users: (s) => [thread(holding(s), 2), nobody, thread(holding(s), 2)],
    tallies: 3,
    shared: 2,
    size: 'medium',
  },
  {
    name: '2 permits, 2 hold by 2 shared seats, and begin with the same, 1 dies: few preemptions',
    value: 2,
    kills: 1,
    users: (s) => [thread(holding(s, 'dies')), nobody, thread(holding(s), 1, SAFE)],
    tallies: 3,
    shared: 2,
    size: 'medium',
    bound: 2,
  },
  {
    name: '1 shared seat, 1 holds for ever, 1 timed, 1 waits, releases of 1, 1',
    value: 0,
    most: 2,
    left: [1],
    users: (s) => [thread(keeping(s)), thread(holding(s), 1, TIMED), thread(open(s)), producer(s, 1, 1)],
    tallies: 2,
    shared: 1,
    size: 'medium',
    bound: 1,
  },
  {
    name: '2 permits, 1 shared seat, 1 that holds dies, 1 holds for ever',
    value: 2,
    left: [1],
    kills: 1,
    users: (s) => [thread(holding(s, 'dies')), thread(keeping(s), 1, SAFE)],
    tallies: 2,
    shared: 1,
    bound: 1,
  },
  {
    name: '1 permit, 2 shared seats, 1 that holds dies, and so does who retires it; 1 task holds',
    value: 1,
    kills: 2,
    users: (s) => [thread(holding(s, 'dies')), tasks(holding(s), 1, SAFE)],
    tallies: 2,
    shared: 2,
    bound: 1,
  },
  {
    name: '2 permits, 1 shared seat, 2 hold, 1 of them timed, 1 waits',
    value: 2,
    users: (s) => [thread(holding(s)), thread(holding(s), 1, TIMED), thread(open(s))],
    tallies: 2,
    shared: 1,
    large: true,
  },
  {
    name: '2 permits, 3 hold',
    value: 2,
    users: (s) => [thread(holding(s)), thread(holding(s)), thread(holding(s))],
    tallies: 3,
    large: true,
  },
  {
    name: '1 permit, 1 task holds, 1 holds',
    value: 1,
    users: (s) => [tasks(holding(s)), thread(holding(s))],
    tallies: 2,
    size: 'small',
  },
  {
    name: '1 permit, 1 that holds dies, 1 waits',
    value: 1,
    kills: 1,
    users: (s) => [thread(holding(s, 'dies')), thread(open(s), 1, SAFE)],
    tallies: 1,
    size: 'small',
  },
  {
    name: '2 permits, 1 that holds × 2 dies, 1 holds',
    value: 2,
    kills: 1,
    users: (s) => [thread(holding(s, 'dies'), 2), thread(holding(s), 1, SAFE)],
    tallies: 2,
    size: 'medium',
  },
  {
    name: '1 permit, 1 that holds × 2 dies, 1 task holds',
    value: 1,
    kills: 1,
    users: (s) => [thread(holding(s, 'dies'), 2), tasks(holding(s), 1, SAFE)],
    tallies: 2,
    large: true,
  },
  {
    name: '1 permit, 1 task that holds dies, 1 holds',
    value: 1,
    kills: 1,
    users: (s) => [tasks(holding(s, 'dies')), thread(holding(s), 1, SAFE)],
    tallies: 2,
    size: 'medium',
  },
  {
    name: '2 permits, 1 holds both and dies, and so does who retires it; 1 waits for both',
    value: 2,
    kills: 2,
    users: (s) => [twice(s), thread(open(s), 2, SAFE)],
    tallies: 1,
    size: 'medium',
  },
  {
    name: '1 permit, 1 that holds for the first time dies, 1 waits',
    value: 1,
    kills: 1,
    users: (s) => [thread(holding(s, 'dies'), 1, RECORDS), thread(open(s), 1, SAFE)],
    size: 'medium',
  },
  {
    name: 'bounded by 1, 1 that holds dies after 1 has released too much',
    value: 1,
    kills: 1,
    bounded: true,
    users: (s) => [thread(holding(s, 'dies')), rogue(s, 1)],
    tallies: 1,
    size: 'small',
  },
];

export const semaphores: readonly Model[] = programs.map((program) =>
  modelOf(program.bounded ? 'BoundedSemaphore' : 'Semaphore', program, () => scenario(program)),
);
