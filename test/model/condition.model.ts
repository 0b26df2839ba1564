/**
 * Scenarios of Condition.
 *
 * Waiters wait for tokens under the condition's lock, notifiers make some and notify as many. What must hold is counted
 * under the same lock: how many were in the queue, how many of them notifications have gone to, and how many waits said
 * that they were notified.
 */
import { Condition, Lock, RLock, SyncError } from 'atomics-sync-free';
import type { Scenario } from 'atomics-sync-free/check';
import { GATE } from '#dist/core/memory/cells.js';
import { countBehind } from '#dist/core/memory/death.js';
import { ownerOf } from '#dist/core/memory/owner.js';
import { ENTITLED } from '#dist/core/memory/records.js';
import { retireFrom } from '#dist/core/memory/sweep.js';
import { WORD } from '#dist/sync/mutex.js';
import { Aborter, pendingTimers } from './event-loop.js';
import {
  type Agent,
  type AgentOptions,
  agentOf,
  busyRecord,
  type Listing,
  type Model,
  modelOf,
  OUTSIDER,
  times,
  WHILE,
  World,
} from './world.js';

// The words of a condition's cell.
export const OWED = 2;
export const FIRST = 6;
export const LAST_IN = 7;
export const CHANGING = 8;
/** Words of the condition's cell that the scenario uses for itself, under the lock. */
const TOKENS = 9;
const WAITING = 10;
const TICKETS = 11;
const SERVED = 12;

type Ghost = 'expected' | 'notified' | 'missed' | 'inside';
type Guard = Lock | RLock;
type User = (world: World<Ghost>, condition: Condition<Guard>) => void;

/** One agent's view of the condition and of what it guards. */
class Post {
  readonly condition: Condition<Guard>;
  readonly #agent: Agent<Ghost>;
  readonly #cell: number;

  constructor(agent: Agent<Ghost>, condition: Condition<Guard>) {
    this.condition = agent.attach<Condition<Guard>>(Condition, condition);
    this.#agent = agent;
    this.#cell = condition.cell;
  }

