/** What a scenario can declare to have fewer states: they must be fewer, show the same failures, and be kept. */
import { explore, region, type Scenario, type Thread } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('reductions');

const COUNT = 0;
const LIMIT = 1;
/** Each thread's own word is NOTE + its position. */
const NOTE = 2;

type Reductions = Pick<NonNullable<Parameters<typeof region>[1]>, 'constant' | 'privateTo'>;

/** Threads that note what they saw, and lose updates. */
function counting(reductions: Reductions, notes = [NOTE, NOTE + 1]): Scenario {
  const image = Int32Array.of(0, 10, 0, 0);
  return {
    memory: region(image, { names: ['count', 'limit', 'a.note', 'b.note'], ...reductions }),
    threads: notes.map((note) => ({ words }) => {
      if (Atomics.load(words, LIMIT) !== 10) throw new Error('the limit is 10');
      Atomics.store(words, note, Atomics.load(words, COUNT));
      Atomics.store(words, COUNT, Atomics.load(words, note) + 1);
    }),
    outcome: (_, { word }) => String(word(COUNT)),
  };
}

test('words that are constant or private cost no states, and change no outcome', () => {
  const all = explore(counting({}));
  const constant = explore(counting({ constant: [LIMIT] }));
  const both = explore(
    counting({ constant: [LIMIT], privateTo: (index) => (index < NOTE ? undefined : index - NOTE) }),
  );
  for (const result of [all, constant, both]) {
    assert.is(result.verdict, 'ok', String(result));
    assert.equal([...result.outcomes.keys()].sort(), ['1', '2']);
  }
  assert.ok(constant.states < all.states, `${constant.states} of ${all.states}`);
  assert.ok(both.states < constant.states, `${both.states} of ${constant.states}`);
});

test('a thread that changes a constant word is reported', () => {
  const { failure } = explore(counting({ constant: [COUNT] }));
  assert.is(failure?.kind, 'misuse');
  assert.match(failure?.reason ?? '', 'count was declared constant');
});

test('a thread that uses a word private to another is reported', () => {
  const privateTo = (index: number) => (index < NOTE ? undefined : index - NOTE);
  assert.throws(
    () => explore(counting({ privateTo }, [NOTE, NOTE])),
    /a\.note was declared private to a, and a thread is b/,
  );
});

/** One thread takes the word and gives it back; the other cleans up after it. */
function dying(killable: (values: Readonly<Record<'held', number>>) => boolean): Scenario<'held'> {
  return {
    memory: { held: 0 },
    kills: 1,
    threads: [
      {
        killable,
        run: ({ words, at }) => {
          Atomics.store(words, at.held, 1);
          Atomics.store(words, at.held, 0);
        },
      },
      { killable: false, run: (_, thread) => thread.joinDead() },
    ],
    final: ({ held }) => held === 0 || 'it died while it held',
  };
}

test('a thread dies only in the states that killable names', () => {
  assert.is(explore(dying(() => true)).failure?.kind, 'final');
  assert.is(explore(dying(({ held }) => held === 0)).verdict, 'ok');
  assert.is(explore(dying(({ held }) => held === 1)).failure?.kind, 'final');
});

/** Chooses, and acts on the choice after a mark that may have forgotten it. */
const chooser = (keyOf: (thread: Thread) => string): Scenario<'x'> => ({
  memory: { x: 0 },
  threads: [
    ({ words, at }, thread) => {
      const choice = thread.choose(2);
      thread.mark(keyOf(thread));
      Atomics.load(words, at.x);
      if (choice === 1) Atomics.store(words, at.x, 1);
    },
  ],
  outcome: ({ x }) => String(x),
});

test('a mark with past keeps apart what differed before, where one without it would merge that and be caught', () => {
  const kept = explore(chooser((thread) => thread.past()));
  assert.is(kept.verdict, 'ok', String(kept));
  assert.equal([...kept.outcomes.keys()].sort(), ['0', '1']);
  assert.is(explore(chooser(() => '')).failure?.kind, 'misuse');
});

test.run();
