/** Scenarios of a queue's ring: producers, consumers, and what ends them. An item is one word, its number. */

import type { Scenario } from 'atomics-sync-free/check';
import { JoinableQueue, Queue } from 'atomics-sync-free/multiprocessing';
import { allocateBlock, BLOCK_START, GATE } from '#dist/core/memory/cells.js';
import { ASYNC, STARVING, STARVING_TASK } from '#dist/core/memory/owner.js';
import { BELL } from '#dist/core/memory/region.js';
import { leaveFrom, retireFrom } from '#dist/core/memory/sweep.js';
import { beginWay } from '#dist/core/memory/ways.js';
import { Waiting } from '#dist/core/wait/waiting.js';
import { ENDED, NONE, PUT } from '#dist/multiprocessing/ring/outcome.js';
import { getPass } from '#dist/multiprocessing/ring/passes.js';
import { Ring } from '#dist/multiprocessing/ring/ring.js';
import { firstItem, Segments } from '#dist/multiprocessing/ring/segments.js';
import { COUNT, DEATHS, FREED_AT, GET_SIDE, LATCH_WORD, PUT_SIDE, SEEN } from '#dist/multiprocessing/ring/sides.js';
import { leaveGet } from '#dist/multiprocessing/ring/wakes.js';
import { waitTogether } from '#dist/multiprocessing/together.js';
import { accessTo, greedy, type Open, starving, type Ghost as UserGhost } from './users.js';
import {
  type Agent,
  type AgentOptions,
  agentOf,
  type Listing,
  type Model,
  modelOf,
  OUTSIDER,
  WHILE,
  World,
} from './world.js';

type Ghost = 'put' | 'got' | 'sum' | 'missed' | 'joined';
const GHOSTS: Readonly<Record<Ghost, number>> = { put: 0, got: 0, sum: 0, missed: 0, joined: 0 };

/** Offsets in a side's cell. */
const SIDE_WORDS = [
  'gate',
  'tasks',
  'latch',
  '',
  'count!',
  'known!',
  'at0!',
  'at1!',
  'segment0!',
  'segment1!',
  'done',
  'seen',
  'freedAt0!',
  'freedAt1!',
];
/** Words of a segment, besides its items. */
const SEGMENT_EXTRA = 4;
/** Words of an item. */
const ITEM = 4;

/** The word that says whether what an item carries has come, or nobody will have it. */
const carriedBy = (words: Int32Array, item: number): number => words.length - 2 - item;

/** A ring's memory within the arena, so that all of it is explored. */
class SmallSegments extends Segments {
  /** @param carry whether each item carries something, such as an end of a pipe */
  constructor(
    readonly arenaWords: Int32Array,
    limit: number,
    largest: number,
    readonly carry: boolean,
  ) {
    super(new SharedArrayBuffer(0), limit, largest);
    this.look();
  }

  protected override look(): void {
    this.words = this.arenaWords;
  }

  override encode(item: unknown, start: number, end: number): number {
    if (start + 8 > end) return -1;
    Atomics.store(this.words, start / 4, item as number);
    if (this.carry) {
      const at = carriedBy(this.words, item as number);
      beginWay({ way: { words: this.words, at, mask: 1, during: 0, arrived: 1, gates: [] }, keep: () => () => {} });
    }
    return start + 8;
  }

  override leastBytes(): number {
    return 8;
  }

  override decode(start: number): unknown {
    const item = Atomics.load(this.words, start / 4);
    if (this.carry) Atomics.store(this.words, carriedBy(this.words, item), 1);
    return item;
  }

  override discard(start: number): void {
    if (this.carry) this.decode(start);
  }
}

interface Stage {
  readonly world: World<Ghost>;
  /** @param which of several rings; the first by default */
  readonly open: (agent: Agent<Ghost>, which?: number) => Ring;
  /** The cell of the first one's get side. */
  readonly side: number;
}

type User = (stage: Stage) => void;

interface Habits extends AgentOptions<Ghost> {
  readonly timed?: boolean;
  /** Which of several rings; the first by default. */
  readonly ring?: number;
}

const patience = ({ timed = false }: Habits): number => (timed ? WHILE : Number.POSITIVE_INFINITY);

/** Puts these items, one after the other, until it is shut out. */
const producer =
  (items: readonly number[], habits: Habits = {}): User =>
  ({ world, open }) => {
    const { timed, ring, ...options } = habits;
    world.agent({ name: 'producer', ...options }, (agent) => {
      const { producer } = open(agent, ring);
      return items.map((item) => () => {
        const outcome = producer.put(item, patience(habits));
        if (outcome === NONE && !timed) throw new Error('a wait without end has ended');
        agent.thread.ghost.add(outcome === PUT ? 'put' : 'missed', 1);
      });
    });
  };

