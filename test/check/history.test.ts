import { explore, type Memory, type Thread } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { acquire, release } from './subjects.js';

const test = suite('history');
type M = Memory<'lock' | 'count'>;
type T = Thread<'inside'>;

test('a mark whose key leaves out the round is reported', () => {
  const rounds = (memory: M, thread: T): void => {
    for (let round = 0; round < 3; round++) {
      acquire(memory, thread);
      release(memory);
    }
  };
  const memory = { lock: 0, count: 0 };
  const { failure } = explore({ memory, ghosts: { inside: 0 }, threads: [rounds, rounds] });
  assert.is(failure?.kind, 'misuse');
  assert.match(failure?.reason ?? '', /thread a: mark\(false\) in phase 0 has too small a key/);
});

test('a mark that forgets what a later operation depends on is reported', () => {
  const forgetful = ({ words, at }: M, thread: T): void => {
    const seen = Atomics.load(words, at.count);
    thread.mark('forgotten');
    Atomics.load(words, at.lock);
    Atomics.store(words, at.lock, seen);
  };
  const threads = [forgetful, ({ words, at }: M) => Atomics.store(words, at.count, 1)];
  const { failure } = explore({ memory: { lock: 0, count: 0 }, threads });
  assert.match(failure?.reason ?? '', /mark\(forgotten\).*continue differently/);
});

test('a mark that forgets what a later change of a ghost depends on is reported', () => {
  const forgetful = ({ words, at }: M, thread: T): void => {
    const seen = Atomics.load(words, at.count);
    thread.mark('forgotten');
    Atomics.load(words, at.lock);
    if (seen === 1) thread.ghost.add('inside', 1);
    Atomics.load(words, at.lock);
  };
  const threads = [forgetful, ({ words, at }: M) => Atomics.store(words, at.count, 1)];
  const { failure } = explore({ memory: { lock: 0, count: 0 }, ghosts: { inside: 0 }, threads });
  assert.match(failure?.reason ?? '', /mark\(forgotten\).*change ghosts in different ways/);
});

test('a mark that forgets what a later mark names is reported', () => {
  const forgetful = ({ words, at }: M, thread: T): void => {
    const seen = Atomics.load(words, at.count);
    thread.mark('forgotten');
    Atomics.load(words, at.lock);
    thread.mark(seen);
    Atomics.load(words, at.lock);
  };
  const threads = [forgetful, ({ words, at }: M) => Atomics.store(words, at.count, 1)];
  const { failure } = explore({ memory: { lock: 0, count: 0 }, threads });
  assert.match(failure?.reason ?? '', /mark\(forgotten\).*continue differently/);
});

test('a mark with the right key loses no behaviour', () => {
  const outcomesWith = (marked: boolean): string[] => {
    const threads = [1, 2, 3].map((id) => ({ words, at }: M, thread: T) => {
      let last = 0;
      for (let pass = 0; pass < 3; pass++) {
        if (marked) thread.mark(`${pass} ${last}`);
        last = Atomics.exchange(words, at.lock, id);
        if (last === 0) break;
      }
      Atomics.add(words, at.count, last * id);
    });
    const outcome = ({ lock, count }: { lock: number; count: number }): string => `${lock} ${count}`;
    const { outcomes, verdict } = explore({ memory: { lock: 0, count: 0 }, threads, outcome });
    assert.is(verdict, 'ok');
    return [...outcomes.keys()].sort();
  };
  assert.equal(outcomesWith(true), outcomesWith(false));
});

test('marks without an operation between them are reported', () => {
  const { failure } = explore({
    memory: { x: 0 },
    threads: [
      (_, thread) => {
        for (;;) thread.mark('round');
      },
    ],
  });
  assert.match(failure?.reason ?? '', /loops from mark to mark/);
});

test('such a loop is reported as what it is, even after a mark', () => {
  const endless = ({ words, at }: M, thread: T): void => {
    Atomics.load(words, at.count);
    thread.mark('behind');
    Atomics.load(words, at.lock);
    for (;;) thread.mark('round');
  };
  const threads = [endless, ({ words, at }: M) => Atomics.store(words, at.count, 1)];
  const { failure } = explore({ memory: { lock: 0, count: 0 }, threads });
  assert.match(failure?.reason ?? '', /loops from mark to mark/);
});

test('a mark keeps apart what the explorer knows to differ: the pending waits', () => {
  const result = explore({
    memory: { x: 0 },
    threads: [
      ({ words, at }, thread) => {
        const timeout = thread.choose(2) === 0 ? 5 : Infinity;
        const { async, value } = Atomics.waitAsync(words, at.x, 0, timeout);
        if (async) value.then(() => undefined);
        thread.mark();
        Atomics.load(words, at.x);
      },
    ],
  });
  assert.is(result.failure?.kind, 'deadlock', result.toString());
});

test.run();
