import { type Body, explore } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('execution');
type Words = 'x' | 'y';

function reasonOf(...threads: Body<Words>[]): string {
  const { failure } = explore({ memory: { x: 0, y: 0 }, threads });
  assert.is(failure?.kind, 'misuse');
  return failure?.reason ?? '';
}

test('code that depends on more than memory is caught by its replay', () => {
  let runs = 0;
  const fickle: Body<Words> = ({ words }) => {
    Atomics.load(words, runs++ % 2);
    Atomics.load(words, 0);
  };
  assert.match(reasonOf(fickle), /replay diverged: load was recorded/);
  let replays = 0;
  const shorter: Body<Words> = ({ words }) => {
    if (replays++ === 0) Atomics.load(words, 0);
  };
  assert.match(reasonOf(shorter), /replay diverged: load was recorded, but the code ended/);
});

test('code that swallows the suspension is reported', () => {
  const inCatch: Body<Words> = ({ words }) => {
    try {
      Atomics.load(words, 0);
    } catch {}
  };
  const inAsync: Body<Words> = async ({ words }) => Atomics.load(words, 0);
  const inExecutor: Body<Words> = ({ words }) => {
    new Promise((resolve) => resolve(Atomics.load(words, 0))).catch(() => undefined);
  };
  for (const body of [inCatch, inAsync, inExecutor]) assert.match(reasonOf(body), /swallowed the suspension/);
});

test('code that swallows the suspension late is reported, where the thread could have gone on alone', () => {
  const inCatch: Body<Words> = ({ words }) => {
    Atomics.load(words, 0);
    Atomics.load(words, 0);
    try {
      Atomics.load(words, 1);
    } catch {}
  };
  const inAsync: Body<Words> = ({ words }) => {
    Atomics.load(words, 0);
    (async () => {
      Atomics.load(words, 0);
      await undefined;
      Atomics.store(words, 0, 1);
    })();
  };
  for (const body of [inCatch, inAsync]) assert.match(reasonOf(body), /swallowed the suspension/);
});

test('a thread that returns a promise is reported', () => {
  assert.match(
    reasonOf(async () => undefined),
    /must be synchronous, but it returned a Promise/,
  );
});

test('finally and rethrowing catch do no harm', () => {
  const { verdict } = explore({
    memory: { x: 0, y: 0 },
    threads: [0, 1].map(
      (): Body<Words> =>
        ({ words, at }) => {
          const live = { depth: 0 };
          try {
            live.depth++;
            Atomics.add(words, at.x, 1);
            Atomics.add(words, at.x, 1);
          } catch (error) {
            live.depth += 10;
            throw error;
          } finally {
            live.depth--;
            Atomics.add(words, at.y, 1 + live.depth);
          }
        },
    ),
    final: ({ x, y }) => (x === 4 && y === 2) || `${x} ${y}`,
  });
  assert.is(verdict, 'ok');
});

test('live objects are made anew for each re-execution', () => {
  class Counter {
    #count = 0;
    next(words: Int32Array): number {
      Atomics.add(words, 0, 1);
      return ++this.#count;
    }
  }
  const { verdict } = explore({
    memory: { x: 0, y: 0 },
    threads: [0, 1].map(() => ({
      phases: ({ words, at }) => {
        const counter = new Counter();
        return [1, 2, 3].map((expected) => () => {
          assert.is(counter.next(words), expected);
          Atomics.add(words, at.y, 1);
        });
      },
    })),
    final: ({ x, y }) => x === 6 && y === 6,
  });
  assert.is(verdict, 'ok');
});

test.run();
