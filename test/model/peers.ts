/**
 * Algorithms of other libraries, written anew from descriptions of how they work, each reduced to what breaks it. They
 * are subjects of the explorer: it must find what is wrong with them.
 */
import type { Body, FailureKind, Scenario, ThreadOptions } from 'atomics-sync-free/check';

export interface Peer {
  readonly name: string;
  readonly make: () => Scenario<string, string>;
  /** What the explorer must find. */
  readonly breaks: FailureKind;
  readonly why: string;
}

type Code = Body<string, string>;
type Memory = Parameters<Code>[0];

/** A lock that is right, to build the others on: 0 free, 1 held, 2 held and somebody may sleep. */
function lock({ words, at }: Memory, mark: () => void): void {
  if (Atomics.compareExchange(words, at.lock, 0, 1) === 0) return;
  while (Atomics.exchange(words, at.lock, 2) !== 0) {
    Atomics.wait(words, at.lock, 2);
    mark();
  }
}

function unlock({ words, at }: Memory): void {
  if (Atomics.exchange(words, at.lock, 0) === 2) Atomics.notify(words, at.lock, 1);
}

// --- conditions ---------------------------------------------------------------------------------------------------

/** A condition variable that sleeps on a word which no notification changes. */
function conditionWithoutSequence(): Scenario<string, string> {
  const consumer: Code = (memory, thread) => {
    const { words, at } = memory;
    lock(memory, () => thread.mark('entering'));
    while (Atomics.load(words, at.ready) === 0) {
      unlock(memory);
      Atomics.wait(words, at.condition, 0);
      thread.mark('woken');
      lock(memory, () => thread.mark('again'));
    }
    unlock(memory);
  };
  const producer: Code = (memory, thread) => {
    const { words, at } = memory;
    lock(memory, () => thread.mark('entering'));
    Atomics.store(words, at.ready, 1);
    Atomics.notify(words, at.condition, 1);
    unlock(memory);
  };
  return { memory: { lock: 0, condition: 0, ready: 0 }, threads: [consumer, producer] };
}

// --- semaphores ---------------------------------------------------------------------------------------------------

/** Takes one permit, or sleeps until the count is no longer 0. */
const take: Code = ({ words, at }, thread) => {
  for (;;) {
    thread.mark();
    const permits = Atomics.load(words, at.permits);
    if (permits === 0) Atomics.wait(words, at.permits, 0);
    else if (Atomics.compareExchange(words, at.permits, permits, permits - 1) === permits) return;
  }
};

/** A release that notifies one waiter only when it finds the count at 0. */
function semaphoreThatNotifiesFromZero(): Scenario<string, string> {
  const release: Code = ({ words, at }) => {
    for (let i = 0; i < 2; i++) {
      if (Atomics.add(words, at.permits, 1) === 0) Atomics.notify(words, at.permits, 1);
    }
  };
  return { memory: { permits: 0 }, threads: [take, take, release] };
}

/**
 * Waiters for several permits at a time sleep on one word, and a release of n notifies n of them: the one that it wakes
 * may be one for whom there is not enough, while another could go on.
 */
function semaphoreOfUnequalWaiters(): Scenario<string, string> {
  const takes =
    (n: number): Code =>
    ({ words, at }, thread) => {
      for (;;) {
        thread.mark();
        const permits = Atomics.load(words, at.permits);
        if (permits < n) Atomics.wait(words, at.permits, permits);
        else if (Atomics.compareExchange(words, at.permits, permits, permits - n) === permits) return;
      }
    };
  const release: Code = ({ words, at }, thread) => {
    Atomics.add(words, at.permits, 1);
    Atomics.notify(words, at.permits, 1);
    // The taker of two is served by a later release, if the taker of one has gone on by then.
    while (Atomics.load(words, at.served) === 0) thread.mark();
    Atomics.add(words, at.permits, 2);
    Atomics.notify(words, at.permits);
  };
  const takesOne: Code = (memory, thread) => {
    takes(1)(memory, thread);
    Atomics.store(memory.words, memory.at.served, 1);
  };
  return {
    memory: { permits: 0, served: 0 },
    threads: [
      { name: 'takes 2', run: takes(2) },
      { name: 'takes 1', run: takesOne },
      { name: 'releases', run: release },
    ],
  };
}

// --- ownership ------------------------------------------------------------------------------------------------------

