/** Data races of plain accesses, compared with an enumerator that keeps a vector clock for each thread and word. */
import { type Body, explore } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { type Line, perform, programFrom, scenarioOf } from './programs.js';

const test = suite('races');

type Word = 'x' | 'y';
const set: Body<Word> = ({ words, at }) => {
  words[at.x] = 1;
};
const get: Body<Word> = ({ words, at }) => void words[at.x];

function verdictOf(...threads: Body<Word>[]): string {
  const { verdict, failure } = explore({ memory: { x: 0, y: 0 }, threads });
  return failure?.kind ?? verdict;
}

test('a plain write races with whatever else another thread does with the word', () => {
  const others: Body<Word>[] = [
    set,
    get,
    ({ words, at }) => Atomics.load(words, at.x),
    ({ words, at }) => Atomics.store(words, at.x, 1),
    ({ words, at }) => Atomics.wait(words, at.x, 0, 1),
    ({ words, at }) => Atomics.compareExchange(words, at.x, 5, 6),
  ];
  for (const other of others) assert.is(verdictOf(set, other), 'race', String(other));
});

test('plain reads race with what writes, and with nothing else', () => {
  assert.is(
    verdictOf(get, ({ words, at }) => Atomics.store(words, at.x, 0)),
    'race',
  );
  assert.is(
    verdictOf(get, ({ words, at }) => Atomics.compareExchange(words, at.x, 0, 0)),
    'race',
  );
  assert.is(verdictOf(get, get), 'ok');
  assert.is(
    verdictOf(get, ({ words, at }) => Atomics.load(words, at.x)),
    'ok',
  );
  // A compare-and-swap that does not swap does not write; and whom a notify wakes is not part of the word's content.
  assert.is(
    verdictOf(get, ({ words, at }) => Atomics.compareExchange(words, at.x, 5, 6)),
    'ok',
  );
  assert.is(
    verdictOf(set, ({ words, at }) => Atomics.notify(words, at.x)),
    'ok',
  );
});

test('what happens before another access is no race with it', () => {
  const publish: Body<Word> = ({ words, at }) => {
    words[at.x] = 1;
    Atomics.store(words, at.y, 1);
  };
  const wait: Body<Word> = ({ words, at }) => {
    while (Atomics.load(words, at.y) === 0);
    if (words[at.x] !== 1) throw new Error('not seen');
    words[at.x] = 2;
  };
  const { verdict, assumptions } = explore({ memory: { x: 0, y: 0 }, threads: [publish, wait] });
  assert.is(verdict, 'ok');
  assert.match(assumptions.join(), 'plain accesses without a data race are sequentially consistent');
  const sleep: Body<Word> = ({ words, at }) => {
    Atomics.wait(words, at.y, 0);
    void words[at.x];
  };
  const wake: Body<Word> = (memory, thread) => {
    publish(memory, thread);
    Atomics.notify(memory.words, memory.at.y);
  };
  assert.is(verdictOf(sleep, wake), 'ok');
  // A thread that does not look at the flag may come first.
  assert.is(verdictOf(publish, get), 'race');
});

test('a race is reported with both places and the way there, whatever the model', () => {
  const flagged: Body<Word> = ({ words, at }) => {
    if (Atomics.load(words, at.y) === 1) words[at.x]++;
  };
  const flag: Body<Word> = ({ words, at }) => void Atomics.store(words, at.y, 1);
  for (const memoryModel of ['sc', 'tso'] as const) {
    const { failure } = explore({ memory: { x: 0, y: 0 }, threads: [flagged, flag, get, set], memoryModel });
    assert.is(failure?.kind, 'race');
    assert.match(
      failure?.reason ?? '',
      /^data race on x: c reads it plainly \(.*races\.test\.(ts|js):\d+:\d+\), and d writes it plainly \(.*\), neither before/,
    );
  }
  const { failure } = explore({ memory: { x: 0, y: 0 }, threads: [flagged, flag, get] });
  assert.equal(
    failure?.schedule.steps.map(({ thread }) => thread),
    ['b', 'a', 'a'],
  );
});

test('races on words that are declared plain are allowed', () => {
  const scenario = { memory: { x: 0, y: 0 }, threads: [set, get], plain: ['x'] as const };
  assert.is(explore(scenario).verdict, 'ok');
  assert.is(explore({ ...scenario, memoryModel: 'tso' }).verdict, 'ok');
});

type Clock = number[];
const latest = (one: Clock, other: Clock): Clock => one.map((time, thread) => Math.max(time, other[thread]));

/** Whether any interleaving of a program has two accesses that race, by happens-before. */
function races(program: readonly (readonly Line[])[]): boolean {
  interface Seen {
    readonly thread: number;
    readonly time: number;
    readonly word: number;
    readonly plain: boolean;
    readonly writes: boolean;
  }
  const visit = (
    at: readonly number[],
    words: readonly number[],
    clocks: readonly Clock[],
    /** By word: what its last write by Atomics brings. */
    brings: readonly Clock[],
    seen: readonly Seen[],
  ): boolean =>
    program.some((lines, thread) => {
      const line = lines[at[thread]];
      if (line === undefined) return false;
      const { kind, word } = line;
      const { value, writes } = perform(line, words[word]);
      const plain = kind === 'read' || kind === 'write';
      const reads = kind !== 'store' && kind !== 'write';
      if (kind === 'await' && words[word] === line.a) return false;
      let clock = clocks[thread].with(thread, clocks[thread][thread] + 1);
      if (reads && !plain) clock = latest(clock, brings[word]);
      const now = { thread, time: clock[thread], word, plain, writes };
      const raced = seen.some((one) => {
        const conflict = one.word === word && one.thread !== thread && (one.writes || writes) && (one.plain || plain);
        return conflict && one.time > clock[one.thread];
      });
      if (raced) return true;
      return visit(
        at.with(thread, at[thread] + 1),
        words.with(word, value),
        clocks.with(thread, clock),
        writes ? brings.with(word, plain ? clock.map(() => 0) : clock) : brings,
        [...seen, now],
      );
    });
  const none = program.map(() => 0);
  return visit(
    none,
    [0, 0],
    program.map(() => none),
    [none, none],
    [],
  );
}

test('random programs race where vector clocks over all interleavings say so', () => {
  const kinds = ['read', 'write', 'load', 'store', 'add', 'compareExchange', 'await'] as const;
  let found = 0;
  for (let seed = 1; seed <= 120; seed++) {
    const program = programFrom(seed * 6_007, kinds);
    const expected = races(program);
    if (expected) found++;
    const { failure } = explore(scenarioOf(program));
    assert.is(failure?.kind === 'race', expected, JSON.stringify(program));
  }
  assert.ok(found > 20 && found < 110, `${found} of 120 race`);
});

test.run();
