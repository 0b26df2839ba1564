// An agent that takes some of several things, always in one order, and keeps them for a while.
import { attachWith, DeadlockError, detectDeadlocks, Event, Lock, RLock, RWLock, type Shared } from 'atomics-sync-free';
import { GIL } from 'atomics-sync-free/gil';
import { member } from '../support/member.js';

export interface HealthyThings {
  readonly first: RLock;
  readonly second: RWLock;
  readonly third: Lock;
  readonly fourth: Lock;
  readonly fifth: RLock;
  readonly last: GIL;
}

export interface HealthyData {
  readonly shared: Shared<HealthyThings>;
  readonly time: number;
}

export interface Played {
  /** What was said of deadlocks. */
  readonly told: readonly string[];
  readonly rounds: number;
  /** How many waits lasted for longer than two looks take. */
  readonly long: number;
}

/** Two looks of the detector are over, in ms. */
const LOOKS = 110;
/** The longest that one keeps what it has, in ms. */
const KEEP = 80;

const pick = (most: number): number => Math.floor(Math.random() * most);

member<HealthyData>(async ({ data: { shared, time } }) => {
  const { first, second, third, fourth, fifth, last } = attachWith(GIL, Lock, RLock, RWLock)(shared);
  const told: string[] = [];
  detectDeadlocks({ report: ({ message }) => void told.push(message) });
  const gil = { acquire: () => last.acquire(), release: () => last.release() };
  const order = [first, () => (pick(2) === 0 ? second.readLock : second.writeLock), third, fourth, fifth, gil];
  const pause = new Event();
  const end = performance.now() + time;
  let rounds = 0;
  let long = 0;
  for (; performance.now() < end; rounds++) {
    // A task of this agent holds what comes first, now and then.
    const hold = pick(4) === 0 ? await first.holdAsync() : undefined;
    const wanted = order.slice(hold === undefined ? 0 : 1).filter(() => pick(3) === 0);
    const held: { release(): void }[] = [];
    try {
      for (const each of wanted) {
        const thing = typeof each === 'function' ? each() : each;
        const before = performance.now();
        thing.acquire();
        if (performance.now() - before > LOOKS) long++;
        held.push(thing);
      }
      pause.wait(pick(KEEP));
    } catch (error) {
      if (!(error instanceof DeadlockError)) throw error;
      told.push(error.message);
    }
    for (const thing of held.reverse()) thing.release();
    hold?.release();
  }
  return { told, rounds, long };
});