/** Puts these items, and wakes nobody before the last. */
const owing =
  (items: readonly number[]): User =>
  ({ world, open }) => {
    world.agent({ name: 'producer', ...SAFE }, (agent) => {
      const { producer } = open(agent);
      const puts = items.map((item) => () => {
        producer.put(item, Number.POSITIVE_INFINITY, true);
        agent.thread.ghost.add('put', 1);
      });
      return [...puts, () => producer.wake()];
    });
  };

/** Takes so many items. */
const consumer =
  (count: number, habits: Habits = {}): User =>
  ({ world, open }) => {
    const { timed, ring, ...options } = habits;
    world.agent({ name: 'consumer', ...options }, (agent) => {
      const { consumer } = open(agent, ring);
      return Array.from({ length: count }, () => () => {
        const item = consumer.get(patience(habits));
        if (item === NONE && !timed) throw new Error('a wait without end has ended');
        if (typeof item !== 'number') {
          agent.thread.ghost.add('missed', 1);
          return;
        }
        agent.thread.ghost.add('got', 1);
        agent.thread.ghost.add('sum', item);
      });
    });
  };

/** Takes items, and is done with each: what JoinableQueue.taskDone does. */
const finisher =
  (count: number, habits: Habits = {}): User =>
  ({ world, open }) => {
    world.agent({ name: 'consumer', records: 'links', ...habits }, (agent) => {
      const ring = open(agent);
      const { consumer } = ring;
      return Array.from({ length: count }, () => () => {
        const item = consumer.get(Number.POSITIVE_INFINITY);
        if (typeof item !== 'number') return;
        ring.finish();
        agent.thread.ghost.add('got', 1);
        agent.thread.ghost.add('sum', item);
      });
    });
  };

/** Takes an item in time, or not, and puts it back. */
const borrower: User = ({ world, open }) => {
  world.agent({ name: 'borrower' }, (agent) => {
    const { consumer, producer } = open(agent);
    return [
      () => {
        const item = consumer.get(WHILE);
        if (typeof item === 'number') producer.put(item, Number.POSITIVE_INFINITY);
      },
    ];
  });
};

/** Takes an item if there is one, and leaves, not done with it. */
const leaver =
  (habits: Habits = {}): User =>
  ({ world, open }) => {
    world.agent({ name: 'leaver', records: 'links', ...habits }, (agent) => {
      const { consumer } = open(agent);
      return [() => void consumer.get(WHILE), () => leaveFrom(agent.words, agent.arena.member.agent)];
    });
  };

/** Takes an item by a task, and so many of them at once. */
const consumingTasks =
  (count: number, habits: Habits = {}): User =>
  ({ world, open }) => {
    const { timed, ...options } = habits;
    world.agent({ name: 'tasks', ...options }, (agent) => {
      const { consumer } = open(agent);
      let left = count;
      const one = () =>
        consumer.getAsync({ timeout: patience(habits) }).then((item) => {
          if (typeof item === 'number') {
            agent.thread.ghost.add('got', 1);
            agent.thread.ghost.add('sum', item);
          } else {
            agent.thread.ghost.add('missed', 1);
          }
          if (--left === 0) agent.thread.abandonWaits();
        });
      return [
        () => {
          for (let i = 0; i < count; i++) one();
        },
      ];
    });
  };

/** Takes items one after the other, which must come in this order, and then the end. */
const reader =
  (items: readonly unknown[]): User =>
  ({ world, open }) => {
    world.agent({ name: 'reader' }, (agent) => {
      const { consumer } = open(agent);
      return [...items, ENDED].map((expected) => () => {
        const item = consumer.get(Number.POSITIVE_INFINITY);
        if (item !== expected) throw new Error(`${String(item)} came instead of ${String(expected)}`);
        if (item !== ENDED) agent.thread.ghost.add('got', 1);
      });
    });
  };

