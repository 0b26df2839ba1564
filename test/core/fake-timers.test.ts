// What holds where time is faked: async waits go by the faked clock, blocking waits by the real one, and the process lives
// as long as it waits. The libraries are Node's own mock timers and @sinonjs/fake-timers, which is also what sinon, jest
// and vitest use. Each way to fake has a process of its own, which plays its scenarios one after another and reports each:
// where one hangs it is named, and the process ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { Member } from '#dist/core/memory/member.js';
import { block } from '#dist/core/wait/block.js';
import { now, setClock } from '#dist/core/wait/clock.js';
import { Deadline } from '#dist/core/wait/deadline.js';
import { release, retain } from '#dist/core/wait/keep-alive.js';
import { BUSY, LAPSED, type Pass, SLEEP, SLEEP_BRIEFLY } from '#dist/core/wait/pass.js';
import { setSpinLimit, spin } from '#dist/core/wait/spin.js';
import { Waiting } from '#dist/core/wait/waiting.js';
import { atTestEnd, suite } from '../support/suite.js';
import { waits } from '../sync/waits.js';

const test = suite('fake timers');
const FAKED = fileURLToPath(new URL('./faked.js', import.meta.url));
/** Ms that a scenario may take; none has anything long to do. */
const LIMIT = 15_000;

// Node 20 warns that its mock timers are experimental.
const start = (...args: readonly string[]) =>
  spawn(process.execPath, ['--disable-warning=ExperimentalWarning', FAKED, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** A process with faked time (see faked.ts) that plays scenarios; it begins when the first of them is asked for. */
class Faked {
  readonly #fakes: string;
  readonly #order: string;
  readonly #scenarios: readonly string[];
  #child: ChildProcess | undefined;
  #lines: AsyncIterator<string> | undefined;

  constructor(fakes: string, order: string, scenarios: readonly string[]) {
    this.#fakes = fakes;
    this.#order = order;
    this.#scenarios = scenarios;
  }

  /** What the next scenario found; they are asked for in their order. */
  async found<Found>(scenario: string): Promise<Found> {
    this.#lines ??= createInterface(this.#play().stdout as Readable)[Symbol.asyncIterator]();
    const line = await this.#inTime(this.#lines.next());
    if (line.done) throw new Error(`${this}: told nothing of '${scenario}' ${this.#ending()}`);
    const told = JSON.parse(line.value) as { readonly scenario: string; readonly found: Found };
    assert.is(told.scenario, scenario);
    return told.found;
  }

  /** Asserts that the process ends by itself, now that all has been found. */
  async ends(): Promise<void> {
    const child = this.#play();
    if (child.exitCode === null && child.signalCode === null) {
      await this.#inTime(new Promise((resolve) => child.once('exit', resolve)));
    }
    assert.is(child.exitCode, 0, `${this}: ${this.#ending()}`);
  }

  #play(): ChildProcess {
    this.#child ??= start(this.#fakes, this.#order, ...this.#scenarios);
    return this.#child;
  }

  async #inTime<T>(promise: Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), LIMIT);
    return promise.finally(() => clearTimeout(timer));
  }

  #ending(): string {
    const { exitCode, signalCode } = this.#play();
    return signalCode === null ? `and ended with ${exitCode}` : `within ${LIMIT} ms`;
  }

  toString(): string {
    return `${this.#fakes} · ${this.#order}`;
  }
}

const LIBRARIES = ['node:test, all', 'sinon, all'];
const PARTIAL = [
  'node:test, setTimeout',
  'sinon, setTimeout',
  'sinon, setTimeout and Date',
  'sinon, all but performance',
];
const ORDERS = ['before', 'after'];

/** How waits of each kind stand before and after their time. */
const pending = Object.fromEntries(Object.keys(waits).map((name) => [name, 'pending']));
const over = {
  ...Object.fromEntries(Object.keys(waits).map((name) => [name, false])),
  RLock: 'ERR_TIMEOUT',
  Barrier: 'ERR_BROKEN_BARRIER',
};

const KINDS = 'waits of every kind';
const IN_VAIN = 'waitForAsync, notified in vain';
const OVERTAKEN = 'a wait that began before the fakes';

for (const fakes of PARTIAL) {
  const faked = new Faked(fakes, 'after', [KINDS, IN_VAIN]);

  test(`${fakes}: async waits end when their timeout has passed by the faked clock, and not before`, async () => {
    assert.equal(await faked.found(KINDS), [pending, over]);
  });

  test(`${fakes}: all waits of one waitForAsync share its timeout`, async () => {
    assert.equal(await faked.found(IN_VAIN), ['pending', false]);
    await faked.ends();
  });
}

