// What Python's threading offers besides its primitives: see docs/conformance.md.
import {
  activeCount,
  currentThread,
  enumerate,
  excepthook,
  getIdent,
  local,
  mainThread,
  setExcepthook,
  stackSize,
  Thread,
  type ThreadInfo,
  Timer,
  task,
} from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { joined, resultOf, started, thrownBy } from '../support/threads.js';
import { until } from '../support/workers.js';
import { Alarm, Failing, Idle, Shouter } from '../threading/classes.worker.js';
import {
  aboutItself,
  fails,
  GO_ON,
  joinsWhatItCannot,
  nested,
  nothing,
  renames,
  STARTED,
  usesLocal,
  type Words,
  waiting,
} from '../threading/targets.worker.js';
import { inProgram } from './program.js';

const newWords = (): Words => new Int32Array(new SharedArrayBuffer(8));

/** Blocks until a thread reports that it is running. */
function isUp(words: Words): void {
  assert.is.not(Atomics.wait(words, STARTED, 0, 20_000), 'timed-out');
}

function letGoOn(words: Words): void {
  Atomics.store(words, GO_ON, 1);
  Atomics.notify(words, GO_ON);
}

function ran<Result>(thread: Thread<Result>): Result {
  thread.start();
  return joined(thread).result;
}

const codeOf = (call: () => unknown): string => {
  const { code, name } = thrownBy(call);
  return code ?? name;
};

inProgram('Thread', {
  lifecycle() {
    const words = newWords();
    const thread = new Thread({ target: waiting, args: [words], name: 'waits' });
    assert.equal([thread.isAlive(), thread.ident], [false, undefined]);
    assert.is(String(thread), 'Thread (waits, initial)');
    thread.start();
    assert.ok(thread.isAlive());
    isUp(words);
    assert.is(String(thread), `Thread (waits, started ${thread.ident})`);
    letGoOn(words);
    joined(thread);
    assert.is(String(thread), `Thread (waits, stopped ${thread.ident})`);
    assert.is(thread.result, 'went on');
  },

  startedOnce() {
    const thread = started(nothing, []);
    assert.is(
      codeOf(() => thread.start()),
      'ERR_THREAD_STARTED',
    );
    joined(thread);
    assert.is(
      codeOf(() => thread.start()),
      'ERR_THREAD_STARTED',
    );
  },

  joinBeforeStart() {
    assert.is(
      codeOf(() => new Thread({ target: nothing }).join()),
      'ERR_NOT_STARTED',
    );
  },

  joinItself() {
    assert.is(
      codeOf(() => currentThread().join()),
      'ERR_SELF_JOIN',
    );
    // The second code is that of joining the main thread.
    const codes = ['ERR_SELF_JOIN', 'ERR_SELF_JOIN', 'ERR_NOT_STARTED', 'ERR_THREAD_STARTED'];
    assert.equal(resultOf(joinsWhatItCannot), codes);
  },

  async joinTimeout() {
    const words = newWords();
    const thread = started(waiting, [words]);
    thread.join(0);
    thread.join(20);
    await thread.joinAsync({ timeout: 20 });
    assert.ok(thread.isAlive());
    assert.is(
      codeOf(() => thread.join(-1)),
      'RangeError',
    );
    assert.is(
      codeOf(() => thread.result),
      'ERR_RUNNING',
    );
    letGoOn(words);
    joined(joined(thread));
    await thread.joinAsync();
  },

  name() {
    const words = newWords();
    const next = Number(/\d+/.exec(new Thread({ target: nothing }).name)?.[0]) + 1;
    assert.is(new Thread({ target: nothing }).name, `Thread-${next} (nothing)`);
    assert.is(new Thread({ target: () => 1 }).name, `Thread-${next + 1}`);
    assert.is(new Timer(1, nothing).name, `Thread-${next + 2}`);
    const target = task(import.meta.url, 'target', () => {});
    assert.is(new Thread({ target, name: '' }).name, `Thread-${next + 3} (target)`);
    assert.is(mainThread().name, 'MainThread');
    const thread = started(renames, ['after', words], { name: 'before' });
    isUp(words);
    assert.is(thread.name, 'after');
    thread.name = 'last';
    assert.ok(enumerate().some(({ name }) => name === 'last'));
    letGoOn(words);
    assert.is(joined(thread).name, 'last');
  },

  daemon() {
    const words = newWords();
    const thread = new Thread({ target: waiting, args: [words] });
    assert.not(thread.daemon);
    thread.daemon = true;
    thread.start();
    assert.is(
      codeOf(() => {
        thread.daemon = false;
      }),
      'ERR_THREAD_STARTED',
    );
    letGoOn(words);
    assert.match(String(joined(thread)), /stopped daemon/);
    const inherited = joined(started(aboutItself, [], { daemon: true })).result;
    assert.equal([inherited.daemon, inherited.inherits], [true, true]);
  },

  ident() {
    const [one, two] = [started(aboutItself, []), started(aboutItself, [])];
    const idents = [one, two].map((thread) => joined(thread).result.getIdent);
    assert.equal([one.ident, two.ident], idents);
    assert.is(new Set([...idents, getIdent(), mainThread().ident]).size, 3);
  },

  badTarget() {
    for (const options of [{ target: 3 }, { target: nothing, args: 3 }, { target: nothing, name: 3 }, 3])
      assert.instance(
        thrownBy(() => new Thread(options as never)),
        TypeError,
      );
  },

  threadsStartThreads() {
    assert.is(resultOf(nested, 2), 3);
  },

  subclassing() {
    const sum = new Int32Array(new SharedArrayBuffer(4));
    for (const name of ['loud', undefined]) {
      const thread = new Shouter('hello', sum, name);
      const [text, itsName, isCurrent, shown] = ran(thread);
      assert.equal([text, itsName, isCurrent], ['HELLO', thread.name, true]);
      assert.is(shown, String(thread).replace('stopped', 'started'));
    }
    assert.is(sum[0], 2);
    assert.match(thrownBy(() => ran(new Failing())).stack ?? '', /daemon: true\n.*Failing\.run/);
    assert.match(thrownBy(() => ran(new Idle())).message, /Idle is its own target/);
    assert.is(ran(new Alarm(1)), 'rang after 1');
    class Unseen extends Thread {
      override run(): void {}
    }
    assert.match(
      thrownBy(() => new Unseen({ target: nothing })).message,
      /Unseen has a run\(\) of its own.*fromModule\(import\.meta\.url\)\.Unseen/,
    );
    const here = new Thread({ target: (x: number) => 2 * x, args: [4] });
    assert.equal([here.run(), here.isAlive()], [8, false]);
  },

  result() {
    const error = thrownBy(() => resultOf(fails, 'out of cheese'));
    assert.instance(error, RangeError);
    assert.match(error.stack ?? '', /RangeError: out of cheese\n.*targets\.worker\.js[\s\S]*threading\.test\.js/);
  },
});

