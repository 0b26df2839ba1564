/**
 * Scenarios of Condition in which an agent dies, at any access: while it waits, notified or not, or as the holder of the
 * lock, in the middle of changing the list.
 *
 * Waiters wait until it is closed. Whoever closes it notifies all; when somebody has died, it is closed once more by one
 * that has recovered the lock. So a waiter that is missing from the list waits for ever.
 */
import { Condition, Lock, OwnerDiedError, RLock } from 'atomics-sync-free';
import type { Scenario } from 'atomics-sync-free/check';
import { GATE } from '#dist/core/memory/cells.js';
import { countBehind } from '#dist/core/memory/death.js';
import { ABANDONED, agentIn, ownerOf } from '#dist/core/memory/owner.js';
import { DEAD } from '#dist/core/memory/records.js';
import type { Hold } from '#dist/sync/hold.js';
import { WORD } from '#dist/sync/mutex.js';
import { CHANGING, FIRST, LAST_IN, OWED } from './condition.model.js';
import {
  type Agent,
  type AgentOptions,
  agentOf,
  busyRecord,
  type Listing,
  type Model,
  modelOf,
  retireDead,
  WHILE,
  World,
} from './world.js';

/** A word of the condition's cell that the scenario uses for itself, under the lock. */
const CLOSED = 9;
const WHO = WORD + 2;
const SINCE = WORD + 3;
const INSIDE = ['inside0', 'inside1', 'inside2', 'inside3', 'inside4'] as const;

type Ghost = (typeof INSIDE)[number] | 'called' | 'notified';
type Guard = Lock | RLock;
type User = (world: World<Ghost>, condition: Condition<Guard>) => void;

/** One agent's view of the condition and of what it guards. */
class Post {
  readonly condition: Condition<Guard>;
  readonly #agent: Agent<Ghost>;
  readonly #closed: number;

  constructor(agent: Agent<Ghost>, condition: Condition<Guard>) {
    this.condition = agent.attach<Condition<Guard>>(Condition, condition);
    this.#agent = agent;
    this.#closed = condition.cell + CLOSED;
  }