/** Takes items until the end, and is done with each. */
const untilEnd =
  (habits: Habits = {}): User =>
  ({ world, open }) => {
    world.agent({ name: 'reader', ...habits }, (agent) => {
      const ring = open(agent);
      const { consumer } = ring;
      const next = (): void => {
        // Where items stay until they are done, it has a record from the first one on.
        for (let enlisted = false; ; enlisted = consumer.keeps) {
          agent.arena.mark('next', enlisted);
          const item = consumer.get(Number.POSITIVE_INFINITY);
          if (item === ENDED) return;
          if (consumer.keeps) ring.finish();
          agent.thread.ghost.add('got', 1);
          agent.thread.ghost.add('sum', item as number);
          Atomics.load(agent.words, agent.words.length - 1);
        }
      };
      return [next];
    });
  };

/** Puts these items, and shuts the ring after the last. */
const shutting =
  (items: readonly number[], habits: Habits = {}): User =>
  ({ world, open }) => {
    world.agent({ name: 'producer', ...habits }, (agent) => {
      const ring = open(agent);
      const puts = items.map((item) => () => {
        if (ring.producer.put(item, Number.POSITIVE_INFINITY) === PUT) agent.thread.ghost.add('put', 1);
      });
      return [...puts, () => ring.shut(false)];
    });
  };

/** Waits for an item without taking it. */
const onlooker =
  (): User =>
  ({ world, open }) => {
    world.agent({ name: 'onlooker' }, (agent) => {
      const { consumer } = open(agent);
      return [
        () => {
          consumer.look(Number.POSITIVE_INFINITY);
        },
      ];
    });
  };

/** Waits until something is there in one of these rings, two by default, and takes it. */
const listener =
  (habits: Habits = {}, rings: readonly number[] = [0, 1]): User =>
  ({ world, open }) => {
    world.agent({ name: 'listener', ...habits }, (agent) => {
      const consumers = rings.map((which) => open(agent, which).consumer);
      return [
        () => {
          const parts = consumers.map(({ together }) => together);
          if (!waitTogether(parts, Number.POSITIVE_INFINITY)) throw new Error('a wait without end has ended');
          const item = consumers.map((consumer) => consumer.get(0)).find((item) => typeof item === 'number');
          if (item === undefined) return;
          agent.thread.ghost.add('got', 1);
          agent.thread.ghost.add('sum', item as number);
        },
      ];
    });
  };

/** Puts an item if that is possible at once. */
const putTrier =
  (item: number): User =>
  ({ world, open }) => {
    world.agent({ name: 'trier' }, (agent) => {
      const { producer } = open(agent);
      return [() => agent.thread.ghost.add(producer.put(item, 0) === PUT ? 'put' : 'missed', 1)];
    });
  };

/** Takes an item if that is possible at once. */
const getTrier: User = ({ world, open }) => {
  world.agent({ name: 'trier' }, (agent) => {
    const { consumer } = open(agent);
    return [() => agent.thread.ghost.add(typeof consumer.get(0) === 'number' ? 'got' : 'missed', 1)];
  });
};

/** Says that an item is done, whoever has taken it. */
const counter: User = ({ world, open }) => {
  world.agent({ name: 'counter' }, (agent) => {
    const ring = open(agent);
    return [() => agent.thread.ghost.add(ring.finish() ? 'got' : 'missed', 1)];
  });
};

/** Waits until all is done, which is not so before this many items were taken. */
const joins =
  (least: number): User =>
  ({ world, open, side }) => {
    world.agent({ name: 'joiner' }, (agent) => {
      const { joining } = open(agent).ledger;
      return [
        () => {
          joining.wait(Number.POSITIVE_INFINITY);
          const taken = Atomics.load(agent.words, side + COUNT);
          if (taken < least) throw new Error(`all is done, and only ${taken} were taken`);
        },
      ];
    });
  };

/** Waits until all is done, where nothing is put meanwhile, and shuts the ring. */
const joiner =
  (): User =>
  ({ world, open }) => {
    world.agent({ name: 'joiner', ...SAFE }, (agent) => {
      const ring = open(agent);
      const { joining } = ring.ledger;
      return [
        () => {
          if (!joining.wait(Number.POSITIVE_INFINITY)) throw new Error('a wait without end has ended');
          if (!ring.ledger.isAllDone) throw new Error('not all is done');
          agent.thread.ghost.add('joined', 1);
        },
        () => ring.shut(false),
      ];
    });
  };

/** Puts items, one after the other, and waits until all are done. */
const puttingJoiner =
  (items: readonly number[]): User =>
  ({ world, open, side }) => {
    world.agent({ name: 'producer' }, (agent) => {
      const { producer, ledger } = open(agent);
      return [
        ...items.map((item) => () => void producer.put(item, Number.POSITIVE_INFINITY)),
        () => {
          ledger.joining.wait(Number.POSITIVE_INFINITY);
          const taken = Atomics.load(agent.words, side + COUNT);
          if (taken !== items.length) throw new Error(`all is done of ${items.length} items, and ${taken} were taken`);
        },
      ];
    });
  };