inProgram('Timer', {
  async fires() {
    const before = performance.now();
    const timer = new Timer(50, aboutItself, []);
    timer.start();
    assert.is(joined(timer).result?.name, timer.name);
    assert.ok(performance.now() - before >= 50);
    timer.cancel();
    assert.is(timer.result?.name, timer.name);
  },

  cancel() {
    const timer = new Timer(60_000, nothing);
    timer.start();
    assert.ok(timer.isAlive());
    timer.cancel();
    assert.is(joined(timer).result, undefined);
    assert.is(timer.interval, 60_000);
  },

  cancelBeforeStart() {
    const timer = new Timer(0, aboutItself, []);
    timer.cancel();
    timer.start();
    assert.is(joined(timer).result, undefined);
  },

  badInterval() {
    assert.is(
      codeOf(() => new Timer(-1, nothing)),
      'RangeError',
    );
    assert.is(
      codeOf(() => new Timer('1' as never, nothing)),
      'TypeError',
    );
  },
});

inProgram('local', {
  attributesOfEachThread() {
    const own = local(() => ({ count: 0 }) as { count: number; more?: string });
    own.count++;
    own.more = 'here';
    assert.equal({ ...own }, { count: 1, more: 'here' });
    assert.ok('more' in own && delete own.more && !('more' in own));
    const [one, two] = [started(usesLocal, []), started(usesLocal, [])];
    assert.equal(joined(one).result, { of: one.ident, count: 1 });
    assert.equal(joined(two).result, { of: two.ident, count: 1 });
  },

  createRunsInEachThread() {
    let times = 0;
    const own = local(() => ({ number: ++times }));
    assert.equal([own.number, own.number, times], [1, 1, 1]);
    assert.is(
      codeOf(() => local(1 as never)),
      'TypeError',
    );
    assert.throws(
      () => (local(() => 5 as never) as { x?: number }).x,
      'create must return an object, the initial value of the local, not 5',
    );
    assert.throws(() => (local(async () => ({ x: 1 })) as { x?: number }).x, 'create has returned [object Promise]');
  },
});

inProgram('Lists of threads', {
  whoRuns() {
    assert.equal(enumerate(), [mainThread()]);
    assert.is(currentThread(), mainThread());
    const words = newWords();
    const thread = started(waiting, [words], { name: 'other' });
    isUp(words);
    assert.equal(enumerate(), [mainThread(), thread]);
    assert.is(activeCount(), 2);
    const seen = joined(started(aboutItself, [], { name: 'itself' })).result;
    assert.equal(seen.listed, ['MainThread', 'other', 'itself']);
    assert.equal([seen.name, seen.main, seen.count, seen.isOne], ['itself', 'MainThread', 3, true]);
    letGoOn(words);
    joined(thread);
    assert.equal(enumerate(), [mainThread()]);
  },
});

inProgram('excepthook', {
  async errorThatNobodyAsksFor() {
    const told: [string, ThreadInfo][] = [];
    const before = setExcepthook(({ error, thread }) => told.push([String(error), thread]));
    try {
      const thread = started(fails, ['alone']);
      await thread.joinAsync();
      await until(() => told.length === 1);
      assert.equal(told, [['RangeError: alone', thread]]);
      const asked = joined(started(fails, ['asked']));
      assert.is(thrownBy(() => asked.result).message, 'asked');
      const last = joined(started(fails, ['last']));
      await until(() => told.length === 2);
      assert.equal(told[1], ['RangeError: last', last]);
    } finally {
      assert.is.not(setExcepthook(before), before);
    }
    assert.is(before, excepthook);
    assert.is(
      codeOf(() => setExcepthook(3 as never)),
      'TypeError',
    );
  },
});

inProgram('stackSize', {
  sizeOfStacks() {
    assert.is(stackSize(), 0);
    assert.is(stackSize(2 ** 20), 0);
    joined(started(nothing, [])).result;
    assert.is(stackSize(0), 2 ** 20);
    assert.is(
      codeOf(() => stackSize(1)),
      'RangeError',
    );
  },
});
