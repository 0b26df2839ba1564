// Agents that take two things each, in an order in which they wait for each other.
import {
  attachWith,
  Barrier,
  BrokenBarrierError,
  Condition,
  DeadlockError,
  detectDeadlocks,
  dumpAgents,
  Lock,
  RLock,
  RWLock,
  type Shared,
} from 'atomics-sync-free';
import { GIL } from 'atomics-sync-free/gil';
import { member } from '../support/member.js';

export interface Things {
  /** Of those that take part: two, or all three. */
  readonly two: Barrier;
  readonly pair: Barrier;
  readonly three: Barrier;
  readonly rlocks: readonly RLock[];
  readonly closed: readonly Lock[];
  readonly open: readonly Lock[];
  readonly rwlock: RWLock;
  readonly tables: readonly RWLock[];
  readonly gil: GIL;
  readonly condition: Condition;
  /** Each for one party. */
  readonly meetings: readonly Barrier[];
}

export type Order = keyof typeof orders;

export interface DeadlockData {
  readonly shared: Shared<Things>;
  readonly rounds: number;
}

/** What came of each round of each order for one agent. */
export type Outcomes = Partial<Record<Order, readonly Outcome[]>>;

/** What came of the second thing; `told` is what the error or the report says. */
export interface Outcome {
  readonly how: 'got' | 'timed out' | 'thrown';
  readonly told: readonly { readonly holds: string; readonly waitsFor: string }[];
  readonly message: string;
}

interface Pair {
  readonly first: { acquire(): unknown; release(): void };
  readonly second: { acquire(timeout?: number): boolean; release(): void };
  readonly timeout?: number;
}

const GOT: Outcome = { how: 'got', told: [], message: '' };
let reported: Outcome | undefined;

function take({ second, timeout }: Pick<Pair, 'second' | 'timeout'>): Outcome {
  try {
    if (!second.acquire(timeout)) return { ...GOT, how: 'timed out' };
    second.release();
    return reported ?? GOT;
  } catch (error) {
    if (!(error instanceof DeadlockError)) throw error;
    return {
      how: 'thrown',
      told: error.agents.map(({ holds, waitsFor }) => ({ holds, waitsFor })),
      message: error.message,
    };
  }
}

function both(barrier: Barrier, { first, ...rest }: Pair): Outcome {
  first.acquire();
  barrier.wait();
  const outcome = take(rest);
  first.release();
  // An agent that began the next round at once would keep what the others wait for.
  barrier.wait();
  return outcome;
}

/** Whether an agent has waited for something for so long that others see it: it began before whoever begins now. */
const isSeenToWait = ({ arena }: Barrier, name: string): boolean =>
  dumpAgents(arena).agents.some(({ waitsFor }) => waitsFor?.what.includes(`(${name})`));

/** Once it is counted it begins to wait only when the action waits, as if the system had given others the processor. */
function arriveLate(barrier: Barrier): boolean {
  const { compareExchange } = Atomics;
  const late = (words: Int32Array, index: number, expected: number, value: number): number => {
    const before = compareExchange(words, index, expected, value);
    if (barrier.nWaiting > 0) {
      Atomics.compareExchange = compareExchange;
      while (!isSeenToWait(barrier, 'left'));
    }
    return before;
  };
  Atomics.compareExchange = late as typeof compareExchange;
  return barrier.wait() === 0;
}

const around = <T>(list: readonly T[], index: number): [T, T] => [list[index], list[(index + 1) % list.length]];
const pairOf = ([first, second]: [Pair['first'], Pair['second']]): Pair => ({ first, second });

async function whileTaskLeaves(meeting: Barrier, barrier: Barrier, does: () => Outcome): Promise<Outcome> {
  const pass = meeting.waitAsync();
  barrier.wait();
  const outcome = does();
  await pass;
  barrier.wait();
  return outcome;
}