const closer =
  (drop: boolean, { ring: which, ...options }: Habits = SAFE): User =>
  ({ world, open }) => {
    world.agent({ name: 'closer', ...options }, (agent) => {
      const ring = open(agent, which);
      return [() => ring.shut(drop)];
    });
  };

/** Does with the get side's latch what others do with a lock; the items stay. */
const withLatch =
  (use: (open: Open) => (world: World<UserGhost>) => void): User =>
  ({ world, side }) => {
    const spare = world.arena.words.length - 1;
    world.name(0, { [spare]: 'spare' });
    const open: Open = ({ arena: { member } }) => {
      const waiting = new Waiting({ label: 'Queue#0' }, member, getPass, side, side + GATE);
      const latch = {
        acquire: (timeout: number) => waiting.wait(timeout),
        tryAcquire: () => waiting.attempt(),
        acquireAsync: (options: object) => waiting.waitAsync(options),
      };
      const at = { word: side + LATCH_WORD, spare, ghost: 'inside' } as const;
      return accessTo(latch, () => leaveGet(member, side, member.ownerWord), at);
    };
    use(open)(world as unknown as World<UserGhost>);
  };

const reaper: User = ({ world }) =>
  world.other('reaper', ({ words }, own) => {
    retireFrom(words, agentOf(own.joinDead()), OUTSIDER);
  });

interface Program extends Listing {
  readonly users: readonly User[];
  readonly maxSize?: number;
  /** How many rings there are; 1 by default. */
  readonly count?: number;
  /** Whether somebody listens; with several rings, somebody does. */
  readonly listens?: boolean;
  /** Items that each of two segments holds, where there may be no more segments. */
  readonly items?: number;
  readonly kills?: number;
  /** Items stay until they are done. */
  readonly ack?: boolean;
  /** Items carry something, which must not be left on its way at the end. */
  readonly carry?: boolean;
  /** Items are counted when they are done; also where they stay. */
  readonly counts?: boolean;
  /** Whether an agent that had items has died before, and everybody knows. */
  readonly mourned?: boolean;
  readonly prompt?: boolean;
  /** Items that are there from the beginning. */
  readonly filled?: readonly number[];
  /** How many of them are done. */
  readonly done?: number;
  /** Bits that the latches have at first: of the get side, and of the put side. */
  readonly bits?: number;
  readonly putBits?: number;
  /** Whether it is shut from the beginning. */
  readonly shut?: boolean;
  /**
   * @param left how many items are there at the end
   * @param carried of an item, 1 where what it carries has come, or nobody will have it
   */
  readonly final?: (
    values: Readonly<Record<Ghost, number>>,
    left: number,
    carried: (item: number) => number,
  ) => boolean | string;
}

interface SmallRing {
  /** The indices of its sides' cells. */
  readonly put: number;
  readonly get: number;
  /** Counts the agents that had items and died. */
  readonly deaths: number;
  readonly open: (member: Agent<Ghost>['arena']['member']) => Ring;
}

/** The ring of a queue, with two segments in the arena for so many items each. */
function smallRing(world: World<Ghost>, { cell }: Queue, items: number, which: number, carry: boolean): SmallRing {
  const { words } = world.arena;
  const of = which === 0 ? '' : `${which}: `;
  const size = items * ITEM + SEGMENT_EXTRA;
  const base = allocateBlock(words, 2 * size) + BLOCK_START;
  const segments = [base, base + size];
  segments.forEach((segment, i) => {
    words[segment] = segment + size - 2;
    words[segment + 1] = segments[1 - i];
    for (let at = segment; at < segment + size; at++)
      world.name(0, at >= segment + 2 ? { [at]: `${of}m${at - base}!` } : {});
  });
  const sides = { put: words[cell + PUT_SIDE], get: words[cell + GET_SIDE] };
  for (const [name, side] of Object.entries(sides)) {
    for (const [i, word] of SIDE_WORDS.entries())
      if (word !== '') world.name(side, { [i + 1]: `${of}${name} ${word}` });
  }
  const own = { 1: 'done gate', 2: 'done tasks', 3: 'bytes gate', 4: 'bytes tasks', 5: 'state', 12: 'deaths' };
  for (const [word, name] of Object.entries(own)) world.name(cell, { [word]: `${of}${name}` });
  words[sides.put + 9] = base;
  words[sides.put + 7] = firstItem(base);
  words[sides.put + FREED_AT] = firstItem(base);
  words[sides.get + 7] = firstItem(base);
  const limit = base + 2 * size;
  const open: SmallRing['open'] = (member) =>
    new Ring({ label: 'Queue#0' }, member, cell, new SmallSegments(member.words, limit, size, carry));
  return { ...sides, deaths: cell + DEATHS, open };
}