for (const fakes of LIBRARIES) {
  for (const order of ORDERS) {
    const where = `${fakes}, ${order} the import`;
    const scenarios: string[] = [];
    const faked = new Faked(fakes, order, scenarios);
    /** A test of what a scenario finds. */
    const finds = <Found>(property: string, scenario: string, judge: (found: Found) => void): void => {
      scenarios.push(scenario);
      test(`${where}: ${property}`, async () => judge(await faked.found(scenario)));
    };

    finds('async waits of every kind go by the faked clock', KINDS, (found) => {
      assert.equal(found, [pending, over]);
    });

    finds('all waits of one waitForAsync share its timeout', IN_VAIN, (found) => {
      assert.equal(found, ['pending', false]);
    });

    finds("a timeout beyond setTimeout's longest is kept", 'a timeout beyond the longest timer', (found) => {
      assert.equal(found, ['pending', 'pending', false]);
    });

    finds('runAll ends waits with a timeout and no others', 'all timers run', (found) => {
      assert.equal(found, ['pending', 'pending', false]);
    });

    finds('a blocking wait goes by real time, spinning or not', 'blocking waits that spin', (ms: number) => {
      assert.ok(ms >= 34, `${ms}`);
    });

    finds(
      'a blocking wait that is woken in vain ends in real time',
      'a blocking wait that is woken in vain',
      ({ got, ms }: { got: boolean; ms: number }) => {
        assert.is(got, false);
        assert.ok(ms >= 99, `${ms}`);
      },
    );

    finds(
      'the clock goes on in real time',
      'the clock',
      ({ passed, passedSinceEpoch }: Readonly<Record<string, number>>) => {
        assert.ok(passed >= 99 && passed < LIMIT, `${passed}`);
        assert.ok(passedSinceEpoch >= 99 && passedSinceEpoch < LIMIT, `${passedSinceEpoch}`);
      },
    );

    finds("a GIL's statistics are of real time", 'the books of a GIL', (held: number) => {
      assert.ok(held >= 99 && held < LIMIT, `${held}`);
    });

    finds('a wait keeps the process alive until it ends', 'a wait that another thread ends', (found) => {
      assert.is(found, true);
    });

    test(`${where}: when all waits have ended the process does`, () => faked.ends());
  }

  test(`${fakes}: a wait that nobody ends keeps the process alive`, async () => {
    const child = start(fakes, 'after', 'a wait that nobody ends');
    atTestEnd(() => void child.kill('SIGKILL'));
    const ended = new Promise((resolve) => child.on('exit', () => resolve('ended')));
    await Promise.race([ended, new Promise((resolve) => child.stdout.once('data', resolve))]);
    const alive = new Promise((resolve) => setTimeout(resolve, 500, 'alive'));
    assert.is(await Promise.race([ended, alive]), 'alive');
  });

  test(`${fakes}: a timer from before the fakes is taken back when its wait ends`, async () => {
    const faked = new Faked(fakes, 'during', [OVERTAKEN]);
    assert.is(await faked.found(OVERTAKEN), true);
    await faked.ends();
  });
}

/** What keeps this process alive, of the kind that waits use. */
const ports = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;

test('the process is kept alive until it is released as often as retained', () => {
  const before = ports();
  for (let round = 0; round < 2; round++) {
    retain();
    retain();
    release();
    assert.is(ports(), before + 1);
    release();
    assert.is(ports(), before);
  }
});

test('a release without its retain is refused', () => {
  assert.throws(release, /nobody keeps alive/);
});

/**
 * Loads a compiled module of core/wait while these globals are in place.
 *
 * @param path - of the module, with a query of its own, so that it is loaded anew
 * @param globals - by name; `process.` and a name for what a process has
 */
async function loadedWhere<Module>(path: string, globals: Readonly<Record<string, unknown>>): Promise<Module> {
  const replaced = Object.entries(globals).map(([name, value]) => {
    const [target, key] = name.startsWith('process.') ? [process, name.slice(8)] : [globalThis, name];
    const descriptor = Object.getOwnPropertyDescriptor(target, key) as PropertyDescriptor;
    Object.defineProperty(target, key, { configurable: true, writable: true, value });
    return () => Object.defineProperty(target, key, descriptor);
  });
  try {
    return await import(new URL(`../modules/core/wait/${path}`, import.meta.url).href);
  } finally {
    for (const restore of replaced) restore();
  }
}

const frozen = { now: () => 0 };
const clockless = { performance: frozen, 'process.getBuiltinModule': undefined };
const CLOCKS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "the host's own performance": { performance: frozen },
  "the process's uptime": clockless,
  'the time stamps of events': { ...clockless, 'process.uptime': undefined },
};