const orders = {
  philosophers: ({ three, rlocks }: Things, index: number) => both(three, pairOf(around(rlocks, index))),

  'two in different orders': ({ two: barrier, rlocks }: Things, index: number) =>
    both(barrier, pairOf(around(rlocks.slice(0, 2), index))),

  /** Each reads what the other one is to stop reading, and wants to write it. */
  'two readers that want to write': ({ two: barrier, tables }: Things, index: number) => {
    const [mine, other] = around(tables, index);
    return both(barrier, { first: mine.readLock, second: other.writeLock });
  },

  'locks that throw': ({ two: barrier, closed }: Things, index: number) => both(barrier, pairOf(around(closed, index))),

  /** The one that is told lets the other have its lock, which anybody may release. */
  'locks that anybody may release': ({ two: barrier, open }: Things, index: number) => {
    const [first, second] = around(open, index);
    reported = undefined;
    detectDeadlocks({
      report: ({ agents, message }) => {
        const told = agents.map(({ holds, waitsFor }) => ({ holds, waitsFor }));
        reported = { how: 'got', told: [...(reported?.told ?? []), ...told], message };
        first.release();
      },
    });
    first.acquire();
    barrier.wait();
    const outcome = take({ second });
    if (reported === undefined) first.release();
    reported = undefined;
    barrier.wait();
    return outcome;
  },

  'a reader that the writer waits for': ({ two: barrier, rlocks, rwlock }: Things, index: number) =>
    both(barrier, index === 0 ? pairOf([rwlock.readLock, rlocks[0]]) : { first: rlocks[0], second: rwlock.writeLock }),

  'a timed wait': ({ two: barrier, rlocks }: Things, index: number) => {
    const [first, second] = around(rlocks.slice(0, 2), index);
    return both(barrier, index === 0 ? { first, second, timeout: 400 } : { first, second });
  },

  /** Nobody gives up waiting for a GIL, so it is the other one that gets the error. */
  'a GIL': ({ two: barrier, rlocks, gil }: Things, index: number) => {
    if (index === 0) return both(barrier, pairOf([gil, rlocks[0]]));
    const second = {
      acquire: () => {
        gil.acquire();
        return true;
      },
      release: () => gil.release(),
    };
    return both(barrier, { first: rlocks[0], second });
  },

  /** It is notified by one that has the lock, and keeps it while it waits for what the notified one holds. */
  'the end of a wait for a Condition': ({ two: barrier, gil, condition }: Things, index: number) => {
    let outcome = GOT;
    if (index === 0) {
      const acquire = () =>
        condition.run(() => {
          barrier.wait();
          return condition.wait();
        });
      gil.run(() => {
        outcome = take({ second: { acquire, release: () => {} } });
      });
    } else {
      barrier.wait();
      // It has the lock when the other one waits.
      condition.run(() => {
        condition.notify();
        gil.run(() => {});
      });
    }
    barrier.wait();
    return outcome;
  },

  /** Each waits for a task of the other to leave, which cannot while that one blocks. */
  'tasks that are to leave two Barriers': async ({ two: barrier, meetings }: Things, index: number) => {
    const [mine, other] = around(meetings, index);
    return whileTaskLeaves(mine, barrier, () =>
      take({ second: { acquire: () => other.wait() === 0, release: () => {} } }),
    );
  },

  'a task that is to leave a Barrier': (
    { two: barrier, rlocks: [first], meetings: [meeting] }: Things,
    index: number,
  ) => {
    if (index > 0) return whileTaskLeaves(meeting, barrier, () => take({ second: first }));
    return both(barrier, { first, second: { acquire: () => meeting.wait() === 0, release: () => {} } });
  },

  /** The last to arrive runs an action, for which the other one waits. */
  'the action of a Barrier': ({ two: barrier, pair, rlocks: [first] }: Things, index: number) => {
    let outcome = GOT;
    if (index === 0) {
      first.acquire();
      barrier.wait();
      pair.wait();
      first.release();
    } else {
      pair.action = () => {
        outcome = take({ second: first });
      };
      barrier.wait();
      while (!isSeenToWait(pair, 'noonday'));
      pair.wait();
    }
    barrier.wait();
    return outcome;
  },

  /** The other one is counted, and begins to wait after the action has. */
  'a Barrier whose action already waits': ({ two: barrier, pair, rlocks: [first] }: Things, index: number) => {
    let outcome = GOT;
    if (index === 0) {
      first.acquire();
      barrier.wait();
      outcome = take({ second: { acquire: () => arriveLate(pair), release: () => {} } });
      first.release();
    } else {
      pair.action = () => first.run(() => {});
      barrier.wait();
      while (pair.nWaiting === 0);
      try {
        pair.wait();
      } catch (error) {
        if (!(error instanceof BrokenBarrierError)) throw error;
        outcome = { ...GOT, message: error.name };
      }
    }
    barrier.wait();
    if (index === 0) pair.reset();
    barrier.wait();
    return outcome;
  },

  'a hold of a task': async ({ two: barrier, rlocks }: Things, index: number) => {
    const [first, second] = around(rlocks.slice(0, 2), index);
    if (index > 0) return both(barrier, { first, second });
    const hold = await first.holdAsync();
    barrier.wait();
    const outcome = take({ second });
    hold.release();
    barrier.wait();
    return outcome;
  },
};

member<DeadlockData>(async ({ index, data: { shared, rounds } }) => {
  detectDeadlocks({ stacks: true });
  const things = attachWith(Barrier, Condition, GIL, Lock, RLock, RWLock)(shared);
  const outcomes: Outcomes = {};
  for (const order of Object.keys(orders) as Order[]) {
    if (index > 1 && order !== 'philosophers') continue;
    const played: Outcome[] = [];
    for (let round = 0; round < rounds; round++) played.push(await orders[order](things, index));
    outcomes[order] = played;
  }
  return outcomes;
});