function scenario({
  users,
  count = 1,
  listens = count > 1,
  maxSize = 0,
  items = 4,
  kills = 0,
  ack = false,
  carry = false,
  counts = ack,
  mourned = false,
  prompt = false,
  filled = [],
  done = 0,
  bits = 0,
  putBits = 0,
  shut = false,
  final,
}: Program): Scenario<string, string> {
  const world = new World<Ghost>(5);
  const { arena } = world;
  const rings = Array.from({ length: count }, (_, which) =>
    smallRing(
      world,
      counts ? new JoinableQueue(maxSize, { arena, ack }) : new Queue(maxSize, { arena }),
      items,
      which,
      carry,
    ),
  );
  const [{ put, get, open }] = rings;
  if (listens) world.name(0, { [BELL]: 'bell' });
  if (carry) for (const item of [1, 2]) world.name(0, { [carriedBy(arena.words, item)]: `carried ${item}` });
  const stage: Stage = { world, open: ({ arena }, which = 0) => rings[which].open(arena.member), side: get };
  const first = open(arena.member);
  for (const item of filled) first.producer.put(item, 0);
  for (let i = 0; i < done; i++) {
    first.consumer.get(0);
    first.finish();
  }
  if (mourned) for (const word of [rings[0].deaths, get + SEEN]) Atomics.store(arena.words, word, 1);
  Atomics.or(arena.words, get + LATCH_WORD, bits);
  Atomics.or(arena.words, put + LATCH_WORD, putBits);
  if (shut) first.shut(false);
  for (const user of users) user(stage);
  if (kills > 0) reaper(stage);
  return world.scenario({
    ghosts: GHOSTS,
    kills,
    timeouts: !prompt,
    ...(maxSize > 0 && {
      invariant: (_, { word }) => word(put + COUNT) - word(get + COUNT) <= maxSize || `more than ${maxSize} are there`,
    }),
    final: (values, { word }) =>
      final?.(values as Readonly<Record<Ghost, number>>, word(put + COUNT) - word(get + COUNT), (item) =>
        word(carriedBy(arena.words, item)),
      ) ?? true,
  });
}

const all =
  (count: number, sum: number) =>
  ({ got, sum: had }: Readonly<Record<Ghost, number>>): boolean | string =>
    (got === count && had === sum) || `${got} items came, of sum ${had}`;

/** What was put is there once, taken or not; an agent that was killed may have taken one that nobody counted. */
const nothingTwice =
  (numbers: number, lost: number) =>
  ({ got }: Readonly<Record<Ghost, number>>, left: number): boolean | string =>
    (got + left <= numbers && got + left >= numbers - lost) || `${got} items came, ${left} are left`;

const SAFE = { killable: false } as const;
const TIMED = { timed: true } as const;
const STARVES = { starves: true } as const;
const AT_ONCE = { starves: 'at once' } as const;
const LOOKS = { looks: true } as const;