for (const [name, globals] of Object.entries(CLOCKS)) {
  test(`where performance was faked before, ${name} is a clock`, async () => {
    const clock = await loadedWhere<typeof import('#dist/core/wait/clock.js')>(
      `clock.js?${encodeURIComponent(name)}`,
      globals,
    );
    const [began, beganSinceEpoch] = [clock.now(), clock.sinceEpoch()];
    Atomics.wait(words, 1, 0, 50);
    assert.ok(clock.now() - began >= 49 && clock.now() - began < LIMIT);
    assert.ok(clock.sinceEpoch() - beganSinceEpoch >= 49);
    assert.ok(Math.abs(clock.sinceEpoch() - Date.now()) < 1000);
  });
}

test('where no clock is real, the faked one is asked', async () => {
  const globals = { ...clockless, 'process.uptime': undefined, Event: undefined };
  const clock = await loadedWhere<typeof import('#dist/core/wait/clock.js')>('clock.js?none', globals);
  assert.is(clock.now(), 0);
});

test('where ports cannot be unreferenced, they are closed and opened again', async () => {
  let [opened, closed] = [0, 0];
  class Channel {
    readonly port1 = { onmessage: null, close: () => closed++ };
    readonly port2 = {};

    constructor() {
      opened++;
    }
  }
  const original = globalThis.MessageChannel;
  atTestEnd(() => void Object.assign(globalThis, { MessageChannel: original }));
  Object.assign(globalThis, { MessageChannel: Channel });
  const keep = await loadedWhere<typeof import('#dist/core/wait/keep-alive.js')>('keep-alive.js?closing', {});
  for (let round = 1; round <= 2; round++) {
    keep.retain();
    keep.retain();
    keep.release();
    assert.equal([opened, closed], [round, round - 1]);
    keep.release();
    assert.equal([opened, closed], [round, round]);
  }
});

test('where there are no channels, or nothing to keep alive, waits need none', async () => {
  for (const missing of ['MessageChannel', 'process']) {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, missing) as PropertyDescriptor;
    const keep = await loadedWhere<typeof import('#dist/core/wait/keep-alive.js')>(`keep-alive.js?${missing}`, {});
    const before = ports();
    Reflect.deleteProperty(globalThis, missing);
    try {
      keep.retain();
    } finally {
      Object.defineProperty(globalThis, missing, descriptor);
    }
    assert.is(ports(), before);
    keep.release();
  }
});

const words = new Int32Array(new SharedArrayBuffer(8));

const waitingBy = (pass: Pass): Waiting => new Waiting({ label: 'something' }, new Member(words, 0), pass, 0, 0);

function withClockThatStands(run: () => void): void {
  setClock(() => 0);
  try {
    run();
  } finally {
    setClock();
  }
}

test('spinning ends under a clock that stands still', () => {
  setSpinLimit(1);
  atTestEnd(() => setSpinLimit(40));
  withClockThatStands(() => {
    for (let i = 0; i < 17; i++)
      assert.is(
        spin(
          waitingBy(() => BUSY),
          0,
          Infinity,
        ),
        BUSY,
      );
  });
});

test('a blocking wait that sleeps briefly again and again ends under a clock that stands still', () => {
  const began = now();
  withClockThatStands(() => {
    const pass = (_words: Int32Array, _cell: number, _me: number, state: number): number => {
      if ((state & LAPSED) === 0) return SLEEP_BRIEFLY;
      // Its gate is not what was seen, so it is as good as woken.
      Atomics.add(words, 0, 1);
      return SLEEP;
    };
    assert.is(block(waitingBy(pass), 35, 0), false);
  });
  assert.ok(now() - began >= 34);
});

test('a deadline passes once, in its time, unless it is cancelled', async () => {
  const passed: string[] = [];
  const began = now();
  await new Promise<void>((resolve) => {
    const deadline = new Deadline(20.5);
    const cancelled = new Deadline(1);
    cancelled.onPassed = () => passed.push('cancelled');
    cancelled.cancel();
    deadline.onPassed = () => {
      passed.push('passed');
      resolve();
    };
    assert.is(deadline.passed, false);
  });
  assert.equal(passed, ['passed']);
  // A timer of Node may fire as much as 1 ms early.
  assert.ok(now() - began >= 19.5);
  assert.is(new Deadline(0).passed, true);
});

test('a deadline that never passes keeps no timer', () => {
  const before = process.getActiveResourcesInfo().length;
  for (const timeout of [Number.POSITIVE_INFINITY, 1e300, 1e12]) assert.is(new Deadline(timeout).passed, false);
  assert.is(process.getActiveResourcesInfo().length, before);
});

test.run();
