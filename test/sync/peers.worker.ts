// What the workers of peers.test.ts do.
import {
  attach,
  type BoundedSemaphore,
  type Condition,
  type Event,
  type Lock,
  type RLock,
  type RWLock,
  type Semaphore,
  type Shared,
  type SyncError,
} from 'atomics-sync-free';
import { member, type Post } from '../support/member.js';

/** What a test may share; each order takes what it needs. */
export interface Things {
  readonly lock: Lock;
  readonly rlock: RLock;
  readonly semaphore: Semaphore;
  readonly bounded: BoundedSemaphore;
  readonly event: Event;
  readonly condition: Condition<Lock>;
  readonly rwlock: RWLock;
}

export interface PeersData {
  readonly order: keyof typeof orders;
  readonly shared: Shared<Partial<Things>>;
  /** Words of the order's own. */
  readonly memory: Int32Array<SharedArrayBuffer>;
  /** Rounds, or milliseconds. */
  readonly much: number;
}

/** How a timed wait went. */
export interface Timed {
  readonly got: boolean;
  readonly ms: number;
}

type Task = (post: Post<PeersData>, things: Things) => unknown;

const spin = (ms: number): void => {
  for (const end = performance.now() + ms; performance.now() < end; );
};

/** How a wait of so many ms goes: the shortest of three that take far too long, since the machine makes some longer. */
function timed(much: number, wait: () => boolean): Timed {
  let shortest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && shortest > 1.5 * much; attempt++) {
    const start = performance.now();
    const got = wait();
    const ms = performance.now() - start;
    if (got) return { got, ms };
    shortest = Math.min(shortest, ms);
  }
  return { got: false, ms: shortest };
}

const code = (error: unknown): string => (error as SyncError).code;

const orders = {
  /** Two workers take turns, each waiting for its own. */
  pingPong({ index, data: { memory, much } }, { condition }) {
    for (let round = 0; round < much; round++) {
      condition.acquire();
      while (memory[0] % 2 !== index) condition.wait();
      memory[0]++;
      condition.notify();
      condition.release();
    }
  },

  acquire({ tell }, { semaphore }) {
    tell('waits');
    semaphore.acquire();
    tell('has it');
  },

  acquireTwice({ tell }, { semaphore }) {
    for (let i = 0; i < 2; i++) {
      tell('waits');
      semaphore.acquire();
      tell('has it');
    }
  },

  hammer({ data: { memory } }, { lock }): number {
    while (Atomics.load(memory, 0) === 0) {
      lock.acquire();
      lock.release();
    }
    return lock.arena.agentId;
  },

  holdRLock({ tell, next }, { rlock }) {
    rlock.acquire();
    tell('holds', rlock.arena.agentId);
    return next('let go').then(() => rlock.release());
  },

  async holdLock({ tell, next }, { lock }) {
    lock.acquire();
    tell('holds', lock.arena.agentId);
    await next('let go');
    lock.release();
  },

  tryLock(_, { lock }): boolean {
    return lock.acquire(20);
  },

  /** Does its part once; the others must find it done. */
  initialize({ data: { memory } }, { lock }): number {
    lock.run(() => {
      if (memory[0] !== 0) return;
      memory[0] = 1;
      spin(20);
      memory[1] = 1;
    });
    return memory[1];
  },

  read({ data: { memory, much } }, { rwlock }): number {
    let reads = 0;
    for (; Atomics.load(memory, 0) === 0; reads++) {
      rwlock.acquireRead();
      spin(much);
      rwlock.releaseRead();
    }
    return reads;
  },

  async blockOnOwnTask(_, { lock, rlock, rwlock }) {
    const refused: string[] = [];
    const attempt = (call: () => unknown): void => {
      try {
        call();
        refused.push('not refused');
      } catch (error) {
        refused.push(code(error));
      }
    };
    await lock.runAsync(() => attempt(() => lock.acquire()));
    await rlock.runAsync(() => attempt(() => rlock.acquire()));
    const writing = await rwlock.holdWriteAsync();
    attempt(() => rwlock.acquireRead());
    attempt(() => rwlock.acquireWrite());
    writing.release();
    const reading = await rwlock.holdReadAsync();
    attempt(() => rwlock.acquireWrite());
    reading.release();
    return refused;
  },

  leave({ data: { much } }, { lock }) {
    lock.run(() => {});
    if (much === 1) process.exit(3);
    if (much === 2) throw new Error('as agreed');
  },

  /** Every timed wait, one after the other. */
  waitTimed({ data: { much }, tell }, { lock, semaphore, event, condition, rwlock }): Timed[] {
    tell('waits');
    return [
      timed(much, () => lock.acquire(much)),
      timed(much, () => semaphore.acquire(much)),
      timed(much, () => event.wait(much)),
      timed(much, () => rwlock.acquireWrite(much)),
      timed(much, () => condition.run(() => condition.wait(much))),
      timed(much, () => condition.run(() => condition.waitFor(() => false, much))),
    ];
  },

  /** Leaves the release to the test. */
  async countWhenHad({ data: { memory }, tell, next }, { lock }) {
    tell('waits');
    lock.acquire();
    Atomics.add(memory, 0, 1);
    // One that ends with the lock in its hands abandons it.
    await next('end');
  },

  useNested({ data }) {
    const { deep, text } = attach(data.shared as Shared<Nested>);
    const [{ locks }] = deep;
    const counts = [...locks].map(([name, { lock, semaphores }]) => {
      const [semaphore] = semaphores;
      return `${name}: ${lock.locked}, ${semaphore.value}`;
    });
    return [...counts, `${text.length}`];
  },
} satisfies Record<string, Task>;

/** Primitives deep in containers, beside a text that is long. */
export interface Nested {
  readonly deep: readonly { readonly locks: Map<string, { lock: Lock; semaphores: Set<Semaphore> }> }[];
  readonly text: string;
}

member<PeersData>((post) => (orders[post.data.order] as Task)(post, attach(post.data.shared) as Things));
