/** Scenarios of RWLock. */
import { type Hold, OwnerDiedError, RWLock, TimeoutError } from 'atomics-sync-free';
import type { Scenario, Thread } from 'atomics-sync-free/check';
import type { WaitOptions } from '#dist/core/arguments.js';
import { exclusiveSlotOf, REPAIR, slotOf } from '#dist/core/memory/owner.js';
import { retireFrom } from '#dist/core/memory/sweep.js';
import {
  FIRST_SEAT,
  isAbandoned,
  isWrittenBy,
  ONE_READER,
  READ_GATE,
  readersIn,
  STARVING_WRITER,
  WORD,
  WRITE,
  WRITE_GATE,
  writerWord,
} from '#dist/sync/rwmutex.js';
import { Aborter } from './event-loop.js';
import {
  accessTo,
  GHOSTS,
  type Ghost,
  greedy,
  holder,
  nobody,
  type Open,
  type Release,
  ROUNDS,
  rusher,
  SHARING,
  starving,
  successor,
  TAKEN,
  tasks,
  tasksApart,
  thread,
  type User,
} from './users.js';
import {
  agentOf,
  type Habits,
  type Listing,
  type Model,
  modelOf,
  OUTSIDER,
  ownerWordOf,
  WHILE,
  World,
} from './world.js';

const WHO = WORD + 2;
const SINCE = WORD + 3;
/** A word of the lock's cell that it does not use, and the scenario does. */
const SPARE = WORD + 4;
const SEATS = 6;
/** The word's bit of a reader that starves. */
const STARVING_READER = STARVING_WRITER >> 1;

const writing =
  (lock: RWLock): Open =>
  (agent) => {
    const mine = agent.attach(RWLock, lock);
    const asWriter = {
      acquire: (timeout: number) => mine.acquireWrite(timeout),
      tryAcquire: () => mine.acquireWrite(0),
      acquireAsync: (options: WaitOptions) => mine.acquireWriteAsync(options),
    };
    return accessTo(asWriter, () => mine.releaseWrite(), { word: lock.cell + WORD, spare: lock.cell + SPARE });
  };

/**
 * @param again how often it reads again while it reads
 * @param who `dies`: an agent that reads when it dies reads no more, so that it is not counted
 */
const reading =
  (lock: RWLock, again = 0, who: 'lives' | 'dies' = 'lives'): Open =>
  (agent) => {
    const mine = agent.attach(RWLock, lock);
    const release = () => {
      for (let i = 0; i <= again; i++) mine.releaseRead();
    };
    const asReader = {
      acquire: (timeout: number) => {
        const got = mine.acquireRead(timeout);
        for (let i = 0; got && i < again; i++) mine.acquireRead();
        return got;
      },
      tryAcquire: () => mine.acquireRead(0),
      acquireAsync: (options: WaitOptions) => mine.acquireReadAsync(options),
    };
    const at = {
      ghost: who === 'dies' ? 'missed' : 'reading',
      word: lock.cell + WORD,
      spare: lock.cell + SPARE,
    } as const;
    return accessTo(asReader, release, at);
  };

/** One side of the lock, used as any other lock is: by holds, of an object of its own. */
const side =
  (lock: RWLock, name: 'readLock' | 'writeLock'): Open =>
  (agent) => {
    const mine = agent.attach(RWLock, lock)[name];
    const isReading = name === 'readLock';
    const releaseOf = (hold: Hold) => () => {
      if (!mine.locked) throw new Error('it is held, and not locked');
      hold.release();
    };
    return {
      get: () => releaseOf(mine.hold()),
      tryGet: () => (mine.tryAcquire() ? () => mine.release() : undefined),
      getAsync: (options) =>
        mine.holdAsync(options).then(releaseOf, (reason) => {
          if (!(reason instanceof TimeoutError)) throw reason;
          return undefined;
        }),
      ghost: isReading ? 'reading' : 'inside',
      release: () => mine.release(),
      word: lock.cell + WORD,
      spare: lock.cell + SPARE,
    };
  };

