/** Plain accesses as an x86 makes them: which outcomes of the litmus tests there are, and what becomes of locks. */
import { type Body, explore, replay, type Scenario, sample } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('tso');

type Word = 'x' | 'y';
type Ghost = 'r0' | 'r1' | 'r2' | 'r3';
type Thread = Body<Word, Ghost>;

const write =
  (...names: Word[]): Thread =>
  ({ words, at }) => {
    for (const name of names) words[at[name]] = 1;
  };

const read =
  (...results: readonly (readonly [Ghost, Word])[]): Thread =>
  ({ words, at }, { ghost }) => {
    for (const [result, name] of results) ghost.set(result, words[at[name]]);
  };

const both =
  (...parts: Thread[]): Thread =>
  (memory, thread) => {
    for (const part of parts) part(memory, thread);
  };

const locked: Thread = ({ words, at }) => void Atomics.add(words, at.y, 0);

function litmus(...threads: Thread[]): Scenario<Word, Ghost> {
  return {
    memory: { x: 0, y: 0 },
    plain: ['x', 'y'],
    memoryModel: 'tso',
    ghosts: { r0: 0, r1: 0, r2: 0, r3: 0 },
    threads,
    outcome: ({ r0, r1, r2, r3 }) => `${r0}${r1}${r2}${r3}`,
  };
}

const outcomesOf = (scenario: Scenario<Word, Ghost>): string[] => {
  const result = explore(scenario);
  assert.is(result.verdict, 'ok', String(result));
  return [...result.outcomes.keys()].sort();
};

const storeBuffering = litmus(both(write('x'), read(['r0', 'y'])), both(write('y'), read(['r1', 'x'])));

test('SB: both loads may miss the store of the other, which no interleaving explains', () => {
  assert.equal(outcomesOf(storeBuffering), ['0000', '0100', '1000', '1100']);
  assert.equal(outcomesOf({ ...storeBuffering, memoryModel: 'sc' }), ['0100', '1000', '1100']);
});

test('SB with a locked instruction between: they may not', () => {
  const fenced = litmus(both(write('x'), locked, read(['r0', 'y'])), both(write('y'), locked, read(['r1', 'x'])));
  assert.not(outcomesOf(fenced).includes('0000'));
});

test('SB with loads by Atomics: still, because engines load without a fence', () => {
  const load =
    (result: Ghost, name: Word): Thread =>
    ({ words, at }, { ghost }) =>
      ghost.set(result, Atomics.load(words, at[name]));
  const mixed = litmus(both(write('x'), load('r0', 'y')), both(write('y'), load('r1', 'x')));
  assert.ok(outcomesOf(mixed).includes('0000'));
});

test('MP: what was stored first is seen first', () => {
  const outcomes = outcomesOf(litmus(write('x', 'y'), read(['r0', 'y'], ['r1', 'x'])));
  assert.equal(outcomes, ['0000', '0100', '1100']);
});

test('LB: no load sees a store that comes after one that saw its own', () => {
  const outcomes = outcomesOf(litmus(both(read(['r0', 'x']), write('y')), both(read(['r1', 'y']), write('x'))));
  assert.not(outcomes.includes('1100'));
});

test('IRIW: all see stores in one order', () => {
  const outcomes = outcomesOf(
    litmus(write('x'), write('y'), read(['r0', 'x'], ['r1', 'y']), read(['r2', 'y'], ['r3', 'x'])),
  );
  assert.not(outcomes.includes('1010'));
});

test('n6: a thread sees its own store before others do', () => {
  const outcomes = outcomesOf(
    litmus(both(write('x'), read(['r0', 'x'], ['r1', 'y'])), both(write('y'), read(['r2', 'y'], ['r3', 'x']))),
  );
  assert.ok(outcomes.includes('1010'));
});

