import { Barrier, type BarrierOptions } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { until } from '../support/workers.js';
import { conform, elapsed, isAbout, refused } from './conform.js';
import type { Party, Passage } from './roles/barrier.js';
import type { Actor, Stage } from './stage.js';

type Args = [parties: number, options?: BarrierOptions];

const barrier = { name: 'Barrier', role: 'visitor', make: (...args: Args) => new Barrier(...args) } as const;

const N = 5;
const BROKEN = 'ERR_BROKEN_BARRIER';

/** Makes all of them pass `n` times; returns what they found, by passage. */
async function passAll(actors: readonly Actor<Party>[], n: number): Promise<Passage[][]> {
  const byActor = await Promise.all(actors.map((actor) => actor.pass(n)));
  return Array.from({ length: n }, (_, at) => byActor.map((passages) => passages[at]));
}

/** Asserts that the barrier is as good as new. */
function isEmpty(barrier: Barrier): void {
  assert.is(barrier.nWaiting, 0);
  assert.is(barrier.broken, false);
}

/** Makes these parties wait until an error ends their waits; all have arrived when this resolves. */
async function waitInVain(barrier: Barrier, parties: readonly Actor<Party>[]): Promise<{ ended: Promise<unknown> }> {
  const ended = Promise.all(parties.map((party) => refused(party.wait(), BROKEN)));
  await until(() => barrier.nWaiting === parties.length);
  return { ended };
}

/** Waits without letting the event loop turn, so that no task of the test's agent proceeds. */
function spinUntil(condition: () => boolean): void {
  const end = performance.now() + 10_000;
  while (!condition()) assert.ok(performance.now() < end, `not so within 10 s: ${condition}`);
}

async function lockStep({ make, cast }: Stage<'visitor', Barrier, Args>, n: number): Promise<void> {
  const barrier = make(N);
  const passages = await passAll(await cast(N, barrier), n);
  assert.is(passages.length, n);
  for (const passage of passages) {
    assert.equal(
      passage.map(({ arrived }) => arrived),
      Array(N).fill(N),
    );
  }
  isEmpty(barrier);
}

