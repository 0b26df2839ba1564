/** Random programs, compared with enumerators that share nothing with the explorer. */
import { explore, type Scenario } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { type Line, outcomesOf, type Program, perform, placeOf, programFrom, STUCK, scenarioOf } from './programs.js';

const test = suite('random programs');

const results = (): number[] => Array(9).fill(0);

const enumerate = (program: Program): string[] =>
  outcomesOf(program, results(), (seen, thread, line, value) => seen.with(placeOf(thread, line), value));

/**
 * All outcomes under x86-TSO by its axioms: an order of all accesses of memory, in which those of a thread stand as in the
 * program, save that a load may come before a plain store that it follows; what is locked is one access, and lets nothing pass. A
 * load sees the last store to its word in that order or in its own thread before it, whichever is later.
 */
function enumerateTso(program: Program): string[] {
  const outcomes = new Set<string>();
  const loads = (kind: Line['kind']): boolean => kind === 'read' || kind === 'load';
  const visit = (placed: readonly (readonly boolean[])[], words: readonly number[], seen: readonly number[]): void => {
    let moved = false;
    program.forEach((lines, thread) => {
      lines.forEach((line, at) => {
        if (placed[thread][at]) return;
        const open = lines.slice(0, at).filter((_, before) => !placed[thread][before]);
        if (open.some(({ kind }) => kind !== 'write' || !loads(line.kind))) return;
        moved = true;
        const own = open.findLast(({ word }) => word === line.word);
        const old = own?.a ?? words[line.word];
        const writes = line.kind === 'write' || line.kind === 'store';
        visit(
          placed.with(thread, placed[thread].with(at, true)),
          loads(line.kind) ? words : words.with(line.word, perform(line, old).value),
          seen.with(placeOf(thread, at), writes ? line.a : old),
        );
      });
    });
    if (!moved) outcomes.add(`${words} ${seen}`);
  };
  visit(
    program.map((lines) => lines.map(() => false)),
    [0, 0],
    results(),
  );
  return [...outcomes].sort();
}

function explored(scenario: Scenario<'x' | 'y', string>): string[] {
  const { verdict, failure, outcomes } = explore(scenario);
  if (verdict === 'ok') return [...outcomes.keys()].sort();
  return failure?.kind === 'livelock' ? [STUCK] : [String(failure?.reason)];
}

test('they have the outcomes that an independent enumerator finds', () => {
  const kinds = ['load', 'store', 'add', 'compareExchange', 'await'] as const;
  let stuck = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const program = programFrom(seed * 7_919, kinds);
    const expected = enumerate(program);
    if (expected[0] === STUCK) stuck++;
    assert.equal(explored(scenarioOf(program)), expected, JSON.stringify(program));
  }
  assert.ok(stuck > 5 && stuck < 55, `${stuck} of 60 are stuck`);
});

/** The program with each thread storing to a word of its own first, and reading the other's last. */
const storeBuffering = (program: Program): Program =>
  program.map(([, line], thread) => [
    { kind: 'write', word: thread, a: 1 },
    line,
    { kind: 'read', word: 1 - thread, a: 0 },
  ]);

test('with plain words they have the outcomes that the axioms of x86-TSO allow', () => {
  const plain = ['read', 'write'] as const;
  const kinds = [...plain, ...plain, ...plain, ...plain, 'load', 'store', 'compareExchange'] as const;
  let weak = 0;
  for (let seed = 1; seed <= 80; seed++) {
    const random = programFrom(seed * 7_919, kinds, true);
    const program = seed % 2 === 0 ? random : storeBuffering(random);
    const expected = enumerateTso(program);
    const scenario = { ...scenarioOf(program), plain: ['x', 'y'] as const };
    assert.equal(explored({ ...scenario, memoryModel: 'tso' }), expected, JSON.stringify(program));
    if (expected.length > explored(scenario).length) weak++;
  }
  assert.ok(weak > 5, `${weak} of 80 have outcomes that are not sequentially consistent`);
});

test.run();
