/**
 * Scenarios of Lock and RLock whose holder dies, at any access: inside, on the way in or out, asleep, in the repair of what
 * another left; one retires it, some recover, some wait.
 *
 * What a dead agent left inside is no intrusion, so each agent counts for itself whether it is inside.
 */
import { Lock, OwnerDiedError, RLock, SyncError, TimeoutError } from 'atomics-sync-free';
import type { Scenario, ThreadView } from 'atomics-sync-free/check';
import type { WaitOptions } from '#dist/core/arguments.js';
import { GATE } from '#dist/core/memory/cells.js';
import { countBehind } from '#dist/core/memory/death.js';
import { ABANDONED, agentIn, ownerOf, slotOf } from '#dist/core/memory/owner.js';
import { slotIndex } from '#dist/core/memory/region.js';
import { LIFE } from '#dist/core/memory/slots.js';
import { freeFromRetired, retireFrom } from '#dist/core/memory/sweep.js';
import { noteLoss, WORD } from '#dist/sync/mutex.js';
import {
  type Agent,
  type AgentOptions,
  agentOf,
  type Listing,
  type Model,
  modelOf,
  OUTSIDER,
  ownerWordOf,
  retireDead,
  WHILE,
  World,
} from './world.js';

const WHO = WORD + 2;
const SINCE = WORD + 3;
const COUNT = countBehind(WORD);
/** No thread of the scenario, but an agent that died holding the lock before it began. */
const FORMER = 20;
const INSIDE = ['inside0', 'inside1', 'inside2', 'inside3', 'inside4'] as const;

type Ghost = (typeof INSIDE)[number] | 'told' | 'repaired' | 'recovered';
type User = (world: World<Ghost>, lock: Lock | RLock) => void;

/** One agent's way to the lock; it enters an RLock twice. */
class Door {
  readonly lock: Lock | RLock;
  readonly #agent: Agent<Ghost>;
  readonly #word: number;

  constructor(agent: Agent<Ghost>, lock: Lock | RLock) {
    this.lock = lock instanceof RLock ? agent.attach(RLock, lock) : agent.attach(Lock, lock);
    this.#agent = agent;
    this.#word = lock.cell + WORD;
  }

  /** Blocks for it; with a timeout of 0, tries. */
  enter(timeout: number): boolean {
    const { lock } = this;
    if (!lock.acquire(timeout)) return false;
    this.enterAgain();
    return true;
  }

  enterAgain(): void {
    const { lock } = this;
    if (!(lock instanceof RLock)) return;
    if (lock.recursionCount !== 1) throw new Error(`it was entered once, and counts ${lock.recursionCount}`);
    lock.acquire();
  }

  leave(): void {
    if (this.lock instanceof RLock) this.lock.release();
    this.lock.release();
  }