/** Runs a task that reads, and reads by a blocking call too before that task is done. */
const doubleReader =
  (lock: RWLock): User =>
  (world) => {
    world.uses += 2;
    world.agent({ name: 'double reader' }, (agent) => {
      const { getAsync } = side(lock, 'readLock')(agent);
      const { get } = side(lock, 'readLock')(agent);
      const { ghost } = agent.thread;
      return [
        () => {
          getAsync({}).then((release) => {
            ghost.add('reading', 1);
            agent.arena.mark('reads');
            const releaseAgain = get(Number.POSITIVE_INFINITY);
            ghost.add('reading', -1);
            ghost.add('had', 2);
            releaseAgain?.();
            release?.();
          });
        },
      ];
    });
  };

/** Runs reads that overlap without end, in microtasks alone, and a task that wants to write. */
const overlapper =
  (lock: RWLock): User =>
  (world) => {
    world.uses++;
    world.agent({ name: 'overlapper' }, (agent) => {
      const reader = side(lock, 'readLock')(agent);
      const writer = side(lock, 'writeLock')(agent);
      let written = false;
      const goRound = (left: number, release: Release | undefined): void => {
        if (left === 0) throw new Error('a task waits to write while others of its agent read in turns');
        if (!written) reader.getAsync({}).then((next) => goRound(left - 1, next));
        release?.();
      };
      return [
        () => {
          reader.getAsync({}).then((release) => {
            writer.getAsync({}).then((got) => {
              written = true;
              agent.thread.ghost.add('had', 1);
              got?.();
            });
            // By then it starves.
            agent.thread.later(() => goRound(ROUNDS, release), 5);
          });
        },
      ];
    });
  };

/** Reads from the beginning, and goes when this many have been here and a writer starves after that. */
const host =
  (lock: RWLock, visitors: number): User =>
  (world) =>
    world.agent({ name: 'host' }, (agent) => {
      const { arena, words } = agent;
      arena.member.reads.set(lock.cell, { blocking: 1, tasks: 0 });
      const { release, word, spare } = reading(lock)(agent);
      return [
        () => {
          while (Atomics.load(words, spare) < visitors) arena.mark('visited');
          while (visitors > 0 && (Atomics.load(words, word) & STARVING_WRITER) === 0) arena.mark('goes');
          release();
        },
      ];
    });

/** Wants to write, starves from the first moment unless its habits are others, and may give up; a task always does. */
const visitor =
  (lock: RWLock, kind: 'thread' | 'task' | 'aborted task' = 'thread', habits: Habits = { starves: 'at once' }): User =>
  (world) =>
    world.agent({ name: `visiting ${kind}`, ...habits }, (agent) => {
      const { get, getAsync, spare } = writing(lock)(agent);
      const leave = (release: Release | undefined) => {
        Atomics.add(agent.words, spare, 1);
        release?.();
      };
      if (kind === 'task') {
        return [
          () => {
            getAsync({ timeout: WHILE }).then(leave);
          },
        ];
      }
      if (kind === 'aborted task') {
        return [
          () => {
            const aborter = new Aborter();
            getAsync({ signal: aborter.signal }).then(leave, () => leave(undefined));
            agent.thread.later(() => aborter.abort());
          },
        ];
      }
      return [
        () => {
          const release = get(WHILE);
          agent.arena.mark('got', release !== undefined);
          leave(release);
        },
      ];
    });

/** Retires the dead agent. If it wrote, it is inside no more. */
const reaper =
  (lock: RWLock): User =>
  (world) =>
    world.other('reaper', ({ words }, own) => {
      reap(lock, words, agentOf(own.joinDead()), own);
    });

/** Does the rest when the reaper dies: the dead agent is the first. */
const secondReaper =
  (lock: RWLock): User =>
  (world) =>
    world.other('second reaper', ({ words }, own) => {
      own.joinDead('reaper');
      reap(lock, words, agentOf(0), own);
    });