  /** Is inside for one access. */
  isClosed(): boolean {
    const { thread, words, index } = this.#agent;
    thread.ghost.add(INSIDE[index], 1);
    const closed = Atomics.load(words, this.#closed) !== 0;
    thread.ghost.add(INSIDE[index], -1);
    return closed;
  }

  /** Holds the lock, an RLock twice. */
  run(fn: () => void): void {
    if (this.condition.lock instanceof RLock) this.condition.run(() => this.condition.run(fn));
    else this.condition.run(fn);
  }

  waited(notified: boolean): void {
    if (notified) this.#agent.thread.ghost.add('notified', 1);
    this.isClosed();
  }

  /** Notifies; `closes`: after saying that it is closed. */
  notify(n: number, closes: boolean): void {
    this.run(() => {
      this.#agent.arena.mark('notifies');
      if (closes) Atomics.store(this.#agent.words, this.#closed, 1);
      this.#agent.thread.ghost.add('called', Math.min(n, MANY));
      this.isClosed();
      if (n === Number.POSITIVE_INFINITY) this.condition.notifyAll();
      else this.condition.notify(n);
    });
  }

  recover(): void {
    this.condition.lock.recover(() => {
      this.isClosed();
    });
  }

  /** Closes it, whatever happens. */
  close(): void {
    for (let done = false; !done; ) {
      try {
        this.notify(Number.POSITIVE_INFINITY, true);
        done = true;
      } catch (error) {
        told(error);
        this.#agent.arena.mark('told');
        this.recover();
      }
    }
  }
}

/** How many notifications are as good as any number. */
const MANY = 10;

/** Ignores the error that the holder of the lock died. */
function told(error: unknown): void {
  if (!(error instanceof OwnerDiedError)) throw error;
}

interface Habits extends AgentOptions<Ghost> {
  readonly timed?: boolean;
  /** Does not say by which hold it has the lock, which it need not if that is a Lock. */
  readonly bare?: boolean;
}

const patience = (timed = false): number => (timed ? WHILE : Number.POSITIVE_INFINITY);

/** Waits until it is closed, or is told that the holder of the lock died. */
const waiter =
  (habits: Habits = {}): User =>
  (world, condition) =>
    world.agent({ name: 'waiter', keeps: 'last', records: 'links', ...habits }, (agent) => {
      const post = new Post(agent, condition);
      return [
        () => {
          try {
            post.run(() => {
              agent.arena.mark('acquired');
              if (post.isClosed()) return;
              const notified = post.condition.wait(patience(habits.timed));
              if (!habits.timed && !notified) throw new Error('its time is not limited, and was up');
              post.waited(notified);
            });
          } catch (error) {
            told(error);
          }
        },
      ];
    });

/** An async task that does so. */
const task =
  (habits: Habits = {}): User =>
  (world, condition) =>
    world.agent({ name: 'task', records: 'links', ...habits }, (agent) => {
      const post = new Post(agent, condition);
      const wait = (hold: Hold): unknown => {
        if (post.isClosed()) return undefined;
        // biome-ignore lint/suspicious/noExplicitAny: the hold is of whichever lock it is
        const options = { timeout: patience(habits.timed), ...(habits.bare ? {} : { hold }) } as any;
        return post.condition.waitAsync(options).then((notified) => post.waited(notified));
      };
      return [
        () => {
          post.condition.lock
            .holdAsync()
            .then((hold) =>
              Promise.resolve(hold)
                .then(wait)
                .then(
                  () => hold.release(),
                  (error) => {
                    // What `runAsync` does: a hold that was lost gives nothing back.
                    hold.release();
                    throw error;
                  },
                ),
            )
            .then(() => undefined, told)
            .then(() => agent.thread.abandonWaits());
        },
      ];
    });

/** Closes it. */
const closer =
  (habits: Habits = {}): User =>
  (world, condition) =>
    world.agent({ name: 'closer', ...habits }, (agent) => {
      const post = new Post(agent, condition);
      return [() => post.close()];
    });

/** Notifies n waiters. */
const notifier =
  (n: number, habits: Habits = {}): User =>
  (world, condition) =>
    world.agent({ name: 'notifier', ...habits }, (agent) => {
      const post = new Post(agent, condition);
      return [
        () => {
          try {
            post.notify(n, false);
          } catch (error) {
            told(error);
          }
        },
      ];
    });

/** Holds the lock for a while, and nothing more. */
const holder =
  (habits: Habits = {}): User =>
  (world, condition) =>
    world.agent({ name: 'holder', ...habits }, (agent) => {
      const post = new Post(agent, condition);
      return [
        () => {
          post.run(() => {
            post.isClosed();
          });
        },
      ];
    });

/** Retires a thread that died, recovers what it left; and closes it, unless all waiters go away by themselves. */
const reaper =
  (of: string, { closes = true, ...habits }: AgentOptions<Ghost> & { closes?: boolean } = {}): User =>
  (world, condition) =>
    world.agent({ name: 'reaper', killable: false, ...habits }, (agent) => {
      const post = new Post(agent, condition);
      return [
        () => {
          retireDead(agent, of);
          agent.arena.mark('retired');
          post.recover();
          agent.arena.mark('recovered');
          if (closes) post.close();
        },
      ];
    });

/** Does so when the one that was about to do it has died as well. */
const secondReaper =
  (of: string, first: string): User =>
  (world, condition) =>
    world.agent({ name: 'second reaper', killable: false }, (agent) => {
      const post = new Post(agent, condition);
      return [
        () => {
          retireDead(agent, first, of);
          agent.arena.mark('retired');
          post.recover();
          agent.arena.mark('recovered');
          post.close();
        },
      ];
    });

interface Program extends Listing {
  readonly users: readonly User[];
  readonly kills?: number;
  /** Whether it is closed in the end, so that nobody is in the list. */
  readonly open?: boolean;
  /** Over a Lock alone: over an RLock, which is held twice, even one preemption takes too many states. */
  readonly overLock?: boolean;
}

function scenario(
  { users, kills = 1, open = false }: Program,
  make: (world: World<Ghost>) => Guard,
): Scenario<string, string> {
  const world = new World<Ghost>(users.length);
  const { words } = world.arena;
  const guard = make(world);
  const condition = new Condition<Guard>(guard);
  world.name(guard.cell, {
    [GATE]: 'threads',
    [GATE + 1]: 'tasks',
    [WORD]: 'word!',
    [WHO]: 'who',
    [SINCE]: 'since',
    [countBehind(WORD)]: 'count!',
  });
  world.name(condition.cell, {
    [OWED]: 'owed',
    [FIRST]: 'first!',
    [LAST_IN]: 'last!',
    [CHANGING]: 'changing!',
    [CLOSED]: 'closed',
  });
  for (const user of users) user(world, condition);
  const list = condition.cell + FIRST;
  const ghosts = Object.fromEntries([...INSIDE, 'called', 'notified'].map((ghost) => [ghost, 0]));
  return world.scenario({
    ghosts: ghosts as Record<Ghost, number>,
    kills,
    invariant: (values, { threads }) => {
      const { word, called, notified } = values;
      const inside = threads.flatMap(({ state }, i) => (state !== 'dead' && values[INSIDE[i]] > 0 ? [i] : []));
      if (inside.length > 1) return 'two have the lock';
      if (inside.length === 1 && agentIn(word) !== agentOf(inside[0]))
        return 'one is inside and does not have the lock';
      return called >= MANY || notified <= called || `${notified} were notified, by calls for ${called}`;
    },
    final: (values, { threads }) => {
      const { word, count, first, last, changing } = values;
      if (busyRecord(values, threads)) return 'a wait is over, and its record does not say so';
      if (ownerOf(word) !== 0) return word === ABANDONED ? 'nobody has recovered it' : 'the lock is held at the end';
      if (count !== 0) return `the lock is free, and counts ${count}`;
      if (open) return true;
      if (changing !== 0) return 'it is left half changed';
      if (first !== list || last !== list) return 'somebody is left in the queue';
      const kept: Readonly<Record<string, number>> = values;
      const lost = Object.keys(values).some((name) => {
        const [, letter, record] = /^([a-z])(\d+)\.descriptor$/.exec(name) ?? [];
        if (letter === undefined) return false;
        const { state } = threads[letter.charCodeAt(0) - 97];
        const isNobodys = state === 'dead' || kept[`${letter}${record}.state`] === DEAD;
        return isNobodys && kept[name] === words[Number(record)];
      });
      return !lost || 'the record of a wait that somebody died in, or gave up, is lost';
    },
  });
}

const SAFE = { killable: false } as const;
const TIMED = { timed: true } as const;
const SAFE_TIMED = { ...SAFE, ...TIMED } as const;

const programs: readonly Program[] = [
  { name: '1 that closes dies, 1 waiter', users: [closer(), waiter(SAFE), reaper('closer 0')], size: 'medium' },
  {
    name: '1 that closes dies, 1 timed waiter',
    users: [closer(), waiter(SAFE_TIMED), reaper('closer 0')],
    large: true,
  },
  {
    name: '1 that closes dies, 1 task waits: few preemptions',
    users: [closer(), task(SAFE), reaper('closer 0')],
    size: 'medium',
    bound: 1,
  },
  {
    name: '1 that closes dies, 1 task waits and names no hold: few preemptions',
    users: [closer(), task({ ...SAFE, bare: true }), reaper('closer 0')],
    overLock: true,
    size: 'medium',
    bound: 1,
  },
  { name: '1 that closes dies, 1 task waits', users: [closer(), task(SAFE), reaper('closer 0')], large: true },
  {
    name: '1 that closes dies, 1 timed task waits',
    users: [closer(), task(SAFE_TIMED), reaper('closer 0')],
    large: true,
  },
  {
    name: '1 that closes dies, 2 waiters: few preemptions',
    users: [closer(), waiter(SAFE), waiter(SAFE), reaper('closer 0')],
    size: 'medium',
    bound: 1,
  },
  {
    name: '1 that closes dies, 2 waiters',
    users: [closer(), waiter(SAFE), waiter(SAFE), reaper('closer 0')],
    large: true,
  },
  {
    name: '1 that notifies dies, 2 waiters',
    users: [notifier(1), waiter(SAFE), waiter(SAFE), reaper('notifier 0'), closer(SAFE)],
    overLock: true,
    large: true,
  },
  {
    name: '1 that notifies dies, 2 timed waiters',
    users: [notifier(1), waiter(SAFE_TIMED), waiter(SAFE_TIMED), reaper('notifier 0', { closes: false })],
    open: true,
    overLock: true,
    large: true,
  },
  { name: '1 waiter dies, 1 closes', users: [waiter(), closer(SAFE), reaper('waiter 0')], size: 'medium' },
  { name: '1 timed waiter dies, 1 closes', users: [waiter(TIMED), closer(SAFE), reaper('waiter 0')], size: 'medium' },
  { name: '1 task that waits dies, 1 closes', users: [task(), closer(SAFE), reaper('task 0')], size: 'medium' },
  {
    name: '1 waiter dies, 1 waits: few preemptions',
    users: [waiter(), waiter(SAFE), closer(SAFE), reaper('waiter 0')],
    size: 'medium',
    bound: 1,
  },
  { name: '1 waiter dies, 1 waits', users: [waiter(), waiter(SAFE), closer(SAFE), reaper('waiter 0')], large: true },
  { name: '1 waiter dies, 1 task waits', users: [waiter(), task(SAFE), closer(SAFE), reaper('waiter 0')], large: true },
  {
    name: '1 holder dies, 1 timed waiter',
    users: [holder(), waiter(SAFE_TIMED), reaper('holder 0', { closes: false })],
    open: true,
    size: 'small',
  },
  {
    name: '1 holder dies, 1 timed waiter, the reaper closes: few preemptions',
    users: [holder(), waiter(SAFE_TIMED), reaper('holder 0')],
    size: 'medium',
    bound: 2,
  },
  {
    name: '1 holder dies, 1 waiter, 1 closes',
    users: [holder(), waiter(SAFE), closer(SAFE), reaper('holder 0')],
    large: true,
  },
  {
    name: '1 that closes dies, its reaper dies, 1 waiter',
    users: [closer(), waiter(SAFE), reaper('closer 0', { killable: true }), secondReaper('closer 0', 'reaper 2')],
    kills: 2,
    large: true,
  },
];

export const conditionDeaths: readonly Model[] = programs.flatMap((program) => [
  modelOf('Condition', { ...program, name: `Lock: ${program.name}` }, () =>
    scenario(program, ({ arena }) => new Lock({ arena })),
  ),
  ...(program.overLock
    ? []
    : [
        modelOf('Condition', { ...program, name: `RLock: ${program.name}` }, () =>
          scenario(program, ({ arena }) => new RLock({ arena })),
        ),
      ]),
]);