const programs: readonly Program[] = [
  {
    name: '1 producer × 2, 1 consumer × 2',
    users: [producer([1, 2]), consumer(2)],
    final: all(2, 3),
    size: 'small',
  },
  {
    name: '1 producer × 3 beyond the end of a segment, 1 reader in order, shut at the end',
    users: [shutting([1, 2, 3]), reader([1, 2, 3])],
    items: 2,
  },
  {
    name: '1 producer × 3, room for 2: it waits for bytes',
    users: [producer([1, 2, 3]), consumer(3)],
    items: 1,
    final: all(3, 6),
    size: 'small',
    bound: 2,
  },
  {
    name: 'a bound of 1, 1 producer × 2, 1 consumer × 2',
    users: [producer([1, 2]), consumer(2)],
    maxSize: 1,
    final: all(2, 3),
    size: 'medium',
  },
  {
    name: '1 producer × 2, 2 consumers',
    users: [producer([1, 2]), consumer(1), consumer(1)],
    final: all(2, 3),
    large: true,
  },
  {
    name: '1 producer × 2, 2 consumers: few preemptions',
    users: [producer([1, 2]), consumer(1), consumer(1)],
    final: all(2, 3),
    size: 'medium',
    bound: 2,
  },
  {
    name: '2 producers, 1 consumer × 2',
    users: [producer([1]), producer([2]), consumer(2)],
    final: all(2, 3),
    large: true,
  },
  {
    name: 'a bound of 1, 2 producers, 1 consumer × 2: few preemptions',
    users: [producer([1]), producer([2]), consumer(2)],
    maxSize: 1,
    final: all(2, 3),
    size: 'medium',
    bound: 2,
  },
  {
    name: '2 items there, 3 consumers of which 1 is timed, 1 producer',
    users: [consumer(1), consumer(1), consumer(1, TIMED), producer([4])],
    filled: [1, 2],
    final: ({ got, missed }) => got + missed === 3 && got >= 2,
    large: true,
  },
  {
    name: '2 consumers, 1 of them timed, 1 producer × 2: few preemptions',
    users: [consumer(1), consumer(1, TIMED), producer([1, 2])],
    final: ({ got, missed }) => got + missed === 2 && got >= 1,
    size: 'medium',
    bound: 2,
  },
  {
    name: '1 looks on, 1 consumer, 1 producer × 2: few preemptions',
    users: [onlooker(), consumer(1), producer([1, 2])],
    final: all(1, 1),
    size: 'small',
    bound: 2,
  },
  {
    name: '2 that starve, 1 producer × 2, nothing lapses',
    users: [consumer(1, STARVES), consumer(1, STARVES), producer([1, 2])],
    prompt: true,
    final: all(2, 3),
    large: true,
  },
  {
    name: '3 items there, 3 consumers: few preemptions',
    users: [consumer(1), consumer(1), consumer(1)],
    filled: [1, 2, 4],
    final: all(3, 7),
    size: 'medium',
    bound: 2,
  },
  {
    name: '3 items there, 3 consumers, 1 of them starves, nothing lapses: few preemptions',
    users: [consumer(1, AT_ONCE), consumer(1, LOOKS), consumer(1)],
    filled: [1, 2, 4],
    prompt: true,
    final: all(3, 7),
    size: 'medium',
    bound: 2,
  },
  {
    name: '3 items there, 3 consumers, 1 of them starves and is timed: few preemptions',
    users: [consumer(1, { ...AT_ONCE, ...TIMED }), consumer(1), consumer(1)],
    filled: [1, 2, 4],
    final: ({ got, missed }) => got + missed === 3 && got >= 2,
    size: 'medium',
    bound: 2,
  },
  {
    name: '3 items there, 3 consumers, 1 of them starves and gives up, nothing lapses: few preemptions',
    users: [consumer(1, { ...AT_ONCE, ...TIMED }), consumer(1), consumer(1)],
    filled: [1, 2, 4],
    prompt: true,
    final: ({ got, missed }) => got + missed === 3 && got >= 2,
    size: 'medium',
    bound: 2,
  },
  {
    name: '1 item there, 1 task, 1 consumer, 1 producer: few preemptions',
    users: [consumingTasks(1), consumer(1), producer([2])],
    filled: [1],
    final: all(2, 3),
    size: 'medium',
    bound: 2,
  },
  {
    name: 'shut, 1 item there, 3 consumers: few preemptions',
    users: [consumer(1), consumer(1), consumer(1)],
    filled: [1],
    shut: true,
    final: ({ got, missed }) => got === 1 && missed === 2,
    size: 'medium',
    bound: 2,
  },
  {
    name: '1 item there, reserved for a task that is gone, 1 consumer',
    users: [consumer(1)],
    filled: [1],
    bits: STARVING_TASK,
    final: all(1, 1),
    size: 'small',
  },
  {
    name: '1 item there, reserved for a task that is gone, 1 that looks first, 1 producer',
    users: [consumer(1, LOOKS), consumer(1), producer([2])],
    filled: [1],
    bits: STARVING_TASK | ASYNC,
    final: all(2, 3),
    size: 'medium',
    bound: 2,
  },
  {
    name: '1 borrows in time, 1 consumer, 1 producer, when a starving task is gone: few preemptions',
    users: [borrower, consumer(1), producer([1])],
    bits: STARVING_TASK | ASYNC,
    final: all(1, 1),
    size: 'medium',
    bound: 2,
  },
  {
    name: '1 item there, reserved, 1 that only tries',
    users: [getTrier],
    filled: [1],
    bits: STARVING_TASK,
    final: ({ got }) => got === 1,
    size: 'small',
  },
  {
    name: 'room for it, reserved, 1 that only tries',
    users: [putTrier(1)],
    putBits: STARVING_TASK,
    final: ({ put }) => put === 1,
    size: 'small',
  },
  {
    name: '1 item, 2 say that it is done',
    users: [counter, counter],
    filled: [1],
    counts: true,
    final: ({ got }) => got === 1,
    size: 'small',
  },
  {
    name: '2 items, 2 say that one is done, 1 joins: few preemptions',
    users: [counter, counter, joiner()],
    filled: [1, 2],
    counts: true,
    final: ({ got, joined }) => got === 2 && joined === 1,
    size: 'small',
    bound: 2,
  },
  {
    name: '1 item there, 1 starves, 1 is greedy, nothing lapses',
    users: [withLatch((open) => starving(open, 'thread')), withLatch((open) => greedy(open, STARVING))],
    filled: [1],
    prompt: true,
    size: 'small',
  },
  {
    name: '1 item there, 1 task starves, 1 is greedy, nothing lapses',
    users: [withLatch((open) => starving(open, 'task')), withLatch((open) => greedy(open, STARVING_TASK))],
    filled: [1],
    prompt: true,
    size: 'small',
  },
  {
    name: '1 producer × 2 that wakes once, 1 consumer × 2',
    users: [owing([1, 2]), consumer(2)],
    final: all(2, 3),
    size: 'small',
  },
  {
    name: '1 producer × 2 that wakes once, 2 consumers: few preemptions',
    users: [owing([1, 2]), consumer(1), consumer(1)],
    final: all(2, 3),
    size: 'medium',
    bound: 2,
  },
  {
    name: '1 producer × 2 that wakes once, 2 tasks of one agent: few preemptions',
    users: [owing([1, 2]), consumingTasks(2)],
    final: all(2, 3),
    size: 'medium',
    bound: 2,
  },
  {
    name: '2 tasks of one agent, 1 producer × 2: few preemptions',
    users: [consumingTasks(2), producer([1, 2])],
    final: all(2, 3),
    size: 'small',
    bound: 2,
  },
  {
    name: '2 tasks of one agent, 1 consumer, 1 producer × 3',
    users: [consumingTasks(2), consumer(1), producer([1, 2, 3])],
    final: all(3, 6),
    large: true,
  },
  {
    name: 'shut while 1 puts and 1 reads: few preemptions',
    users: [producer([1]), untilEnd(), closer(false)],
    final: ({ put, got }) => put === got || `${put} were put, ${got} came`,
    size: 'small',
    bound: 2,
  },
  {
    name: 'shut while 1 puts and 2 read',
    users: [producer([1]), untilEnd(), untilEnd(), closer(false)],
    final: ({ put, got }) => put === got || `${put} were put, ${got} came`,
    large: true,
  },
  {
    name: 'dropped while 1 waits for room, 1 item there, and 1 reads',
    users: [producer([1]), untilEnd(), closer(true)],
    maxSize: 1,
    filled: [2],
    final: ({ put, missed }) => put + missed === 1,
    size: 'medium',
    bound: 2,
  },
  {
    name: 'dropped while 1 puts, 1 item there, and 1 reads: what items carry is left to nobody',
    users: [producer([1], SAFE), untilEnd(SAFE), closer(true)],
    filled: [2],
    carry: true,
    final: ({ put, missed }, _, carried) => put + missed === 1 && carried(1) === put && carried(2) === 1,
    size: 'medium',
    bound: 2,
  },
  {
    name: '1 consumer dies, 1 consumer, 1 producer × 2: few preemptions',
    users: [consumer(1), untilEnd(SAFE), shutting([1, 2], SAFE)],
    kills: 1,
    final: nothingTwice(2, 1),
    size: 'medium',
    bound: 1,
  },
  {
    name: '1 producer dies, 1 producer, 1 consumer, then shut: few preemptions',
    users: [producer([1]), shutting([2], SAFE), untilEnd(SAFE)],
    kills: 1,
    final: ({ got, sum }) => (got >= 1 && sum >= 2 && sum <= 3) || `${got} came, of sum ${sum}`,
    size: 'medium',
    bound: 1,
  },
  {
    name: '1 producer dies, which waits for bytes, 1 reads until shut: few preemptions',
    users: [producer([1]), untilEnd(SAFE), closer(false)],
    items: 1,
    filled: [4, 8],
    kills: 1,
    final: ({ sum }) => (sum & 12) === 12 || `the sum is ${sum}`,
    size: 'medium',
    bound: 1,
  },
  {
    name: 'items stay until they are done: 1 producer × 3, room for 2, 1 consumer: few preemptions',
    users: [producer([1, 2, 3]), finisher(3)],
    items: 1,
    ack: true,
    final: all(3, 6),
    size: 'small',
    bound: 1,
  },
  {
    name: 'items stay until they are done: 1 producer × 6, room for 2, 1 consumer: few preemptions',
    users: [producer([1, 2, 4, 8, 16, 32]), finisher(6)],
    items: 1,
    ack: true,
    final: all(6, 63),
    size: 'small',
    bound: 1,
  },
  {
    name: 'items stay until they are done: 1 producer × 7, room for 4, 1 consumer: few preemptions',
    users: [producer([1, 2, 4, 8, 16, 32, 64]), finisher(7)],
    items: 2,
    ack: true,
    final: all(7, 127),
    size: 'small',
    bound: 1,
  },
  {
    name: 'items stay until they are done, 1 has died: 1 producer × 3 that joins, room for 2, 1 consumer: few preemptions',
    users: [puttingJoiner([1, 2, 4]), finisher(3)],
    items: 1,
    ack: true,
    mourned: true,
    final: all(3, 7),
    size: 'small',
    bound: 1,
  },
  {
    name: 'items stay until they are done, 1 has died: 3 of 4 are done, 1 producer in their room, 1 consumer × 2, 1 joins',
    users: [producer([16]), finisher(2), joins(4)],
    items: 2,
    filled: [1, 2, 4, 8],
    done: 3,
    ack: true,
    mourned: true,
    final: all(2, 24),
    size: 'medium',
    bound: 1,
  },
  {
    name: '1 takes an item and leaves, or dies on the way, 1 waits for it: few preemptions',
    users: [leaver(), finisher(1, SAFE)],
    filled: [1],
    ack: true,
    kills: 1,
    final: all(1, 1),
    size: 'medium',
    bound: 1,
  },
  {
    name: 'items stay until they are done: 1 dies anywhere, 1 takes what is left, 1 joins',
    users: [finisher(1), untilEnd({ records: 'links', keeps: 'past', ...SAFE }), joiner()],
    filled: [1],
    ack: true,
    kills: 1,
    final: ({ joined }) => joined === 1,
    size: 'medium',
    bound: 0,
  },
  {
    name: 'items stay until they are done: 1 dies anywhere, 1 takes what is left, 1 producer × 2 in its room: no preemptions but by death',
    users: [finisher(1), untilEnd({ records: 'links', keeps: 'past', ...SAFE }), shutting([2, 4], SAFE)],
    items: 1,
    filled: [1],
    ack: true,
    kills: 1,
    final: nothingTwice(3, 1),
    size: 'medium',
    bound: 0,
  },
  {
    name: '1 listens to 2, 1 producer for each: few preemptions',
    users: [listener(), producer([1]), producer([2], { ring: 1 })],
    count: 2,
    final: ({ got }) => got === 1,
    size: 'medium',
    bound: 1,
  },
  {
    name: '1 listens to 2, 1 consumer of the second, 1 producer × 2 for it',
    users: [listener(), consumer(1, { ring: 1 }), producer([1, 2], { ring: 1 })],
    count: 2,
    final: ({ got }) => got >= 1,
    large: true,
  },
  {
    name: '2 listen, 1 producer × 2: few preemptions',
    users: [listener({}, [0]), listener({}, [0]), producer([1, 2])],
    listens: true,
    final: ({ got }) => got >= 1,
    size: 'medium',
    bound: 2,
  },
  {
    name: '1 listens to 2, the second is shut',
    users: [listener(), closer(false, { ring: 1 })],
    count: 2,
    size: 'small',
  },
  {
    name: '1 listens to 2, 1 producer of the second may die, 1 more: no preemptions but by death',
    users: [listener(SAFE), producer([1], { ring: 1 }), producer([2], { ring: 1, ...SAFE })],
    count: 2,
    kills: 1,
    final: ({ got }) => got === 1,
    size: 'medium',
    bound: 0,
  },
  {
    name: '1 takes an item and leaves, 1 waits for it',
    users: [leaver(SAFE), finisher(1, SAFE)],
    filled: [1],
    ack: true,
    final: all(1, 1),
    large: true,
  },
];

export const queues: readonly Model[] = programs.map((program) => modelOf('Queue', program, () => scenario(program)));
