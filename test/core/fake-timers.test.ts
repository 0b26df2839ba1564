// What holds where time is faked: async waits go by the faked clock, blocking waits by the real one, and the process lives
// as long as it waits. The libraries are Node's own mock timers and @sinonjs/fake-timers, which is also what sinon, jest
// and vitest use. Each case has a process of its own, so that one that hangs is named and ended.
import { spawn } from 'node:child_process';
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
/** Ms that a process may take that has nothing long to do. */
const LIMIT = 15_000;

// Node 20 warns that its mock timers are experimental.
const start = (args: readonly string[]) =>
  spawn(process.execPath, ['--disable-warning=ExperimentalWarning', FAKED, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** What a process with faked time found (see faked.ts); it has to end by itself. */
async function faked<Found>(...args: readonly string[]): Promise<Found> {
  const child = start(args);
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...ending) => resolve(ending)),
  );
  clearTimeout(timer);
  if (signal) throw new Error(`${args.join(' · ')}: did not end within ${LIMIT} ms, having printed '${printed}'`);
  if (code !== 0 || printed === '') throw new Error(`${args.join(' · ')}: ended with ${code} and printed '${printed}'`);
  return JSON.parse(printed) as Found;
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

for (const fakes of PARTIAL) {
  test(`${fakes}: async waits end when their timeout has passed by the faked clock, and not before`, async () => {
    assert.equal(await faked(fakes, 'after', 'waits of every kind'), [pending, over]);
  });
}

for (const fakes of [...LIBRARIES, ...PARTIAL]) {
  test(`${fakes}: all waits of one waitForAsync share its timeout`, async () => {
    assert.equal(await faked(fakes, 'after', 'waitForAsync, notified in vain'), ['pending', false]);
  });
}

for (const fakes of LIBRARIES) {
  for (const order of ORDERS) {
    const where = `${fakes}, ${order} the import`;

    test(`${where}: async waits of every kind go by the faked clock`, async () => {
      assert.equal(await faked(fakes, order, 'waits of every kind'), [pending, over]);
    });

    test(`${where}: a timeout beyond setTimeout's longest is kept`, async () => {
      assert.equal(await faked(fakes, order, 'a timeout beyond the longest timer'), ['pending', 'pending', false]);
    });

    test(`${where}: runAll ends waits with a timeout and no others`, async () => {
      assert.equal(await faked(fakes, order, 'all timers run'), ['pending', 'pending', false]);
    });

    test(`${where}: a wait keeps the process alive until it ends, and no longer`, async () => {
      assert.is(await faked(fakes, order, 'a wait that another thread ends'), true);
    });

    test(`${where}: a blocking wait goes by real time, spinning or not`, async () => {
      assert.ok((await faked<number>(fakes, order, 'blocking waits that spin')) >= 34);
    });

    test(`${where}: a blocking wait that is woken in vain ends in real time`, async () => {
      const { got, ms } = await faked<{ got: boolean; ms: number }>(
        fakes,
        order,
        'a blocking wait that is woken in vain',
      );
      assert.is(got, false);
      assert.ok(ms >= 99, `${ms}`);
    });

    test(`${where}: the clock goes on in real time`, async () => {
      const { passed, passedSinceEpoch } = await faked<Record<string, number>>(fakes, order, 'the clock');
      assert.ok(passed >= 99 && passed < LIMIT, `${passed}`);
      assert.ok(passedSinceEpoch >= 99 && passedSinceEpoch < LIMIT, `${passedSinceEpoch}`);
    });

    test(`${where}: a GIL's statistics are of real time`, async () => {
      const held = await faked<number>(fakes, order, 'the books of a GIL');
      assert.ok(held >= 99 && held < LIMIT, `${held}`);
    });
  }

  test(`${fakes}: a wait that nobody ends keeps the process alive`, async () => {
    const child = start([fakes, 'after', 'a wait that nobody ends']);
    atTestEnd(() => void child.kill('SIGKILL'));
    const ended = new Promise((resolve) => child.on('exit', () => resolve('ended')));
    await Promise.race([ended, new Promise((resolve) => child.stdout.once('data', resolve))]);
    const alive = new Promise((resolve) => setTimeout(resolve, 500, 'alive'));
    assert.is(await Promise.race([ended, alive]), 'alive');
  });

  test(`${fakes}: a timer from before the fakes is taken back when its wait ends`, async () => {
    assert.is(await faked(fakes, 'during'), true);
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
 * A module of core/wait as it is where these globals are.
 *
 * @param path - of the module, by a query of its own, so that it is loaded anew
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
    return await import(import.meta.resolve(`#dist/core/wait/${path}`));
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

test('where ports cannot be let go, they are closed, and opened anew', async () => {
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