  read(word: number): number {
    return Atomics.load(this.#agent.words, this.#cell + word);
  }

  add(word: number, amount: number): number {
    return Atomics.add(this.#agent.words, this.#cell + word, amount);
  }

  count(ghost: Ghost, amount = 1): void {
    this.#agent.thread.ghost.add(ghost, amount);
  }

  /** How many tokens there are; the agent is inside while it looks. */
  tokens(): number {
    this.count('inside');
    const tokens = this.read(TOKENS);
    this.count('inside', -1);
    return tokens;
  }

  /** Notes what a wait has returned, with the lock held again. */
  waited(notified: boolean): void {
    if (notified) this.count('notified');
    else {
      this.add(WAITING, -1);
      this.count('missed');
    }
  }
}

interface WaitHabits extends AgentOptions<Ghost> {
  readonly timed?: boolean;
  /** Gives up after one wait. */
  readonly once?: boolean;
  /** Takes no token, but passes the notification on. */
  readonly passes?: boolean;
  /** Checks that it is notified in its turn. */
  readonly queues?: boolean;
  /** Says at the end that it has been there. */
  readonly signs?: boolean;
}

/** Waits for a token and takes it. */
const waiter =
  (
    rounds = 1,
    { timed = false, once = timed, passes = false, queues = false, signs = false, ...options }: WaitHabits = {},
  ): User =>
  (world, condition) =>
    world.agent({ name: 'waiter', keeps: queues ? 'past' : 'last', records: 'links', ...options }, (agent) => {
      const post = new Post(agent, condition);
      const wait = () => {
        const ticket = queues ? post.add(TICKETS, 1) : 0;
        post.add(WAITING, 1);
        const notified = post.condition.wait(timed ? WHILE : Number.POSITIVE_INFINITY);
        if (!queues) agent.arena.mark('waited', notified);
        if (queues && post.read(SERVED) <= ticket) throw new Error('it was notified before its turn');
        post.waited(notified);
        return notified;
      };
      return times(rounds, () => {
        const deep = post.condition.lock instanceof RLock;
        post.condition.acquire();
        if (deep) post.condition.acquire();
        agent.arena.mark('acquired');
        let more = true;
        while (more && post.tokens() === 0) more = wait() && !once && !passes;
        if (passes) {
          // Whether it waited or not: what was made is there for all.
          notify(post, 1);
        } else if (post.read(TOKENS) > 0) {
          post.add(TOKENS, -1);
        }
        if (signs) post.add(TICKETS, 1);
        if (deep) post.condition.release();
        post.condition.release();
      });
    });

/** Begins to wait once a dead waiter has left its notification, which is not for those that come later. */
const latecomer: User = (world, condition) =>
  world.agent({ name: 'latecomer', killable: false, records: 'links' }, (agent) => {
    const post = new Post(agent, condition);
    return [
      () => {
        while (post.read(OWED) === 0 && post.read(TICKETS) === 0) agent.arena.mark('looks');
        post.condition.acquire();
        agent.arena.mark('acquired');
        if (post.condition.wait(WHILE)) throw new Error('it was notified, and nobody notified it');
        post.condition.release();
      },
    ];
  });

/** Notifies n, and counts whom that must reach. */
function notify(post: Post, n: number): void {
  const reached = Math.min(n, post.read(WAITING));
  if (reached > 0) {
    post.add(WAITING, -reached);
    post.count('expected', reached);
  }
  post.add(SERVED, reached);
  if (n === Number.POSITIVE_INFINITY) post.condition.notifyAll();
  else post.condition.notify(n);
}

/** Makes tokens and notifies as many waiters, once for each number. */
const notifier =
  (counts: readonly number[], { all = false, ...options }: AgentOptions<Ghost> & { all?: boolean } = {}): User =>
  (world, condition) =>
    world.agent({ name: 'notifier', killable: false, ...options }, (agent) => {
      const post = new Post(agent, condition);
      return counts.map((n) => () => {
        post.condition.acquire();
        agent.arena.mark('acquired');
        post.add(TOKENS, n);
        notify(post, all ? Number.POSITIVE_INFINITY : n);
        post.condition.release();
      });
    });

/** An async task that waits for a token and takes it. */
const task =
  ({ timed = false, aborts = false, passes = false, ...options }: WaitHabits & { aborts?: boolean } = {}): User =>
  (world, condition) =>
    world.agent({ name: 'task', records: 'links', ...options }, (agent) => {
      const post = new Post(agent, condition);
      const aborter = new Aborter();
      const options = {
        timeout: timed ? WHILE : Number.POSITIVE_INFINITY,
        ...(aborts ? { signal: aborter.signal } : {}),
      };
      const take = (release: () => void) => {
        if (!passes && post.read(TOKENS) > 0) post.add(TOKENS, -1);
        release();
        if (pendingTimers() > 0) throw new Error('a timer of a wait that is over is left');
      };
      return [
        () => {
          post.condition.lock.holdAsync().then((hold) => {
            const release = () => hold.release();
            const again = (notified: boolean): void => {
              const { lock } = post.condition;
              if (lock instanceof RLock && lock.isOwned) throw new Error('what a task holds, its thread holds too');
              post.waited(notified);
              if (passes && notified) notify(post, 1);
              if (notified && !passes) look();
              else take(release);
            };
            const look = () => {
              if (post.read(TOKENS) > 0) return take(release);
              post.add(WAITING, 1);
              // biome-ignore lint/suspicious/noExplicitAny: the hold is of whichever lock it is
              post.condition.waitAsync({ ...options, hold } as any).then(again, (reason) => {
                if (reason !== aborter.reason) throw reason;
                post.count('missed');
                take(release);
              });
            };
            look();
          });
          if (aborts) agent.thread.later(() => aborter.abort());
        },
      ];
    });

/** Calls what needs the lock held without holding it, which must change nothing. */
const stranger: User = (world, condition) =>
  world.agent({ name: 'stranger' }, (agent) => {
    const { condition: mine } = new Post(agent, condition);
    const refused = (call: () => unknown) => () => {
      try {
        call();
      } catch (error) {
        if (error instanceof SyncError && ['ERR_NOT_HELD', 'ERR_NOT_OWNER'].includes(error.code)) return;
        throw error;
      }
      throw new Error('it was let');
    };
    return [refused(() => mine.notify()), refused(() => mine.wait(0))];
  });

const reaper: User = (world) =>
  world.other('reaper', ({ words }, own) => {
    retireFrom(words, agentOf(own.joinDead()), OUTSIDER);
  });

interface Program extends Listing {
  readonly users: readonly User[];
  readonly lock?: 'Lock' | 'RLock';
  /** How many tokens may be left. */
  readonly left?: readonly number[];
  /** Whether every notification must be received: not where a receiver may die, or be aborted. */
  readonly exact?: boolean;
  readonly kills?: number;
}

function scenario({ users, lock = 'Lock', left = [0], exact = true, kills = 0 }: Program): Scenario<string, string> {
  const world = new World<Ghost>(users.length);
  const { arena } = world;
  const guard: Guard = lock === 'Lock' ? new Lock({ arena }) : new RLock({ arena });
  const condition = new Condition<Guard>(guard);
  world.name(guard.cell, { [GATE]: 'threads', [GATE + 1]: 'tasks', [WORD]: 'word!', [countBehind(WORD)]: 'count!' });
  world.name(condition.cell, {
    [OWED]: 'owed',
    [FIRST]: 'first!',
    [LAST_IN]: 'last!',
    [CHANGING]: 'changing!',
    [TOKENS]: 'tokens',
    [WAITING]: 'waiting',
    [TICKETS]: 'tickets',
    [SERVED]: 'served',
  });
  for (const user of users) user(world, condition);
  if (kills > 0) reaper(world, condition);
  return world.scenario({
    ghosts: { expected: 0, notified: 0, missed: 0, inside: 0 },
    kills,
    invariant: ({ inside, notified, expected }) => {
      if (inside > 1) return 'two have the lock';
      return !exact || notified <= expected || `${notified} were notified of ${expected}`;
    },
    final: (values, { threads }) => {
      const { word, tokens, first, last, notified, expected } = values;
      const lost = Object.keys(values).some((name) => {
        const [, record] = /^a(\d+)\.descriptor$/.exec(name) ?? [];
        return record !== undefined && values[name as 'word'] === arena.words[Number(record)];
      });
      if (first === condition.cell + FIRST && threads[0].state === 'dead' && lost)
        return 'the record of the dead is lost';
      if (busyRecord(values, threads)) return 'a wait is over, and its record does not say so';
      if (ownerOf(word) !== 0) return 'the lock is held at the end';
      if (!left.includes(tokens)) return `${tokens} tokens are left`;
      if (exact && notified !== expected) return `${notified} were notified of ${expected}`;
      return kills > 0 || (first === condition.cell + FIRST && last === first) || 'somebody is left in the queue';
    },
  });
}

const TIMED = { timed: true } as const;
const SAFE = { killable: false } as const;
/** What a dead agent held stays held, and what the lock guards may be half done: it does not die while it has the lock. */
const OUTSIDE = {
  killable: ({ word }: Readonly<Record<string, number>>) => ownerOf(word) !== agentOf(0),
} as const;
/** It dies when a notification has gone to it, and before it has the lock again. */
const ENTITLED_ALONE = {
  killable: (values: Readonly<Record<string, number>>) =>
    ownerOf(values.word) === 0 &&
    Object.keys(values).some((name) => /^a\d+\.state$/.test(name) && values[name] === ENTITLED),
} as const;
const ALL = { all: true } as const;
const PASSES = { passes: true } as const;
const QUEUES = { queues: true } as const;

const programs: readonly Program[] = [
  { name: '2 waiters, notify(2)', users: [waiter(), waiter(), notifier([2])], size: 'medium' },
  { name: '2 waiters, notify(1) twice', users: [waiter(), waiter(), notifier([1, 1])], size: 'medium' },
  { name: '2 waiters, notifyAll', users: [waiter(), waiter(), notifier([2], ALL)], size: 'medium' },
  { name: '2 waiters, notify(1) by each of 2', users: [waiter(), waiter(), notifier([1]), notifier([1])], large: true },
  { name: '2 waiters × 2, notify(2) twice', users: [waiter(2), waiter(2), notifier([2, 2])], large: true },
  { name: '3 waiters, notify(3)', users: [waiter(), waiter(), waiter(), notifier([3])], large: true },
  {
    name: '2 waiters in turn, notify(1) twice',
    users: [waiter(1, QUEUES), waiter(1, QUEUES), notifier([1, 1])],
    large: true,
  },
  {
    name: '1 waiter looks first, 1 starving, notify(1) twice',
    users: [waiter(1, { looks: true }), waiter(1, { starves: true }), notifier([1, 1])],
    large: true,
  },
  {
    name: 'RLock held twice: 2 waiters, notify(1) twice',
    lock: 'RLock',
    users: [waiter(), waiter(), notifier([1, 1])],
    large: true,
  },
  {
    name: 'RLock: 1 waiter, notify(1), a stranger',
    lock: 'RLock',
    users: [waiter(), notifier([1]), stranger],
    size: 'small',
  },
  {
    name: '1 timed, 1 waiter, notify(1) twice',
    users: [waiter(1, TIMED), waiter(), notifier([1, 1])],
    left: [0, 1],
    large: true,
  },
  {
    name: '1 timed × 2, 1 waiter, notify(3)',
    users: [waiter(2, TIMED), waiter(), notifier([3])],
    left: [0, 1, 2],
    large: true,
  },
  { name: '1 timed × 2, notify(1)', users: [waiter(2, TIMED), notifier([1])], left: [0, 1], size: 'medium' },
  {
    name: '2 waiters, notify(2): few preemptions',
    users: [waiter(), waiter(), notifier([2])],
    size: 'medium',
    bound: 1,
  },
  {
    name: '1 waiter that sleeps once, notify(1)',
    users: [waiter(1, { blocks: 2 }), notifier([1])],
    size: 'small',
  },
  {
    name: '1 task that may be aborted, 1 waiter, notify(1): few preemptions',
    users: [task({ aborts: true, passes: true }), waiter(1, PASSES), notifier([1])],
    left: [1],
    exact: false,
    size: 'medium',
    bound: 1,
  },
  {
    name: '1 waiter dies, 1 waits, notify(1): few preemptions',
    users: [waiter(1, { ...OUTSIDE, ...PASSES }), waiter(1, { ...SAFE, ...PASSES }), notifier([1])],
    left: [1],
    exact: false,
    kills: 1,
    size: 'medium',
    bound: 1,
  },
  {
    name: '1 notified waiter dies, 1 comes later',
    users: [waiter(1, { ...ENTITLED_ALONE, signs: true }), latecomer, notifier([1])],
    left: [0, 1],
    exact: false,
    kills: 1,
    size: 'medium',
  },
  { name: '1 task, notify(1)', users: [task(), notifier([1])], size: 'small' },
  { name: '1 timed task, notify(1)', users: [task(TIMED), notifier([1])], left: [0, 1], size: 'small' },
  { name: 'RLock: 1 task, notify(1)', lock: 'RLock', users: [task(), notifier([1])], size: 'small' },
  { name: '1 task, 1 waiter, notify(2)', users: [task(), waiter(), notifier([2])], large: true },
  { name: '2 tasks, notify(1) twice', users: [task(), task(), notifier([1, 1])], large: true },
  { name: 'RLock: 1 task, 1 waiter, notify(2)', lock: 'RLock', users: [task(), waiter(), notifier([2])], large: true },
  {
    name: '1 timed task, 1 waiter, notify(1) twice',
    users: [task(TIMED), waiter(), notifier([1, 1])],
    left: [0, 1],
    large: true,
  },
  {
    name: '1 task that may be aborted, 1 waiter, notify(1)',
    users: [task({ aborts: true, passes: true }), waiter(1, PASSES), notifier([1])],
    left: [1],
    exact: false,
    large: true,
  },
  {
    name: '1 waiter dies, 1 waits, notify(1)',
    users: [waiter(1, { ...OUTSIDE, ...PASSES }), waiter(1, { ...SAFE, ...PASSES }), notifier([1])],
    left: [1],
    exact: false,
    kills: 1,
    large: true,
  },
  {
    name: '1 timed waiter dies, 1 waits, notify(1)',
    users: [waiter(1, { ...OUTSIDE, ...TIMED, ...PASSES }), waiter(1, { ...SAFE, ...PASSES }), notifier([1])],
    left: [1],
    exact: false,
    kills: 1,
    large: true,
  },
];

export const conditions: readonly Model[] = programs.map((program) =>
  modelOf('Condition', program, () => scenario(program)),
);