/** Whether the lock is held by the caller is a field of the object, and the thread has two objects of one lock. */
function ownershipByObject(): Scenario<string, string> {
  class Handle {
    #held = false;
    constructor(readonly memory: Memory) {}
    acquire(mark: () => void): void {
      if (this.#held) return;
      lock(this.memory, mark);
      this.#held = true;
    }
  }
  const reenters: Code = (memory, thread) => {
    new Handle(memory).acquire(() => thread.mark('first'));
    new Handle(memory).acquire(() => thread.mark('second'));
  };
  return { memory: { lock: 0 }, threads: [reenters] };
}

/** Acquires re-entrantly; the owner is written after the lock was taken, and is left standing by a release. */
const reentrant = (id: number, rounds: number): ThreadOptions<string, string> => ({
  name: `id ${id}`,
  run: (memory, thread) => {
    const { words, at } = memory;
    for (let i = 0; i < rounds; i++) {
      const again = Atomics.load(words, at.lock) !== 0 && Atomics.load(words, at.owner) === id;
      if (!again) {
        lock(memory, () => thread.mark(i));
        Atomics.store(words, at.owner, id);
      }
      thread.ghost.add('inside', 1);
      Atomics.load(words, at.lock);
      thread.ghost.add('inside', -1);
      if (!again) unlock(memory);
    }
  },
});

const alone = {
  ghosts: { inside: 0 },
  invariant: ({ inside }: Readonly<Record<string, number>>) => inside <= 1 || 'two are inside',
};

/** The main thread's id is 0, which is also what the owner word holds when nobody has the lock. */
const ownerZero = (): Scenario<string, string> => ({
  memory: { lock: 0, owner: 0 },
  threads: [reentrant(1, 1), reentrant(0, 1)],
  ...alone,
});

/** Ids are right, but between the compare-and-swap and the store the last owner is still named. */
const ownerWrittenLate = (): Scenario<string, string> => ({
  memory: { lock: 0, owner: 0 },
  threads: [reentrant(1, 2), reentrant(2, 1)],
  ...alone,
});

/** A lock that is freed when its owner is found dead, and nothing more: sleepers are not woken. */
function deadOwnerUnlocked(): Scenario<string, string> {
  const user: Code = (memory, thread) => {
    lock(memory, () => thread.mark());
    unlock(memory);
  };
  return {
    memory: { lock: 0 },
    kills: 1,
    threads: [
      { name: 'dies', run: user },
      { name: 'user', killable: false, run: user },
      {
        name: 'reaper',
        run: ({ words, at }, thread) => {
          thread.joinDead();
          Atomics.store(words, at.lock, 0);
        },
      },
    ],
  };
}

// --- async ----------------------------------------------------------------------------------------------------------

/** Blocked threads and async waiters sleep on one word, and a release notifies one of them. */
function notifyOneSwallowed(): Scenario<string, string> {
  const user: Code = (memory, thread) => {
    const { words, at } = memory;
    lock(memory, () => thread.mark());
    unlock(memory);
    Atomics.add(words, at.done, 1);
  };
  // Its event loop is busy until the others are done, so that the wake it got is of no use to anybody.
  const busy: Code = (memory, thread) => {
    const { words, at } = memory;
    const enter = (): void => {
      if (Atomics.exchange(words, at.lock, 2) === 0) {
        unlock(memory);
        return;
      }
      const wait = Atomics.waitAsync(words, at.lock, 2);
      if (wait.async) wait.value.then(enter);
      else enter();
    };
    enter();
    while (Atomics.load(words, at.done) < 2) thread.mark();
  };
  return { memory: { lock: 0, done: 0 }, threads: [user, user, { name: 'busy', run: busy }] };
}

export const peers: readonly Peer[] = [
  {
    name: 'esfx: a condition without a sequence',
    make: conditionWithoutSequence,
    breaks: 'deadlock',
    why: 'a notification between unlock and sleep is lost',
  },
  {
    name: 'atomics-sync: a semaphore that notifies on 0 → 1 only',
    make: semaphoreThatNotifiesFromZero,
    breaks: 'deadlock',
    why: 'the second permit wakes nobody',
  },
  {
    name: 'multithreading: waiters for 2 and for 1, release(1)',
    make: semaphoreOfUnequalWaiters,
    breaks: 'livelock',
    why: 'the one wake goes to a waiter for whom there is not enough',
  },
  {
    name: 'esfx: ownership by object, two handles in one thread',
    make: ownershipByObject,
    breaks: 'deadlock',
    why: 'the second handle waits for the first',
  },
  {
    name: 'worker-mutex: id 0 is also "no owner"',
    make: ownerZero,
    breaks: 'invariant',
    why: 'the main thread re-enters a lock that another has just taken',
  },
  {
    name: 'worker-mutex: the owner is written after the lock is taken',
    make: ownerWrittenLate,
    breaks: 'invariant',
    why: 'the owner before re-enters what is no longer its own',
  },
  {
    name: "a dead owner's lock is freed, and nobody woken",
    make: deadOwnerUnlocked,
    breaks: 'deadlock',
    why: 'who slept behind the dead owner sleeps on',
  },
  {
    name: 'emscripten#27492: notify(1) on a word shared with async waiters',
    make: notifyOneSwallowed,
    breaks: 'livelock',
    why: 'a busy event loop sits on the wake, and a thread beside the free lock sleeps on',
  },
];
