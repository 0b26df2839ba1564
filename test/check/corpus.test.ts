/** Known algorithms, and random programs beside an enumerator that shares nothing with the explorer. */
import { type Body, explore, type Scenario } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { mutexes, scenarioOf } from './corpus.js';

const test = suite('corpus');

for (const mutex of mutexes) {
  test(`${mutex.name} (${mutex.source}) is ok, and fails where it ${mutex.flaw}`, () => {
    const right = explore(scenarioOf(mutex, false));
    assert.is(right.verdict, 'ok', String(right));
    const { verdict, failure } = explore(scenarioOf(mutex, true));
    assert.is(verdict, 'failed');
    assert.ok(['invariant', 'livelock', 'deadlock'].includes(failure?.kind ?? ''), failure?.reason);
  });
}

/** `await`: goes on once the word is not `a`. */
interface Line {
  readonly kind: 'load' | 'store' | 'add' | 'compareExchange' | 'await';
  readonly word: number;
  readonly a: number;
}

type Program = readonly (readonly Line[])[];

/** The same numbers for the same seed (Park and Miller 1988). */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 0x7fffffff;
    return state % below;
  };
}

function programFrom(seed: number): Program {
  const random = numbersFrom(seed);
  const kinds = ['load', 'store', 'add', 'compareExchange', 'await'] as const;
  return Array.from({ length: 2 + random(2) }, () =>
    Array.from({ length: 1 + random(3) }, () => ({ kind: kinds[random(5)], word: random(2), a: random(3) })),
  );
}

/** All outcomes of a program by plain recursion over its interleavings; `stuck` where some threads never end. */
function enumerate(program: Program): string[] {
  const outcomes = new Set<string>();
  const visit = (at: readonly number[], words: readonly number[], results: readonly number[]): void => {
    let moved = false;
    program.forEach((lines, thread) => {
      if (at[thread] === lines.length) return;
      const { kind, word, a } = lines[at[thread]];
      const old = words[word];
      if (kind === 'await' && old === a) return;
      moved = true;
      const value = { load: old, await: old, store: a, add: old + a, compareExchange: old === a ? a + 1 : old }[kind];
      visit(
        at.with(thread, at[thread] + 1),
        words.with(word, value),
        results.with(thread * 3 + at[thread], kind === 'store' ? a : old),
      );
    });
    if (moved) return;
    outcomes.add(at.every((line, thread) => line === program[thread].length) ? `${words} ${results}` : 'stuck');
  };
  visit(
    program.map(() => 0),
    [0, 0],
    Array(9).fill(0),
  );
  return outcomes.has('stuck') ? ['stuck'] : [...outcomes].sort();
}

function perform(words: Int32Array, { kind, word, a }: Line): number {
  if (kind === 'load') return Atomics.load(words, word);
  if (kind === 'store') return Atomics.store(words, word, a);
  if (kind === 'add') return Atomics.add(words, word, a);
  if (kind === 'compareExchange') return Atomics.compareExchange(words, word, a, a + 1);
  let seen = Atomics.load(words, word);
  while (seen === a) seen = Atomics.load(words, word);
  return seen;
}

function explored(program: Program): string[] {
  const names = Array.from({ length: 9 }, (_, at) => `r${at}`);
  const body = (lines: readonly Line[], thread: number): Body<string, string> => {
    return ({ words }, { ghost }) => {
      lines.forEach((line, at) => {
        ghost.set(names[thread * 3 + at], perform(words, line));
      });
    };
  };
  const scenario: Scenario<string, string> = {
    memory: { x: 0, y: 0 },
    ghosts: Object.fromEntries(names.map((name) => [name, 0])),
    threads: program.map(body),
    outcome: (values) => `${[values.x, values.y]} ${names.map((name) => values[name])}`,
  };
  const { verdict, failure, outcomes } = explore(scenario);
  if (verdict === 'ok') return [...outcomes.keys()].sort();
  return failure?.kind === 'livelock' ? ['stuck'] : [String(failure?.reason)];
}

test('random programs have the outcomes that an independent enumerator finds', () => {
  let stuck = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const program = programFrom(seed * 7_919);
    const expected = enumerate(program);
    if (expected[0] === 'stuck') stuck++;
    assert.equal(explored(program), expected, JSON.stringify(program));
  }
  assert.ok(stuck > 5 && stuck < 55, `${stuck} of 60 are stuck`);
});

test.run();
