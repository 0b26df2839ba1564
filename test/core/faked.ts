// A process with faked time: `node faked.js FAKES ORDER SCENARIO…`. It plays the scenarios one after another and prints a
// line of JSON for each, with what it found.
//
// FAKES is a library and what it fakes. ORDER is whether it comes before or after the package is imported, or during the
// wait that is the only scenario.
import { mock } from 'node:test';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import FakeTimers from '@sinonjs/fake-timers';
import type { Event, Shared } from 'atomics-sync-free';

/** A faked clock, as its library moves it. */
interface Clock {
  /** Advances the clock by so many ms. */
  tick(ms: number): unknown;
  /** Advances it by what it takes to run all timers. */
  runAll(): unknown;
}

type Package = typeof import('atomics-sync-free');

/** Ms until a wait that nobody ends is over, by the faked clock: long enough to tell it from real time. */
const LONG = 3_600_000;

const nodes = (...apis: readonly ('setTimeout' | 'setInterval' | 'setImmediate' | 'Date')[]): Clock => {
  mock.timers.enable({ apis: [...apis] });
  return mock.timers;
};

const sinons = (...toFake: readonly FakeTimers.FakeMethod[]): Clock =>
  // With nothing named it fakes all that it can.
  FakeTimers.install(toFake.length > 0 ? { toFake: [...toFake] } : {});