function reap(lock: RWLock, words: Int32Array, dead: number, { ghost }: Thread<Ghost>): void {
  if (exclusiveSlotOf(Atomics.load(words, lock.cell + WORD)) === slotOf(dead)) ghost.set('inside', 0);
  retireFrom(words, dead, OUTSIDER);
}

/** Writes, or recovers the lock and then writes: nobody else dies. */
const recoverer =
  (lock: RWLock): User =>
  (world) =>
    world.agent({ name: 'recoverer', killable: false, keeps: 'past' }, (agent) => {
      const mine = agent.attach(RWLock, lock);
      const { thread, words } = agent;
      const alone = () => {
        thread.ghost.add('inside', 1);
        const word = Atomics.load(words, lock.cell + WORD);
        if (!isWrittenBy(word, ownerWordOf(agent.index))) throw new Error('it is inside, and the lock is not its own');
        thread.ghost.add('inside', -1);
      };
      return [
        () => {
          try {
            mine.acquireWrite();
          } catch (error) {
            if (!(error instanceof OwnerDiedError)) throw error;
            agent.arena.mark('told');
            mine.recover(alone);
            mine.acquireWrite();
          }
          alone();
          mine.releaseWrite();
        },
      ];
    });

/** Recovers the lock, as a task, whether it is abandoned or not. */
const recoveringTask =
  (lock: RWLock): User =>
  (world) =>
    world.agent({ name: 'recovering task', killable: false }, (agent) => {
      const mine = agent.attach(RWLock, lock);
      const { thread, words } = agent;
      return [
        () => {
          mine.recoverAsync(() => {
            thread.ghost.add('inside', 1);
            Atomics.load(words, lock.cell + WORD);
            thread.ghost.add('inside', -1);
          });
        },
      ];
    });

/** Repairs the lock if it is abandoned, and may die in that. */
const repairer =
  (lock: RWLock): User =>
  (world) =>
    world.agent({ name: 'repairer' }, (agent) => {
      const mine = agent.attach(RWLock, lock);
      return [() => mine.recover(() => Atomics.load(agent.words, lock.cell + WORD))];
    });

interface Program extends Listing {
  readonly users: (read: (again?: number, who?: 'dies') => Open, write: Open, lock: RWLock) => readonly User[];
  readonly kills?: number;
  /** Whether no sleep ends by time, so that a wake that is lost is lost for good. */
  readonly prompt?: boolean;
  /** What the word is at first; where it has a reader, that is the first agent. */
  readonly word?: number;
  /** What becomes of it when its writer dies; freed by default. */
  readonly onOwnerDeath?: 'abandon' | 'release';
  /** The agents that have their tally already, by their order; every agent that reads must, where one dies. */
  readonly tallies?: readonly number[];
  /** Whether the agents have no seats of their own, and share one; the other is taken for good. */
  readonly shared?: true;
  /** Whether somebody takes the first agent for dead. */
  readonly mistaken?: true;
}