  /** Is inside for one access. */
  visit(): void {
    const { thread, words, index } = this.#agent;
    thread.ghost.add(INSIDE[index], 1);
    Atomics.load(words, this.#word);
    thread.ghost.add(INSIDE[index], -1);
  }

  /** A repair, which goes in and out of an RLock. */
  repair(keepsIt: boolean): void {
    const { lock } = this;
    if (lock instanceof RLock) this.enterAgain();
    this.#agent.thread.ghost.add('repaired', 1);
    this.visit();
    if (lock instanceof RLock && !keepsIt) lock.release();
  }

  /** It was told that the lock is whole. */
  recovered(): void {
    this.#agent.thread.ghost.add('recovered', 1);
  }

  /** What somebody was told instead of getting the lock. */
  told(error: unknown): void {
    if (!(error instanceof OwnerDiedError)) throw error;
    if (!(error.since.getTime() > 0)) throw new Error('it is told of a death that was at no time');
    if (error.agentId === 0) throw new Error('it is told of the death of nobody');
    if (error.agentId === this.#agent.arena.member.agent) throw new Error('it is told of its own death');
    this.#agent.thread.ghost.add('told', 1);
  }
}

interface Habits extends AgentOptions<Ghost> {
  readonly timed?: boolean;
  /** Recovers the lock when it is told that its holder died. */
  readonly recovers?: boolean;
  /** Its first repair fails. */
  readonly fails?: boolean;
  /** Its repair acquires the lock once more, and does not release it. */
  readonly keepsIt?: boolean;
  /** Another task of its agent has lost the lock, by a wait for a Condition, and not been told yet. */
  readonly lost?: boolean;
}

const FAILURE = new Error('the repair failed');
const patience = (timed: boolean): number => (timed ? WHILE : Number.POSITIVE_INFINITY);

/** Recovers what may be abandoned: by the time it is done, the lock was whole. */
function recover(door: Door, { timed = false, fails = false, keepsIt = false }: Habits): void {
  const { lock } = door;
  if (fails) {
    try {
      lock.recover(() => {
        door.visit();
        throw FAILURE;
      });
    } catch (error) {
      if (error !== FAILURE) throw error;
    }
  }
  try {
    lock.recover(() => door.repair(keepsIt), patience(timed));
    door.recovered();
  } catch (error) {
    if (!(timed && error instanceof TimeoutError)) throw error;
  }
}

function recoverAsync(door: Door, { timed = false, fails = false }: Habits): Promise<unknown> {
  const { lock } = door;
  const again = () =>
    (lock as Lock)
      .recoverAsync(
        () => {
          // What a task holds, it enters by a hold.
          door.visit();
        },
        { timeout: patience(timed) },
      )
      .catch((error) => {
        if (!(timed && error instanceof TimeoutError)) throw error;
      });
  if (!fails) return again();
  return lock
    .recoverAsync(() => {
      door.visit();
      throw FAILURE;
    })
    .then(again, (error) => {
      if (error !== FAILURE) throw error;
      return again();
    });
}

/** Blocks for it and is inside; or is told that its holder died. */
const thread =
  (habits: Habits = {}): User =>
  (world, lock) =>
    world.agent({ name: 'thread', ...habits }, (agent) => {
      const door = new Door(agent, lock);
      return [
        () => {
          let had = false;
          try {
            had = door.enter(patience(habits.timed ?? false));
            if (!had && !habits.timed) throw new Error('its time is not limited, and was up');
          } catch (error) {
            door.told(error);
            agent.arena.mark('told');
            if (habits.recovers) recover(door, habits);
          }
          if (!had) return;
          agent.arena.mark('got');
          door.visit();
          door.leave();
        },
      ];
    });

/** Is inside by `run`. */
const runner =
  (habits: Habits = {}): User =>
  (world, lock) =>
    world.agent({ name: 'runner', ...habits }, (agent) => {
      const door = new Door(agent, lock);
      return [
        () => {
          try {
            door.lock.run(() => {
              if (lock instanceof RLock) door.lock.run(() => door.visit());
              else door.visit();
            });
          } catch (error) {
            door.told(error);
            agent.arena.mark('told');
            if (habits.recovers) recover(door, habits);
          }
        },
      ];
    });

/** Tries once. */
const trier =
  (habits: Habits = {}): User =>
  (world, lock) =>
    world.agent({ name: 'trier', ...habits }, (agent) => {
      const door = new Door(agent, lock);
      return [
        () => {
          let had = false;
          try {
            had = door.lock.tryAcquire();
          } catch (error) {
            door.told(error);
            agent.arena.mark('told');
            if (habits.recovers) recover(door, habits);
          }
          if (!had) return;
          door.enterAgain();
          door.visit();
          door.leave();
        },
      ];
    });

/** An async task that waits for it and is inside; or is told that its holder died. */
const task =
  (habits: Habits = {}): User =>
  (world, lock) =>
    world.agent({ name: 'task', ...habits }, (agent) => {
      const door = new Door(agent, lock);
      const options: WaitOptions = { timeout: patience(habits.timed ?? false) };
      return [
        () => {
          if (habits.lost) noteLoss(agent.arena.member, lock.cell, 1);
          door.lock
            .holdAsync(options)
            .then(
              (hold) => {
                door.visit();
                hold.release();
              },
              (error) => {
                if (habits.timed && error instanceof TimeoutError) return undefined;
                door.told(error);
                return habits.recovers ? recoverAsync(door, habits) : undefined;
              },
            )
            .then(() => agent.thread.abandonWaits());
        },
      ];
    });

/** Recovers it at any time, whether it is whole or not. */
const recoverer =
  (habits: Habits = {}): User =>
  (world, lock) =>
    world.agent({ name: 'recoverer', ...habits }, (agent) => {
      const door = new Door(agent, lock);
      return [() => recover(door, habits)];
    });

const recoveringTask =
  (habits: Habits = {}): User =>
  (world, lock) =>
    world.agent({ name: 'recovering task', ...habits }, (agent) => {
      const door = new Door(agent, lock);
      return [
        () => {
          recoverAsync(door, habits).then(() => agent.thread.abandonWaits());
        },
      ];
    });

/** Repairs it without a sign of that, and may be taken for dead meanwhile. */
const repairer: User = (world, lock) =>
  world.agent({ name: 'repairer', killable: false }, (agent) => {
    const mine = new Door(agent, lock).lock;
    return [() => mine.recover(() => Atomics.load(agent.words, lock.cell + WORD))];
  });

/** Takes the first thread for dead. */
const mistaken: User = (world) => world.other('mistaken', ({ words }) => void retireFrom(words, agentOf(0), OUTSIDER));

/** Gives back twice what it has lost by a wait for a Condition. */
const loser: User = (world, lock) =>
  world.agent({ name: 'loser', killable: false }, (agent) => {
    const mine = new Door(agent, lock).lock;
    return [
      () => {
        noteLoss(agent.arena.member, lock.cell, 2);
        mine.releaseBlocking();
        mine.releaseBlocking();
      },
    ];
  });

/** Frees a Lock that somebody has, or died with. */
const freer =
  (habits: Habits = {}): User =>
  (world, lock) =>
    world.agent({ name: 'freer', ...habits }, (agent) => {
      const door = new Door(agent, lock);
      return [
        () => {
          if (!door.lock.abandoned) return;
          try {
            door.lock.release();
          } catch (error) {
            if (!(error instanceof SyncError && error.code === 'ERR_NOT_HELD')) throw error;
          }
        },
      ];
    });

/** Somebody that was retired before it took the lock: its slot is free. */
const retired: User = (world) => {
  const { words } = world.arena;
  const life = slotIndex(slotOf(agentOf(0))) + LIFE;
  Atomics.store(words, life, Atomics.load(words, life) & ~3);
  world.other('retired', () => {});
};

/** Waits, and finds that whoever has the lock was retired. */
const looker =
  (habits: Habits = {}): User =>
  (world, lock) =>
    world.agent({ name: 'looker', ...habits }, (agent) => {
      const door = new Door(agent, lock);
      return [
        () => {
          freeFromRetired(agent.words, lock.cell, agentOf(agent.index));
          agent.arena.mark('looked');
          recover(door, habits);
        },
      ];
    });

/** Frees a Lock that a thread has died with, before or after that is known. */
const undertaker =
  (of: string): User =>
  (world, lock) =>
    world.agent({ name: 'undertaker', ...SAFE }, (agent) => {
      const door = new Door(agent, lock);
      return [
        () => {
          const dead = agentOf(agent.thread.joinDead(of));
          const word = Atomics.load(agent.words, lock.cell + WORD);
          if (agentIn(word) === dead || word === ABANDONED) door.lock.release();
        },
      ];
    });

/** Retires a thread that died; and recovers what it left, or leaves that to others. */
const reaper =
  (of: string, habits: Habits = {}): User =>
  (world, lock) =>
    world.agent({ name: 'reaper', ...habits }, (agent) => {
      const door = new Door(agent, lock);
      return [
        () => {
          retireDead(agent, of);
          agent.arena.mark('retired');
          if (habits.recovers) recover(door, habits);
        },
      ];
    });

/** Retires a thread that died, when the one that was about to do so has died as well. */
const secondReaper =
  (of: string, first: string, habits: Habits = {}): User =>
  (world, lock) =>
    world.agent({ name: 'second reaper', ...habits }, (agent) => {
      const door = new Door(agent, lock);
      return [
        () => {
          retireDead(agent, first, of);
          agent.arena.mark('retired');
          if (habits.recovers) recover(door, habits);
        },
      ];
    });

interface Program extends Listing {
  readonly users: readonly User[];
  readonly kills?: number;
  /** Whether the lock is abandoned from the beginning. */
  readonly abandoned?: boolean;
  /** Whether the first user has it from the beginning. */
  readonly taken?: boolean;
  readonly onOwnerDeath?: 'release';
  /** Whether it may be abandoned in the end: nobody recovers it whenever its holder dies. */
  readonly stays?: boolean;
  /** Not for an RLock, which only its owner may free. */
  readonly freed?: boolean;
}

function scenario(
  { users, kills = 1, abandoned = false, taken = false, onOwnerDeath, stays = false, freed = false }: Program,
  make: (world: World<Ghost>, options: object) => Lock | RLock,
): Scenario<string, string> {
  const world = new World<Ghost>(users.length);
  const { arena } = world;
  const lock = make(world, { arena, ...(onOwnerDeath && { onOwnerDeath }) });
  world.name(lock.cell, {
    [GATE]: 'threads',
    [GATE + 1]: 'tasks',
    [WORD]: 'word!',
    [WHO]: 'who',
    [SINCE]: 'since',
    [COUNT]: 'count!',
  });
  if (abandoned) {
    Atomics.store(arena.words, lock.cell + WORD, ABANDONED);
    Atomics.store(arena.words, lock.cell + WHO, agentOf(FORMER));
    Atomics.store(arena.words, lock.cell + SINCE, 1);
    if (lock instanceof RLock) Atomics.store(arena.words, lock.cell + COUNT, 1);
  }
  if (taken) {
    Atomics.store(arena.words, lock.cell + WORD, ownerWordOf(0));
    if (lock instanceof RLock) Atomics.store(arena.words, lock.cell + COUNT, 1);
  }
  for (const user of users) user(world, lock);
  const ghosts = Object.fromEntries([...INSIDE, 'told', 'repaired', 'recovered'].map((ghost) => [ghost, 0]));
  const inside = (values: Readonly<Record<string, number>>, threads: readonly ThreadView[]) =>
    threads.flatMap(({ state }, i) => (state !== 'dead' && values[INSIDE[i]] > 0 ? [i] : []));
  return world.scenario({
    ghosts: ghosts as Record<Ghost, number>,
    kills,
    invariant: (values, { threads }) => {
      const { word, since, told, recovered } = values;
      const those = inside(values, threads);
      if (those.length > 1) return 'two are inside';
      if (those.length === 1 && !freed && agentIn(word) !== agentOf(those[0]))
        return 'one is inside and does not hold it';
      if ((word & ABANDONED) !== 0 && agentIn(word) === 0 && word !== ABANDONED)
        return 'somebody waits for an abandoned lock';
      if (!stays && kills === 0 && recovered > 0 && (word & ABANDONED) !== 0)
        return 'somebody was told that it is whole';
      if (word === ABANDONED && since === 0) return 'it is abandoned since no time';
      if (onOwnerDeath === 'release' && (word === ABANDONED || told > 0)) return 'it was to be released';
      return true;
    },
    final: (values, { threads }) => {
      const { word, count, told, repaired } = values;
      const deaths = threads.filter(({ state }) => state === 'dead').length + (abandoned || taken ? 1 : 0);
      if (ownerOf(word) !== 0 && !(stays && word === ABANDONED)) return 'it is not whole and free at the end';
      if (word !== ABANDONED && count !== 0) return `it is free, and counts ${count}`;
      if (told > 0 && deaths === 0) return 'somebody was told of a death, and nobody died';
      return repaired <= deaths || `there were ${deaths} deaths, and ${repaired} repairs`;
    },
  });
}

const SAFE = { killable: false } as const;
const TIMED = { ...SAFE, timed: true } as const;
const RECOVERS = { ...SAFE, recovers: true } as const;
const FAILS = { ...SAFE, fails: true, keeps: 'last' } as const;
const STARVES = { starves: true } as const;

const programs: readonly Program[] = [
  { name: '1 that has lost it twice, 2 threads', users: [loser, thread(SAFE), thread(SAFE)], kills: 0, size: 'small' },
  {
    name: 'abandoned, 1 recovers and acquires it for ever, 1 thread',
    users: [recoverer({ ...SAFE, keepsIt: true }), thread(RECOVERS)],
    kills: 0,
    abandoned: true,
    size: 'small',
  },
  {
    name: 'abandoned, 1 repairs and is taken for dead, 1 recovers: few preemptions',
    users: [repairer, recoverer(SAFE), mistaken],
    kills: 0,
    abandoned: true,
    stays: true,
    size: 'medium',
    bound: 2,
  },
  {
    name: '1 task, of whose agent another has lost it, 1 thread',
    users: [task({ ...SAFE, lost: true }), thread(SAFE)],
    kills: 0,
    size: 'small',
  },
  {
    name: '1 of 2 threads dies; recovered',
    users: [thread(), thread(SAFE), reaper('thread 0', RECOVERS)],
    size: 'small',
  },
  {
    name: '1 of 2 threads dies; not recovered',
    users: [thread(), thread(SAFE), reaper('thread 0', SAFE)],
    stays: true,
    size: 'small',
  },
  {
    name: '1 thread dies, 1 timed; recovered',
    users: [thread(), thread(TIMED), reaper('thread 0', RECOVERS)],
    size: 'small',
  },
  {
    name: '1 thread dies, 1 task; recovered',
    users: [thread(), task(SAFE), reaper('thread 0', RECOVERS)],
    size: 'small',
  },
  {
    name: '1 thread dies, 1 timed task; recovered',
    users: [thread(), task(TIMED), reaper('thread 0', RECOVERS)],
    size: 'medium',
  },
  {
    name: '1 task dies, 1 thread; recovered',
    users: [task(), thread(SAFE), reaper('task 0', RECOVERS)],
    size: 'small',
  },
  {
    name: '1 runner dies, 1 runs; recovered',
    users: [runner(), runner(SAFE), reaper('runner 0', RECOVERS)],
    size: 'small',
  },
  {
    name: '1 trier dies, 1 tries; recovered',
    users: [trier(), trier(SAFE), reaper('trier 0', RECOVERS)],
    size: 'small',
  },
  {
    name: '1 thread dies, 1 recovers; and the reaper',
    users: [thread(), thread(RECOVERS), reaper('thread 0', RECOVERS)],
    size: 'medium',
  },
  {
    name: '1 thread dies, 1 task recovers; and the reaper',
    users: [thread(), task(RECOVERS), reaper('thread 0', RECOVERS)],
    size: 'medium',
  },
  {
    name: '1 of 3 threads dies; recovered',
    users: [thread(), thread(SAFE), thread(SAFE), reaper('thread 0', RECOVERS)],
    size: 'medium',
    large: true,
  },
  {
    name: '1 thread dies, 1 thread, 1 task; recovered',
    users: [thread(), thread(SAFE), task(SAFE), reaper('thread 0', RECOVERS)],
    large: true,
  },
  // --- from the beginning
  {
    name: 'abandoned, 1 recovers, 1 thread',
    abandoned: true,
    kills: 0,
    users: [recoverer(SAFE), thread(SAFE)],
    size: 'small',
  },
  {
    name: 'abandoned, 1 task recovers, 1 task',
    abandoned: true,
    kills: 0,
    users: [recoveringTask(SAFE), task(SAFE)],
    size: 'small',
  },
  {
    name: 'abandoned, 2 recover, 1 thread',
    abandoned: true,
    kills: 0,
    users: [recoverer(SAFE), recoverer(SAFE), thread(SAFE)],
    size: 'medium',
  },
  {
    name: 'abandoned, 1 recovers and 1 task, 1 thread',
    abandoned: true,
    kills: 0,
    users: [recoverer(SAFE), recoveringTask(SAFE), thread(SAFE)],
    size: 'medium',
  },
  {
    name: 'abandoned, 2 recover, 1 of them timed',
    abandoned: true,
    kills: 0,
    users: [recoverer(SAFE), recoverer(TIMED)],
    size: 'small',
  },
  {
    name: 'abandoned, 1 recovers at the second attempt, 1 recovers',
    abandoned: true,
    kills: 0,
    users: [recoverer(FAILS), recoverer(SAFE)],
    size: 'small',
  },
  {
    name: 'abandoned, 1 task recovers at the second attempt, 1 thread',
    abandoned: true,
    kills: 0,
    users: [recoveringTask(FAILS), thread(SAFE)],
    size: 'small',
  },
  {
    name: 'abandoned, 1 that recovers dies, 1 thread',
    abandoned: true,
    users: [recoverer(), thread(SAFE), reaper('recoverer 0', RECOVERS)],
    size: 'medium',
  },
  {
    name: 'abandoned, 1 that recovers dies, 1 recovers',
    abandoned: true,
    users: [recoverer(), recoverer(SAFE), reaper('recoverer 0', RECOVERS)],
    size: 'medium',
  },
  {
    name: 'abandoned, 1 task that recovers dies, 1 recovers',
    abandoned: true,
    users: [recoveringTask(), recoverer(SAFE), reaper('recovering task 0', RECOVERS)],
    size: 'medium',
  },
  // --- retirement
  {
    name: '1 thread dies, its reaper dies, 1 thread',
    users: [thread(), reaper('thread 0'), secondReaper('thread 0', 'reaper 1', RECOVERS), thread(SAFE)],
    kills: 2,
    size: 'medium',
    stays: true,
  },
  {
    name: '1 thread dies and is retired twice at once, 1 thread',
    users: [thread(), reaper('thread 0', RECOVERS), reaper('thread 0', RECOVERS), thread(SAFE)],
    large: true,
  },
  // --- taken by one that was retired
  {
    name: 'taken by a retired agent, 2 look and recover, 1 thread',
    taken: true,
    kills: 0,
    users: [retired, looker(SAFE), looker(SAFE), thread(SAFE)],
    size: 'medium',
    bound: 2,
  },
  {
    name: 'taken by a retired agent, 1 that looks dies, 1 looks and recovers',
    taken: true,
    users: [retired, looker(), looker(SAFE), reaper('looker 1', RECOVERS)],
    size: 'medium',
  },
  {
    name: 'released: taken by a retired agent, 2 look, 1 thread',
    taken: true,
    kills: 0,
    onOwnerDeath: 'release',
    users: [retired, looker(SAFE), looker(SAFE), thread(SAFE)],
    size: 'medium',
    bound: 2,
  },
  // --- released
  {
    name: 'released: 1 of 2 threads dies',
    onOwnerDeath: 'release',
    users: [thread(), thread(SAFE), reaper('thread 0', SAFE)],
    size: 'small',
  },
  {
    name: 'released: 1 of 3 threads dies',
    onOwnerDeath: 'release',
    users: [thread(), thread(SAFE), thread(SAFE), reaper('thread 0', SAFE)],
    size: 'medium',
  },
  {
    name: 'released: 1 of 3 dies, two starve',
    onOwnerDeath: 'release',
    users: [thread(STARVES), thread({ ...SAFE, ...STARVES }), thread(SAFE), reaper('thread 0', SAFE)],
    large: true,
  },
  {
    name: 'released: 1 task dies, 2 threads',
    onOwnerDeath: 'release',
    users: [task(), thread(SAFE), thread(SAFE), reaper('task 0', SAFE)],
    large: true,
  },
  {
    name: 'released: 1 thread dies, 1 task, 1 thread',
    onOwnerDeath: 'release',
    users: [thread(), task(SAFE), thread(SAFE), reaper('thread 0', SAFE)],
    large: true,
  },
  {
    name: 'released: its reaper dies',
    onOwnerDeath: 'release',
    users: [thread(), reaper('thread 0'), secondReaper('thread 0', 'reaper 1', SAFE), thread(SAFE)],
    kills: 2,
    size: 'medium',
  },
];

/** Only a Lock is freed by others. */
const freed: readonly Program[] = [
  {
    name: 'abandoned, 1 frees it by hand, 1 thread',
    freed: true,
    abandoned: true,
    kills: 0,
    stays: true,
    users: [freer(SAFE), thread(SAFE)],
    size: 'small',
  },
  {
    name: 'abandoned, 1 frees it by hand, 1 recovers',
    freed: true,
    abandoned: true,
    kills: 0,
    users: [freer(SAFE), recoverer(SAFE)],
    size: 'small',
  },
  {
    name: '1 thread dies, 1 frees its lock by hand, 1 thread; not recovered',
    stays: true,
    users: [thread(), undertaker('thread 0'), thread(SAFE), reaper('thread 0', SAFE)],
    size: 'medium',
  },
];

export const deaths: readonly Model[] = [
  ...programs.flatMap((program) => [
    modelOf('Lock', program, () => scenario(program, (_, options) => new Lock(options))),
    modelOf('RLock', program, () => scenario(program, (_, options) => new RLock(options))),
  ]),
  ...freed.map((program) => modelOf('Lock', program, () => scenario(program, (_, options) => new Lock(options)))),
];
