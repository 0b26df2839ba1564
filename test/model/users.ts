/** Agents that get something, use it and give it back: the same programs for every primitive that is acquired. */
import { OwnerDiedError } from 'atomics-sync-free';
import type { WaitOptions } from '#dist/core/arguments.js';
import { Aborter, pendingTimers } from './event-loop.js';
import { type Agent, type AgentOptions, times, WHILE, type World } from './world.js';

/** The ghosts of these programs: how many are inside (reading, where reading and writing differ), and who went away. */
export type Ghost = 'inside' | 'reading' | 'had' | 'missed';
export const GHOSTS: Readonly<Record<Ghost, number>> = { inside: 0, reading: 0, had: 0, missed: 0 };

export type Release = () => void;

/** What an agent does to get something; each returns how to give it back, or nothing if it was not acquired. */
export interface Access {
  readonly get: (timeout: number) => Release | undefined;
  readonly tryGet: () => Release | undefined;
  readonly getAsync: (options: WaitOptions) => Promise<Release | undefined>;
  /** Counts who is inside. */
  readonly ghost: Ghost;
  /** Gives back what the agent has from the beginning. */
  readonly release: Release;
  /** The word that says who is inside, and who waits. */
  readonly word: number;
  /** A word that nobody else uses. */
  readonly spare: number;
}

/** What primitives that are acquired have, or can be made to have. */
interface Acquirable {
  acquire(timeout: number): boolean;
  tryAcquire(): boolean;
  acquireAsync(options: WaitOptions): Promise<boolean>;
}

/** Access to something that is given back in the same way, however it was acquired. */
export const accessTo = (
  mine: Acquirable,
  release: Release,
  { ghost = 'inside', ...at }: Pick<Access, 'word' | 'spare'> & Partial<Pick<Access, 'ghost'>>,
): Access => ({
  get: (timeout) => {
    try {
      return mine.acquire(timeout) ? release : undefined;
    } catch (error) {
      if (!(error instanceof OwnerDiedError)) throw error;
      return undefined;
    }
  },
  tryGet: () => (mine.tryAcquire() ? release : undefined),
  getAsync: (options) => mine.acquireAsync(options).then((got) => (got ? release : undefined)),
  ghost,
  release,
  ...at,
});

/** The first agent, by its order, that has no seat of its own for what it holds: see core/memory/tally.ts. */
export const SHARING = 3;
/** What a seat says that an agent of slot 100 has for good. */
export const TAKEN = (100 << 5) | 2;

export type Open = (agent: Agent<Ghost>) => Access;
/** Adds an agent to a world. */
export type User = (world: World<Ghost>) => void;

/** A ghost changes with the operation before it, so there is one between the two changes. */
function visit({ thread, words }: Agent<Ghost>, { ghost, word }: Access, release: Release | undefined): void {
  if (release === undefined) {
    thread.ghost.add('missed', 1);
    return;
  }
  thread.ghost.add(ghost, 1);
  thread.ghost.add('had', 1);
  Atomics.load(words, word);
  thread.ghost.add(ghost, -1);
  release();
}

export interface UserOptions extends AgentOptions<Ghost> {
  readonly timed?: boolean;
  /** Must have it, however short its time is. */
  readonly surely?: boolean;
}

const patience = (timed = false): number => (timed ? WHILE : Number.POSITIVE_INFINITY);

/** Blocks for it, so many times. */
export const thread =
  (open: Open, rounds = 1, { timed = false, surely = false, ...options }: UserOptions = {}): User =>
  (world) => {
    world.uses += rounds;
    world.agent({ name: 'thread', ...options }, (agent) => {
      const access = open(agent);
      return times(rounds, () => {
        const release = access.get(patience(timed));
        if (surely && release === undefined) throw new Error('nobody has it, and it was not had');
        // However it was acquired, the agent goes on in the same way.
        agent.arena.mark('got', release !== undefined);
        visit(agent, access, release);
      });
    });
  };

/** Has a slot, and does nothing. */
export const nobody: User = (world) => world.other('nobody', () => {});

/** Tries once; `surely` says that it must succeed. */
export const trier =
  (open: Open, surely?: 'surely'): User =>
  (world) => {
    world.uses++;
    world.agent({ name: 'trier' }, (agent) => {
      const access = open(agent);
      return [
        () => {
          const release = access.tryGet();
          if (surely !== undefined && release === undefined) throw new Error('nobody has it, and it was not had');
          visit(agent, access, release);
        },
      ];
    });
  };

/** Tries, and has it though it is reserved for somebody; after that it is reserved no more. */
export const successor =
  (open: Open): User =>
  (world) => {
    world.uses += 2;
    world.agent({ name: 'successor', blocks: 0 }, (agent) => {
      const access = open(agent);
      const get = () => visit(agent, access, access.get(Number.POSITIVE_INFINITY));
      return [() => visit(agent, access, access.tryGet()), get];
    });
  };

export interface TaskOptions extends UserOptions {
  readonly aborts?: boolean;
  /** Lets time pass while it waits, so that it starves. */
  readonly starves?: boolean;
}

/** So many async tasks of one agent, all at once, by one object. */
export const tasks = (open: Open, count = 1, options: TaskOptions = {}): User =>
  tasksBy((agent) => Array<Access>(count).fill(open(agent)), count, options);

/** Async tasks of one agent, all at once, each by an object of its own. */
export const tasksApart = (opens: readonly Open[], options: TaskOptions = {}): User =>
  tasksBy((agent) => opens.map((open) => open(agent)), opens.length, options);