function scenario({
  users,
  kills = 0,
  prompt = false,
  word = 0,
  onOwnerDeath = 'release',
  tallies = [0, 1, 2, 3],
  shared,
  mistaken,
}: Program): Scenario<string, string> {
  const first = shared ? SHARING : 0;
  const world = new World<Ghost>(first + 4);
  const lock = new RWLock({ arena: world.arena, onOwnerDeath });
  Atomics.store(world.arena.words, lock.cell + WORD, word);
  if (isAbandoned(word)) Atomics.store(world.arena.words, lock.cell + WHO, agentOf(20));
  world.name(lock.cell, {
    [READ_GATE]: 'reading threads',
    [READ_GATE + 1]: 'reading tasks',
    [WRITE_GATE]: 'writing threads',
    [WRITE_GATE + 1]: 'writing tasks',
    [WORD]: 'word!',
    [WHO]: 'who',
    [SINCE]: 'since',
    [SPARE]: 'spare',
  });
  for (let seat = 0; seat < SEATS; seat++) world.name(lock.cell, { [FIRST_SEAT + seat]: `seat ${seat}!` });
  if (shared) Atomics.store(world.arena.words, lock.cell + FIRST_SEAT + SEATS - 1, TAKEN);
  for (let i = 0; i < first; i++) nobody(world);
  for (const i of tallies) {
    world.tally(first + i, lock.cell + WORD, lock.cell + FIRST_SEAT, -ONE_READER, i === 0 ? readersIn(word) : 0);
  }
  for (const user of users((again, who) => reading(lock, again, who), writing(lock), lock)) user(world);
  if (mistaken) world.other('mistaken', ({ words }) => void retireFrom(words, agentOf(0), OUTSIDER));
  if (kills > 0) reaper(lock)(world);
  if (kills > 1) secondReaper(lock)(world);
  return world.scenario({
    ghosts: GHOSTS,
    kills,
    timeouts: !prompt,
    invariant: ({ inside, reading }) => {
      if (inside > 1) return 'two write';
      return inside === 0 || reading === 0 || 'one writes while another reads';
    },
    final: ({ word, had, missed }) => {
      // Where it was abandoned, and nobody recovers it, those that find it so have missed it.
      if (isAbandoned(word)) return onOwnerDeath === 'abandon' || 'it is abandoned';
      if (exclusiveSlotOf(word) >= 0 || readersIn(word) !== 0) return 'it is held at the end';
      return kills > 0 || had + missed === world.uses || 'somebody was left waiting';
    },
  });
}

const STARVES = { starves: true } as const;
const TIMED = { timed: true } as const;
const BOTH = { ...STARVES, ...TIMED } as const;
const AT_ONCE = { starves: 'at once' } as const;
const SURELY = { timed: true, surely: true } as const;
const SAFE = { killable: false } as const;