test('a sample by pct finds in few runs what few steps can do', () => {
  const tests = [
    storeBuffering,
    litmus(write('x', 'y'), read(['r0', 'y'], ['r1', 'x'])),
    litmus(both(read(['r0', 'x']), write('y')), both(read(['r1', 'y']), write('x'))),
    litmus(write('x'), write('y'), read(['r0', 'x'], ['r1', 'y']), read(['r2', 'y'], ['r3', 'x'])),
  ];
  for (const scenario of tests) {
    const { outcomes } = sample(scenario, { strategy: 'pct', runs: 500 });
    assert.equal([...outcomes.keys()].sort(), outcomesOf(scenario));
  }
});

test("Peterson's lock on plain words lets both in, which replays, is sampled, and is said to be of x86", () => {
  const peterson: Scenario<'flag0' | 'flag1' | 'turn', 'inside'> = {
    memory: { flag0: 0, flag1: 0, turn: 0 },
    ghosts: { inside: 0 },
    plain: ['flag0', 'flag1', 'turn'],
    threads: [0, 1].map((me) => ({ words }, { ghost, step }) => {
      words[me] = 1;
      words[2] = 1 - me;
      while (words[1 - me] === 1 && words[2] === 1 - me);
      ghost.add('inside', 1);
      step();
      ghost.add('inside', -1);
      words[me] = 0;
    }),
    invariant: ({ inside }) => inside <= 1 || 'both are inside',
  };
  const undeclared = explore({ ...peterson, plain: [] });
  assert.is(undeclared.failure?.kind, 'race', String(undeclared));
  const sc = explore(peterson);
  assert.is(sc.verdict, 'ok');
  assert.match(String(sc), /assuming that plain accesses see the latest value of flag0/);

  const tso: typeof peterson = { ...peterson, memoryModel: 'tso' };
  const { failure } = explore(tso);
  assert.is(failure?.kind, 'invariant');
  assert.is(replay(tso, failure?.schedule.seed ?? '').failure?.reason, failure?.reason);
  assert.is(sample(tso).verdict, 'failed');
});

test('a store that is late is a step of the schedule, and dies with nobody', () => {
  const { failure } = explore({
    memory: { x: 0, y: 0 },
    plain: ['x'],
    memoryModel: 'tso',
    kills: 1,
    threads: [
      both(write('x'), (_, thread) => thread.step()),
      {
        killable: false,
        run: ({ words, at }, thread) => {
          thread.joinDead();
          // A thread that learns of a death sees what the dead one has done.
          Atomics.store(words, at.y, 1 + words[at.x]);
        },
      },
    ],
    final: ({ y }) => y !== 2,
  });
  const steps = failure?.schedule.steps.map(({ operation, change }) => `${operation}: ${change}`) ?? [];
  assert.ok(steps.includes('plain write of x (1) is seen by all: x 0 → 1'), steps.join('\n'));
});

test('a store that others do not see yet is shown as one that only its thread sees', () => {
  const { failure } = explore({
    ...litmus(both(write('x'), write('x'), read(['r0', 'y'])), both(write('y'), read(['r1', 'x'], ['r2', 'x']))),
    final: ({ r0, r1, r2 }) => r0 + r1 + r2 > 0,
  });
  const told = failure?.schedule.steps.map(({ operation, change }) => `${operation}: ${change}`) ?? [];
  const stores = told.filter((step) => step.startsWith('plain write of') && !step.includes('seen'));
  assert.equal(stores.sort(), [
    'plain write of x: x 0 → 1 for a alone',
    'plain write of x: x 1 → 1 for a alone',
    'plain write of y: y 0 → 1 for b alone',
  ]);
});

test('the verdict says which model it rests on, and models that are not explored are refused', () => {
  const { assumptions } = explore(storeBuffering);
  assert.match(assumptions.join(), "x86, whose stores may be late, in program order (memoryModel 'tso'), of x, y");
  assert.throws(
    () => explore({ ...storeBuffering, memoryModel: 'arm' as 'tso' }),
    /memoryModel must be 'sc' or 'tso' \(x86; the further reorderings of ARM and others are not explored\), not 'arm'/,
  );
});

test.run();