const tasksBy =
  (
    accesses: (agent: Agent<Ghost>) => readonly Access[],
    count: number,
    { timed = false, aborts = false, starves = false, ...options }: TaskOptions,
  ): User =>
  (world) => {
    world.uses += count;
    world.agent({ name: 'tasks', ...options }, (agent) => {
      /** Who was the last to have it: readers and writers each have an order of their own. */
      const latest = { inside: -1, reading: -1, had: -1, missed: -1 };
      let left = count;
      const one = (access: Access, number: number) => {
        const began = performance.now();
        const aborter = new Aborter();
        const visitOnce = (release: Release | undefined) => {
          if (release !== undefined) {
            if (number < latest[access.ghost]) throw new Error('a task was overtaken by another of its agent');
            latest[access.ghost] = number;
          }
          visit(agent, access, release);
          if (--left === 0 && pendingTimers() > 0) throw new Error('a timer of a wait that is over is left');
        };
        const wait = { timeout: patience(timed), ...(aborts ? { signal: aborter.signal } : {}) };
        access.getAsync(wait).then(
          (release) => {
            if (release === undefined && performance.now() - began < WHILE) throw new Error('its time was not over');
            visitOnce(release);
          },
          (reason) => {
            if (reason !== aborter.reason && !(reason instanceof OwnerDiedError)) throw reason;
            visitOnce(undefined);
          },
        );
        if (aborts) agent.thread.later(() => aborter.abort());
      };
      const all = accesses(agent);
      return [
        () => {
          all.forEach(one);
          if (starves) agent.thread.later(() => {}, 5);
        },
      ];
    });
  };

/** A task, and another that waits for it, whose time is up at any moment: it was free before, so that one has it too. */
export const heir =
  (open: Open): User =>
  (world) => {
    world.uses += 2;
    world.agent({ name: 'heir' }, (agent) => {
      const access = open(agent);
      const use = (release: Release | undefined) => {
        if (release === undefined) throw new Error('it was free, and was not had');
        visit(agent, access, release);
      };
      return [
        () => {
          access.getAsync({}).then((release) => {
            access.getAsync({ timeout: WHILE }).then(use);
            use(release);
          });
        },
      ];
    });
  };

/** A task that has it until another, which waits for it, has given up. */
export const miser =
  (open: Open): User =>
  (world) => {
    world.uses += 2;
    world.agent({ name: 'miser' }, (agent) => {
      const access = open(agent);
      const keep = (release: Release | undefined) => {
        access.getAsync({ timeout: WHILE }).then((got) => {
          visit(agent, access, got);
          visit(agent, access, release);
        });
      };
      return [
        () => {
          access.getAsync({}).then(keep);
        },
      ];
    });
  };

/** A task that gives it back while another waits for it, by another object, and goes on in microtasks alone. */
export const rusher =
  (open: Open): User =>
  (world) => {
    world.uses += 2;
    world.agent({ name: 'rusher' }, (agent) => {
      const [access, others] = [open(agent), open(agent)];
      let served = false;
      const goRound = (left: number) => {
        if (served) return;
        if (left === 0) throw new Error('another task of the agent waits while this one goes round');
        access.tryGet()?.();
        Promise.resolve().then(() => goRound(left - 1));
      };
      const pass = (release: Release | undefined) => {
        others.getAsync({}).then((got) => {
          served = true;
          visit(agent, others, got);
        });
        visit(agent, access, release);
        goRound(ROUNDS);
      };
      return [
        () => {
          access.getAsync({}).then(pass);
        },
      ];
    });
  };

/** Within this many rounds of microtasks a task gets its turn if only its own agent keeps it waiting. */
export const ROUNDS = 5;

/** Has it from the beginning, and gives it back. */
export const holder =
  (open: Open): User =>
  (world) =>
    world.agent({ name: 'holder' }, (agent) => [open(agent).release]);

// --- fairness -----------------------------------------------------------------------------------------------------

/** Starves from the first moment, and leaves a sign when it is inside. */
export const starving =
  (open: Open, kind: 'thread' | 'task'): User =>
  (world) =>
    world.agent({ name: `starving ${kind}`, starves: 'at once' }, (agent) => {
      const access = open(agent);
      const sign = (release: Release | undefined) => {
        Atomics.store(agent.words, access.spare, 1);
        release?.();
      };
      if (kind === 'thread') return [() => sign(access.get(Number.POSITIVE_INFINITY))];
      return [
        () => {
          access.getAsync({}).then(sign);
        },
      ];
    });

/**
 * Keeps it until somebody starves, gives it back, and wants it again at once. If that has woken the one that starves, it
 * must be the first to be inside.
 *
 * @param bits that say in the word that somebody starves
 */
export const greedy =
  (open: Open, bits: number): User =>
  (world) =>
    world.agent({ name: 'greedy', keeps: 'past' }, (agent) => {
      const { arena, words } = agent;
      const access = open(agent);
      const served = () => Atomics.load(words, access.spare) !== 0;
      return [
        () => {
          const release = access.get(Number.POSITIVE_INFINITY);
          arena.mark('keeps it');
          while (!served() && (Atomics.load(words, access.word) & bits) === 0) arena.mark('keeps it');
          if (wakes(() => release?.()) === 0 || served()) return;
          const releaseAgain = access.get(Number.POSITIVE_INFINITY);
          if (!served()) throw new Error('it got in again ahead of one that was woken and starves');
          releaseAgain?.();
        },
      ];
    });

/** How many sleepers something wakes. */
function wakes(does: () => void): number {
  const { notify } = Atomics;
  let woken = 0;
  Atomics.notify = (array: Int32Array | BigInt64Array, index, count) => {
    const now = notify(array as Int32Array, index, count);
    woken += now;
    return now;
  };
  try {
    does();
  } finally {
    Atomics.notify = notify;
  }
  return woken;
}