const fakes: Readonly<Record<string, () => Clock>> = {
  'node:test, all': () => nodes('setTimeout', 'setInterval', 'setImmediate', 'Date'),
  'node:test, setTimeout': () => nodes('setTimeout'),
  'sinon, all': () => sinons(),
  'sinon, setTimeout': () => sinons('setTimeout', 'clearTimeout'),
  'sinon, setTimeout and Date': () => sinons('setTimeout', 'clearTimeout', 'Date'),
  'sinon, all but performance': () =>
    sinons('setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'Date'),
};

/** Real time in ms, kept from before all fakes. */
const realNow = performance.now.bind(performance);

/** Sleeps in real time, blocking. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Until promises that need nothing else are settled; `setImmediate` may be a fake. */
async function settled(): Promise<void> {
  for (let i = 0; i < 100; i++) await undefined;
}

/** A turn of the event loop, in which wakes arrive. */
function turn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** How a promise stands: what it was settled with, or that it is not. */
function watch(promise: Promise<unknown>): { outcome: unknown } {
  const watched: { outcome: unknown } = { outcome: 'pending' };
  promise.then(
    (value) => (watched.outcome = value),
    (reason: { readonly code?: string }) => (watched.outcome = reason.code),
  );
  return watched;
}

/** Sets an event after so many ms of real time, from a thread that does not keep the process alive. */
function setLater(package_: Package, event: Event, ms: number): void {
  const data = { event: package_.share(event), ms };
  new Worker(new URL(import.meta.url), { workerData: data, argv: process.argv.slice(2) }).unref();
}

/** What is tried, with the fakes in place. */
type Scenario = (given: { readonly package_: Package; readonly clock: Clock }) => unknown;

const scenarios: Readonly<Record<string, Scenario>> = {
  async 'waits of every kind'({ package_, clock }) {
    const { waits } = await import('../sync/waits.js');
    const kinds = Object.entries(waits);
    const all = kinds.map(([, make]) => watch(make(new package_.Arena()).wait({ timeout: LONG })));
    const outcomes = () => kinds.map(([name], i) => [name, all[i].outcome]);
    await settled();
    clock.tick(LONG - 1);
    await settled();
    const before = outcomes();
    clock.tick(1);
    await settled();
    return [Object.fromEntries(before), Object.fromEntries(outcomes())];
  },

  async 'waitForAsync, notified in vain'({ package_, clock }) {
    const lock = new package_.Lock();
    const condition = new package_.Condition(lock);
    await lock.acquireAsync();
    let asked = 0;
    const wait = watch(
      condition.waitForAsync(
        () => {
          asked++;
          return false;
        },
        { timeout: LONG },
      ),
    );
    clock.tick(LONG / 2);
    condition.run(() => condition.notify());
    while (asked < 2) await turn();
    clock.tick(LONG / 2 - 1);
    await settled();
    const before = wait.outcome;
    clock.tick(1);
    await settled();
    return [before, wait.outcome];
  },

  async 'a timeout beyond the longest timer'({ package_, clock }) {
    const wait = watch(new package_.Event().waitAsync({ timeout: 3_000_000_000 }));
    const outcomes: unknown[] = [];
    for (const ms of [2 ** 31 - 1, 3_000_000_000 - 2 ** 31, 1]) {
      clock.tick(ms);
      await settled();
      outcomes.push(wait.outcome);
    }
    return outcomes;
  },

  async 'all timers run'({ package_, clock }) {
    const event = new package_.Event();
    const waits = [{}, { timeout: 1e300 }, { timeout: LONG }].map((options) => watch(event.waitAsync(options)));
    clock.runAll();
    await settled();
    const outcomes = waits.map(({ outcome }) => outcome);
    event.set();
    return outcomes;
  },

  async 'a wait that another thread ends'({ package_ }) {
    const event = new package_.Event();
    const waiting = event.waitAsync();
    setLater(package_, event, 200);
    return waiting;
  },

  'a wait that nobody ends'({ package_ }) {
    void new package_.Event().waitAsync();
    return 'waiting';
  },

  'blocking waits that spin'({ package_ }) {
    const lock = new package_.Lock();
    lock.acquire();
    const began = realNow();
    // One wait in seventeen spins for longer.
    for (let i = 0; i < 34; i++) if (lock.acquire(2)) throw new Error('the lock was free');
    return realNow() - began;
  },

  async 'a blocking wait that is woken in vain'() {
    const { block } = await import('#dist/core/wait/block.js');
    const { SLEEP } = await import('#dist/core/wait/pass.js');
    const { Member } = await import('#dist/core/memory/member.js');
    const { Waiting } = await import('#dist/core/wait/waiting.js');
    const words = new Int32Array(new SharedArrayBuffer(8));
    // Its own pass changes the gate that it is to sleep on.
    const pass = (): number => {
      Atomics.add(words, 0, 1);
      return SLEEP;
    };
    const began = realNow();
    const got = block(new Waiting({ label: 'something' }, new Member(words, 0), pass, 0, 0), 100, 0);
    return { got, ms: realNow() - began };
  },

  async 'the clock'() {
    const { now, sinceEpoch } = await import('#dist/core/wait/clock.js');
    const [began, beganSinceEpoch] = [now(), sinceEpoch()];
    block(100);
    return { passed: now() - began, passedSinceEpoch: sinceEpoch() - beganSinceEpoch };
  },

  async 'the books of a GIL'() {
    const { GIL } = await import('atomics-sync-free/gil');
    const gil = new GIL();
    gil.run(() => block(100));
    return gil.statistics().total.held;
  },
};

/** A wait that began by real time, and ends well after the fakes came. */
async function overtaken(install: () => Clock): Promise<unknown> {
  const package_ = await import('atomics-sync-free');
  const event = new package_.Event();
  const waiting = event.waitAsync({ timeout: LONG });
  install();
  event.set();
  return waiting;
}

if (parentPort) {
  const { attach } = await import('atomics-sync-free');
  const { event, ms } = workerData as { event: Shared<Event>; ms: number };
  block(ms);
  attach(event).set();
} else {
  const [fake, order, ...played] = process.argv.slice(2);
  const tell = (scenario: string, found: unknown): void => console.log(JSON.stringify({ scenario, found }));
  if (order === 'during') {
    tell(played[0], await overtaken(fakes[fake]));
  } else {
    const early = order === 'before' ? fakes[fake]() : undefined;
    const package_ = await import('atomics-sync-free');
    await import('atomics-sync-free/gil');
    const clock = early ?? fakes[fake]();
    for (const scenario of played) tell(scenario, await scenarios[scenario]({ package_, clock }));
  }
}