conform(barrier, {
  async constructor({ make, cast }: Stage<'visitor', Barrier, Args>) {
    for (const parties of [0, -1, Number.NEGATIVE_INFINITY]) assert.throws(() => make(parties), RangeError);
    const barrier = make(3);
    assert.is(barrier.parties, 3);
    isEmpty(barrier);
    const [a] = await cast(1, barrier);
    assert.match(await a.text(), /waiters=0\/3/);
  },

  barrier: (stage) => lockStep(stage, 1),

  barrier10: (stage) => lockStep(stage, 10),

  async waitReturn({ make, cast }) {
    const barrier = make(N);
    for (const passage of await passAll(await cast(N, barrier), 5)) {
      assert.equal(passage.map(({ index }) => index).sort(), [0, 1, 2, 3, 4]);
    }
    isEmpty(barrier);
  },

  async action({ make, cast }) {
    const barrier = make(N);
    const actors = await cast(N, barrier);
    for (const actor of actors) await actor.act('count');
    const [passage] = await passAll(actors, 1);
    assert.equal(
      passage.map(({ actions }) => actions),
      Array(N).fill(1),
    );
    isEmpty(barrier);
  },

  async abort({ make, cast }) {
    const barrier = make(N);
    const [a, ...others] = await cast(N, barrier);
    const { ended } = await waitInVain(barrier, others);
    await a.abort();
    await ended;
    await refused(a.wait(), BROKEN);
    assert.is(barrier.broken, true);
    assert.is(barrier.nWaiting, 0);
  },

  async reset({ make, cast }) {
    const barrier = make(N);
    const [a, ...others] = await cast(N, barrier);
    const { ended } = await waitInVain(barrier, others);
    await a.reset();
    await ended;
    isEmpty(barrier);
    await passAll([a, ...others], 2);
    isEmpty(barrier);
  },

  async abortAndReset({ make, cast }) {
    const barrier = make(N);
    const [a, b, ...others] = await cast(N, barrier);
    const { ended } = await waitInVain(barrier, others);
    await a.abort();
    await ended;
    await refused(b.wait(), BROKEN);
    await b.reset();
    isEmpty(barrier);
    await passAll([a, b, ...others], 2);
    isEmpty(barrier);
  },

  async timeout({ make, cast }) {
    const barrier = make(N);
    const [late, impatient, ...patient] = await cast(N, barrier);
    const { ended } = await waitInVain(barrier, patient);
    isAbout(await elapsed(() => refused(impatient.wait(100), BROKEN)), 100);
    await ended;
    await refused(late.wait(), BROKEN);
    assert.is(barrier.broken, true);
  },

  async defaultTimeout({ make, cast }) {
    const barrier = make(N, { timeout: 100 });
    const [late, ...others] = await cast(N, barrier);
    isAbout(await elapsed(() => Promise.all(others.map((other) => refused(other.wait(), BROKEN)))), 100);
    await refused(late.wait(), BROKEN);
    assert.is(barrier.broken, true);
  },

  async singleThread({ make, cast }) {
    const barrier = make(1);
    const [a] = await cast(1, barrier);
    for (let i = 0; i < 2; i++) assert.is(await a.wait(), 0);
    isEmpty(barrier);
  },

  async repr({ make, cast }) {
    const barrier = make(3);
    const [a, ...others] = await cast(3, barrier);
    assert.match(await a.text(), /^Barrier#\d+ \(waiters=0\/3\)$/);
    const { ended } = await waitInVain(barrier, others);
    assert.match(await a.text(), /^Barrier#\d+ \(waiters=2\/3\)$/);
    await a.abort();
    await ended;
    assert.match(await a.text(), /^Barrier#\d+ \(broken\)$/);
  },

  async indexIsTheOrderOfArrival({ make, cast }) {
    const barrier = make(N);
    const waits: Promise<number>[] = [];
    for (const [i, actor] of (await cast(N, barrier)).entries()) {
      waits.push(actor.wait());
      if (i < N - 1) await until(() => barrier.nWaiting === i + 1);
    }
    assert.equal(await Promise.all(waits), [0, 1, 2, 3, 4]);
  },

  async actionFails({ make, cast }) {
    const barrier = make(N);
    const [last, ...others] = await cast(N, barrier);
    await last.act('fail');
    const { ended } = await waitInVain(barrier, others);
    await refused(last.wait(), 'Mishap');
    await ended;
    assert.is(barrier.broken, true);
    assert.is(barrier.nWaiting, 0);
    await last.act('count');
    await last.reset();
    await passAll([last, ...others], 1);
    isEmpty(barrier);
  },

  async resetOfAnEmptyOne({ make, cast }) {
    const barrier = make(2);
    const [a, b] = await cast(2, barrier);
    await a.reset();
    isEmpty(barrier);
    await passAll([a, b], 1);
    await b.reset();
    await passAll([a, b], 1);
    isEmpty(barrier);
  },

  async badTimeout({ make, cast }) {
    const barrier = make(2);
    const [a, b] = await cast(2, barrier);
    for (const bad of [-1, Number.NaN]) await refused(a.wait(bad), 'RangeError');
    isEmpty(barrier);
    await passAll([a, b], 1);
  },
});

// The thread arrives while the task has not left yet, because its event loop is busy.
conform(
  barrier,
  {
    async entrantsWaitWhileDraining({ make, cast }) {
      const barrier = make(2);
      const [thread, task] = await cast(2, barrier);
      const first = task.wait();
      const second = thread.wait();
      const again = thread.wait();
      spinUntil(() => thread.waits);
      isEmpty(barrier);
      assert.equal(await Promise.all([first, second]), [0, 1]);
      await until(() => barrier.nWaiting === 1);
      assert.is(await task.wait(), 1);
      assert.is(await again, 0);
    },

    async entrantsWaitWhileResetting({ make, cast }) {
      const barrier = make(2);
      const [thread, task] = await cast(2, barrier);
      const first = task.wait();
      barrier.reset();
      const second = thread.wait();
      spinUntil(() => thread.waits);
      isEmpty(barrier);
      await refused(first, BROKEN);
      await until(() => barrier.nWaiting === 1);
      assert.is(await task.wait(), 1);
      assert.is(await second, 0);
    },
  },
  ['threads and tasks'],
);