const programs: readonly Program[] = [
  { name: '2 writers × 2', users: (_, w) => [thread(w, 2), thread(w, 2)], size: 'small' },
  { name: '1 reader × 2, 1 writer × 2', users: (r, w) => [thread(r(), 2), thread(w, 2)], size: 'small' },
  { name: '3 writers', users: (_, w) => [thread(w), thread(w), thread(w)], size: 'small' },
  { name: '2 readers, 1 writer', users: (r, w) => [thread(r()), thread(r()), thread(w)], size: 'medium' },
  { name: '1 reader, 2 writers', users: (r, w) => [thread(r()), thread(w), thread(w)], size: 'medium' },
  { name: '2 readers × 2, 1 writer × 2', users: (r, w) => [thread(r(), 2), thread(r(), 2), thread(w, 2)], large: true },
  { name: '2 readers, 2 writers', users: (r, w) => [thread(r()), thread(r()), thread(w), thread(w)], large: true },
  {
    name: '1 reader looks first, 2 writers',
    users: (r, w) => [thread(r(), 1, { looks: true }), thread(w), thread(w)],
    size: 'medium',
  },
  {
    name: '1 writer looks first, 1 writer, 1 reader',
    users: (r, w) => [thread(w, 1, { looks: true }), thread(w), thread(r())],
    size: 'medium',
  },
  {
    name: 'given back when a starving writer is gone, 2 readers, nothing lapses',
    word: writerWord(ownerWordOf(2)) | STARVING_WRITER,
    users: (r, w) => [thread(r()), thread(r()), holder(w)],
    prompt: true,
    size: 'small',
  },
  {
    name: 'given back when starving readers are gone, 2 writers, nothing lapses',
    word: writerWord(ownerWordOf(2)) | STARVING_READER,
    users: (_, w) => [thread(w), thread(w), holder(w)],
    prompt: true,
    size: 'small',
  },
  {
    name: '1 reader looks first, 1 writer, 1 starving writer: few preemptions',
    users: (r, w) => [thread(r(), 1, { looks: true }), thread(w), thread(w, 1, AT_ONCE)],
    size: 'medium',
    bound: 2,
  },
  {
    name: '2 readers, 1 shared seat',
    users: (r) => [thread(r()), thread(r())],
    tallies: [0, 1],
    shared: true,
    size: 'small',
  },
  {
    name: 'given back by one that repairs it, 2 readers, nothing lapses',
    word: writerWord(ownerWordOf(2)) | REPAIR,
    users: (r, w) => [thread(r()), thread(r()), holder(w)],
    prompt: true,
    size: 'small',
  },
  {
    name: 'given back by one that repairs it, 1 recovers, 1 writer, nothing lapses',
    word: writerWord(ownerWordOf(2)) | REPAIR,
    users: (_, w, lock) => [repairer(lock), thread(w), holder(w)],
    tallies: [],
    prompt: true,
    size: 'small',
  },
  {
    name: 'abandoned, 1 repairs and is taken for dead, 1 recovers: few preemptions',
    word: WRITE,
    users: (_r, _w, lock) => [repairer(lock), recoverer(lock)],
    tallies: [],
    mistaken: true,
    onOwnerDeath: 'abandon',
    size: 'medium',
    bound: 2,
  },
  {
    name: '1 that reads, 1 starving writer that gives up, 2 readers, nothing lapses',
    word: ONE_READER,
    users: (r, _, lock) => [host(lock, 0), visitor(lock, 'task'), thread(r()), thread(r())],
    prompt: true,
    size: 'medium',
    bound: 1,
  },
  {
    name: '1 that reads, 1 starving writer that gives up, another asks',
    word: ONE_READER,
    users: (_, w, lock) => [host(lock, 1), visitor(lock), thread(w, 1, AT_ONCE)],
    size: 'small',
  },
  {
    name: '1 that reads, 1 starving writing task that gives up, another asks',
    word: ONE_READER,
    users: (_, w, lock) => [host(lock, 1), visitor(lock, 'task'), thread(w, 1, AT_ONCE)],
    size: 'small',
  },
  {
    name: '1 that reads, 1 starving writing task that is aborted, 1 reader, nothing lapses',
    word: ONE_READER,
    users: (r, _, lock) => [host(lock, 0), visitor(lock, 'aborted task'), thread(r())],
    prompt: true,
    size: 'medium',
  },
  {
    name: '1 that reads, 2 writers that give up, one of them starving, another asks',
    word: ONE_READER,
    users: (_, w, lock) => [host(lock, 2), visitor(lock), visitor(lock, 'thread', {}), thread(w, 1, AT_ONCE)],
    size: 'medium',
  },
  {
    name: 'reserved for a writer that is gone, 1 timed reader',
    word: STARVING_WRITER,
    users: (r) => [thread(r(), 1, SURELY)],
    size: 'small',
  },
  {
    name: 'reserved for a writer that is gone, 1 reader',
    word: STARVING_WRITER,
    users: (r) => [thread(r())],
    size: 'small',
  },
  {
    name: 'reserved for a writer that is gone, 1 reader that looks first',
    word: STARVING_WRITER,
    users: (r) => [thread(r(), 1, { looks: true })],
    size: 'small',
  },
  {
    name: 'reserved for readers that are gone, 1 writer that looks first',
    word: STARVING_READER,
    users: (_, w) => [thread(w, 1, { looks: true })],
    size: 'small',
  },
  {
    name: 'reserved for readers that are gone, 1 timed writer',
    word: STARVING_READER,
    users: (_, w) => [thread(w, 1, SURELY)],
    size: 'small',
  },
  {
    name: 'reserved for readers that are gone, 1 writer',
    word: STARVING_READER,
    users: (_, w) => [thread(w)],
    size: 'small',
  },
  {
    name: 'reserved for a writer that is gone, 1 reader × 2',
    word: STARVING_WRITER,
    users: (r) => [successor(r())],
    size: 'small',
  },
  {
    name: 'reserved for a writer that is gone, 1 writer × 2',
    word: STARVING_WRITER,
    users: (_, w) => [successor(w)],
    size: 'small',
  },
  {
    name: 'reserved for readers that are gone, 1 writer × 2',
    word: STARVING_READER,
    users: (_, w) => [successor(w)],
    size: 'small',
  },
  {
    name: '1 reader looks first, 1 writer looks first',
    users: (r, w) => [thread(r(), 1, { looks: true }), thread(w, 1, { looks: true }), thread(w)],
  },
  {
    name: '1 reader, 1 writer × 2, both starve',
    users: (r, w) => [thread(r(), 1, STARVES), thread(w, 2, STARVES)],
    size: 'small',
  },
  {
    name: '1 reader, 1 writer × 2, both starve, nothing lapses',
    users: (r, w) => [thread(r(), 1, STARVES), thread(w, 2, STARVES)],
    prompt: true,
    size: 'small',
  },
  {
    name: '1 reader × 2, 1 writer, both starve, nothing lapses',
    users: (r, w) => [thread(r(), 2, STARVES), thread(w, 1, STARVES)],
    prompt: true,
    size: 'small',
  },
  {
    name: '1 starving writer, 1 greedy writer, nothing lapses',
    users: (_, w) => [starving(w, 'thread'), greedy(w, STARVING_WRITER)],
    prompt: true,
    size: 'small',
  },
  {
    name: '1 starving writing task, 1 greedy writer, nothing lapses',
    users: (_, w) => [starving(w, 'task'), greedy(w, STARVING_WRITER)],
    prompt: true,
    size: 'small',
  },
  {
    name: '1 starving reader, 1 greedy writer, nothing lapses',
    users: (r, w) => [starving(r(), 'thread'), greedy(w, STARVING_READER)],
    prompt: true,
    size: 'small',
  },
  {
    name: '1 starving reading task, 1 greedy writer, nothing lapses',
    users: (r, w) => [starving(r(), 'task'), greedy(w, STARVING_READER)],
    prompt: true,
    size: 'small',
  },
  {
    name: '1 starving writer, 1 greedy reader, nothing lapses',
    users: (r, w) => [starving(w, 'thread'), greedy(r(), STARVING_WRITER)],
    prompt: true,
    size: 'small',
  },
  {
    name: '1 starving writing task, 1 greedy reader, nothing lapses',
    users: (r, w) => [starving(w, 'task'), greedy(r(), STARVING_WRITER)],
    prompt: true,
    size: 'small',
  },
  {
    name: '1 starving writer that gives up, 1 writer, 1 reader, nothing lapses',
    users: (r, w) => [thread(w, 1, BOTH), thread(w), thread(r())],
    prompt: true,
    size: 'medium',
  },
  {
    name: '1 starving reader that gives up, 2 writers, nothing lapses',
    users: (r, w) => [thread(r(), 1, BOTH), thread(w), thread(w)],
    prompt: true,
    size: 'medium',
  },
  {
    name: '1 starving writer that gives up, 2 readers, nothing lapses',
    users: (r, w) => [thread(w, 1, BOTH), thread(r()), thread(r())],
    prompt: true,
    size: 'medium',
  },
  {
    name: '1 reader, 2 writers, all starve, nothing lapses',
    users: (r, w) => [thread(r(), 1, STARVES), thread(w, 1, STARVES), thread(w, 1, STARVES)],
    prompt: true,
    size: 'medium',
    large: true,
  },
  {
    name: '2 readers, 1 writer, all starve, nothing lapses',
    users: (r, w) => [thread(r(), 1, STARVES), thread(r(), 1, STARVES), thread(w, 1, STARVES)],
    prompt: true,
    size: 'medium',
  },
  {
    name: '2 readers, 1 writer, all starve',
    users: (r, w) => [thread(r(), 1, STARVES), thread(r(), 1, STARVES), thread(w, 1, STARVES)],
    size: 'medium',
    large: true,
  },
  {
    name: '1 reader, 2 writers, all starve',
    users: (r, w) => [thread(r(), 1, STARVES), thread(w, 1, STARVES), thread(w, 1, STARVES)],
    large: true,
  },
  {
    name: '1 reader that reads again, 1 starving writer, 1 writer',
    users: (r, w) => [thread(r(1)), thread(w, 1, STARVES), thread(w)],
    size: 'medium',
    large: true,
  },
  {
    name: '2 readers that read again, 1 starving writer',
    users: (r, w) => [thread(r(1)), thread(r(1)), thread(w, 1, STARVES)],
    large: true,
  },
  {
    name: '1 starving timed writer, 2 readers',
    users: (r, w) => [thread(w, 1, BOTH), thread(r()), thread(r())],
    size: 'medium',
    large: true,
  },
  {
    name: '1 starving timed writer, 1 writer, 1 reader',
    users: (r, w) => [thread(w, 1, BOTH), thread(w), thread(r())],
    size: 'medium',
    large: true,
  },
  {
    name: '1 starving timed reader, 1 starving writer, 1 writer',
    users: (r, w) => [thread(r(), 1, BOTH), thread(w, 1, STARVES), thread(w)],
    large: true,
  },
  {
    name: '1 reader × 2, 1 writer × 2, by the two sides',
    users: (_r, _w, lock) => [thread(side(lock, 'readLock'), 2), thread(side(lock, 'writeLock'), 2)],
    size: 'small',
  },
  {
    name: '1 reading and 1 writing task of one agent, 1 writer, by the two sides',
    users: (_r, _w, lock) => [
      tasksApart([side(lock, 'readLock'), side(lock, 'writeLock')]),
      thread(side(lock, 'writeLock')),
    ],
    size: 'medium',
  },
  {
    name: '2 writing tasks of one agent with an object each, 1 reader, by the two sides',
    users: (_r, _w, lock) => [
      tasksApart([side(lock, 'writeLock'), side(lock, 'writeLock')]),
      thread(side(lock, 'readLock')),
    ],
    size: 'medium',
  },
  {
    name: '2 reading tasks of one agent with an object each, 1 writer × 2',
    users: (r, w) => [tasksApart([r(), r()]), thread(w, 2)],
    size: 'medium',
  },
  {
    name: '1 that reads by a task and blocks to read again, 1 starving writer, by the two sides',
    users: (_r, _w, lock) => [doubleReader(lock), thread(side(lock, 'writeLock'), 1, AT_ONCE)],
    prompt: true,
    size: 'small',
  },
  {
    name: '1 writing task that rushes on in microtasks, by the two sides',
    users: (_r, _w, lock) => [rusher(side(lock, 'writeLock'))],
    size: 'small',
  },
  {
    name: '1 writing task among reads that overlap in microtasks',
    users: (_r, _w, lock) => [overlapper(lock)],
    size: 'small',
  },
  { name: '1 reading task, 1 reader, 1 writer', users: (r, w) => [tasks(r()), thread(r()), thread(w)], size: 'medium' },
  {
    name: '1 writing task, 1 reader, 1 writer',
    users: (r, w) => [tasks(w), thread(r()), thread(w)],
    size: 'medium',
    large: true,
  },
  {
    name: '2 writing tasks of one agent, aborted or not, 1 reader',
    users: (r, w) => [tasks(w, 2, { aborts: true }), thread(r())],
    size: 'medium',
  },
  {
    name: '1 starving reading task, 1 starving writer',
    users: (r, w) => [tasks(r(), 1, STARVES), thread(w, 2, STARVES)],
  },
  {
    name: '1 writer dies, 1 reader, 1 writer',
    users: (r, w) => [thread(w), thread(r(), 1, SAFE), thread(w, 1, SAFE)],
    tallies: [1],
    kills: 1,
    size: 'medium',
    large: true,
  },
  {
    name: '1 starving writer dies, 2 readers',
    users: (r, w) => [thread(w, 1, STARVES), thread(r(), 1, SAFE), thread(r(), 1, SAFE)],
    tallies: [1, 2],
    kills: 1,
    large: true,
  },
  {
    name: '1 reader dies, 2 writers',
    users: (r, w) => [thread(r(0, 'dies')), thread(w, 1, SAFE), thread(w, 1, SAFE)],
    tallies: [0],
    kills: 1,
    large: true,
  },
  {
    name: '1 starving reader dies, 1 starving writer × 2',
    users: (r, w) => [thread(r(0, 'dies'), 1, STARVES), thread(w, 2, { ...SAFE, ...STARVES })],
    tallies: [0],
    kills: 1,
    large: true,
  },
  {
    name: '1 reader dies, 1 writer',
    users: (r, w) => [thread(r(0, 'dies')), thread(w, 1, SAFE)],
    tallies: [0],
    kills: 1,
    size: 'small',
  },
  {
    name: '1 reader × 2 that reads again dies, 1 writer',
    users: (r, w) => [thread(r(1, 'dies'), 2), thread(w, 1, SAFE)],
    tallies: [0],
    kills: 1,
    size: 'medium',
  },
  {
    name: '1 reader dies, 1 reader, 1 writer',
    users: (r, w) => [thread(r(0, 'dies')), thread(r(), 1, SAFE), thread(w, 1, SAFE)],
    tallies: [0, 1],
    kills: 1,
    size: 'medium',
    large: true,
  },
  {
    name: '1 reading task dies, 1 writing task',
    users: (r, w) => [tasks(r(0, 'dies')), tasks(w, 1, SAFE)],
    tallies: [0],
    kills: 1,
    size: 'medium',
  },
  {
    name: '1 reader dies, and so does who retires it, 1 writer',
    users: (r, w) => [thread(r(0, 'dies')), thread(w, 1, SAFE)],
    tallies: [0],
    kills: 2,
    size: 'medium',
  },
  {
    name: '1 writer dies and abandons it, 1 recovers',
    users: (_r, w, lock) => [thread(w), recoverer(lock)],
    tallies: [],
    kills: 1,
    onOwnerDeath: 'abandon',
    size: 'small',
  },
  {
    name: '1 writer dies and abandons it, and so does who retires it, 1 recovers',
    users: (_r, w, lock) => [thread(w), recoverer(lock)],
    tallies: [],
    kills: 2,
    onOwnerDeath: 'abandon',
    size: 'medium',
  },
  {
    name: '1 writer dies and abandons it, 1 recovers, 1 reader',
    users: (r, w, lock) => [thread(w), recoverer(lock), thread(r(), 1, SAFE)],
    tallies: [2],
    kills: 1,
    onOwnerDeath: 'abandon',
    size: 'medium',
    large: true,
  },
  {
    name: '1 writer dies and abandons it, 2 recover',
    users: (_r, w, lock) => [thread(w), recoverer(lock), recoverer(lock)],
    tallies: [],
    kills: 1,
    onOwnerDeath: 'abandon',
    size: 'medium',
    large: true,
  },
  {
    name: '1 writer dies and abandons it, 1 reading task, 1 writing task',
    users: (r, w) => [thread(w), tasks(r(), 1, SAFE), tasks(w, 1, SAFE)],
    tallies: [1],
    kills: 1,
    onOwnerDeath: 'abandon',
    large: true,
  },
  {
    name: '1 writing task dies and abandons it, 1 reader, 1 recovering task',
    users: (r, w, lock) => [tasks(w), thread(r(), 1, SAFE), recoveringTask(lock)],
    tallies: [1],
    kills: 1,
    onOwnerDeath: 'abandon',
    large: true,
  },
  {
    name: 'abandoned, 1 repairs and dies, 1 recovers',
    word: WRITE,
    users: (_r, _w, lock) => [repairer(lock), recoverer(lock)],
    tallies: [],
    kills: 1,
    onOwnerDeath: 'abandon',
    size: 'small',
  },
  {
    name: 'abandoned, 1 repairs and dies, and so does who retires it, 1 recovering task',
    word: WRITE,
    users: (_r, _w, lock) => [repairer(lock), recoveringTask(lock)],
    tallies: [],
    kills: 2,
    onOwnerDeath: 'abandon',
    large: true,
  },
];

export const rwlocks: readonly Model[] = programs.map((program) => modelOf('RWLock', program, () => scenario(program)));
