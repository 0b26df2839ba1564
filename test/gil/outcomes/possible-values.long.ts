import { POLICIES, type Policy, RACES, type Race } from 'atomics-sync-free/gil';
import { possibleValues } from 'atomics-sync-free/gil/outcomes';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.js';

const test = suite('possible results');

const threads = (count: number, n: number) => Array.from({ length: count }, () => ({ name: 'main', args: [n] }));
/** 3.12 looks where 3.11 does: opcodes.test.ts. */
const DISTINCT = POLICIES.filter((policy) => policy !== '3.12');
const known = new Map<string, readonly number[]>();
/** What one addition in each of two threads can leave. */
function two(race: Race, policy: Policy): readonly number[] {
  const name = `${race.id} ${policy}`;
  const values =
    known.get(name) ??
    possibleValues({ source: race.source(2), policy, threads: threads(2, 1), result: race.result }).values;
  known.set(name, values);
  return values;
}
const raceOf = (id: string): Race => {
  const race = RACES.find((candidate) => candidate.id === id);
  if (race === undefined) throw new Error(`no race ${id}`);
  return race;
};

for (const race of RACES) {
  test(`${race.title}, once in each of two threads: as the race table expects`, () => {
    for (const policy of DISTINCT) {
      assert.equal(two(race, policy), race.expected[policy] === 'none' ? [2] : [1, 2], policy);
    }
  });

  test(`${race.title}: what CPython was seen to do is possible`, () => {
    for (const policy of ['3.9', '3.10', '3.11'] as const) {
      const values = two(race, policy);
      const [least, most] = race.recorded[policy] ?? [0, 0];
      if (most > 0) assert.ok(values.includes(1), `${policy} lost ${most}`);
      if (least === 0) assert.ok(values.includes(2), `${policy} lost nothing`);
    }
  });
}

test('two increments in each of two threads can leave 2, not 1, where a switch may come between', () => {
  const race = raceOf('global');
  const question = { source: race.source(4), threads: threads(2, 2), result: race.result };
  assert.equal(possibleValues({ ...question, policy: '3.9' }).values, [2, 3, 4]);
  assert.equal(possibleValues({ ...question, policy: '3.11' }).values, [4]);
});

const body = (text: string): string => text.replaceAll('; ', '\n    ');
/** Two nested locks, taken in opposite orders, each by these instructions. */
const opposite = (take: (lock: string) => string, give: (lock: string) => string): string => {
  const f = (name: string, outer: string, inner: string) =>
    `def ${name}():\n    ${body(`RESUME; ${take(outer)}; ${take(inner)}; ${give(inner)}; ${give(outer)}; LOAD_CONST None; RETURN_VALUE`)}`;
  return `global x = 0\nlock a\nlock b\n${f('one', 'a', 'b')}\n${f('two', 'b', 'a')}`;
};
const DEADLOCKING = { threads: [{ name: 'one' }, { name: 'two' }], result: 'x' };

test('two locks in opposite orders deadlock by acquire() in every version', () => {
  const call = (method: string) => (lock: string) => `LOAD_GLOBAL ${lock}; LOAD_ATTR ${method}; CALL 0; POP_TOP`;
  const source = opposite(call('acquire'), call('release'));
  for (const policy of POLICIES) {
    assert.throws(() => possibleValues({ source, policy, ...DEADLOCKING }), /hang|stuck|blocked|deadlock/i, policy);
  }
});

test('two locks in opposite orders, entered by `with` one after the other, cannot deadlock from 3.10 on', () => {
  const nones = 'LOAD_CONST None; LOAD_CONST None; LOAD_CONST None; CALL 3; POP_TOP';
  const source = opposite(
    (lock) => `LOAD_GLOBAL ${lock}; BEFORE_WITH; POP_TOP`,
    () => nones,
  );
  for (const policy of ['3.10', '3.11', '3.11-cold', '3.12'] as const) {
    assert.equal(possibleValues({ source, policy, ...DEADLOCKING }).values, [0], policy);
  }
  assert.throws(() => possibleValues({ source, policy: '3.9', ...DEADLOCKING }), /hang|stuck|blocked|deadlock/i);
});

test('a loop that waits for another thread has a set of results without a GIL, too', () => {
  const source = `
global flag = 0
global x = 0
def waits():
    ${body('RESUME; again:; LOAD_GLOBAL flag; POP_JUMP_IF_TRUE done; JUMP_BACKWARD again; done:; LOAD_GLOBAL x; RETURN_VALUE')}
def sets():
    ${body('RESUME; LOAD_CONST 1; STORE_GLOBAL x; LOAD_CONST 1; STORE_GLOBAL flag; LOAD_CONST None; RETURN_VALUE')}
`;
  const threads = [{ name: 'waits' }, { name: 'sets' }];
  for (const policy of ['3.11', 'free-threaded'] as const) {
    assert.equal(possibleValues({ source, policy, threads, result: 'x', maxStates: 10_000 }).values, [1], policy);
  }
});

test('a thread that sees the new length of a list finds the appended item, without a GIL, too', () => {
  const source = `
global seen = 7
list l[2]
def reads():
    ${body('RESUME; LOAD_GLOBAL len; LOAD_GLOBAL l; CALL 1; POP_JUMP_IF_FALSE done; LOAD_GLOBAL l; LOAD_CONST 0; BINARY_SUBSCR; STORE_GLOBAL seen; done:; LOAD_CONST None; RETURN_VALUE')}
def appends():
    ${body('RESUME; LOAD_GLOBAL l; LOAD_ATTR append; LOAD_CONST 5; CALL 1; RETURN_VALUE')}
`;
  const threads = [{ name: 'reads' }, { name: 'appends' }];
  assert.equal(possibleValues({ source, policy: 'free-threaded', threads, result: 'seen' }).values, [5, 7]);
});

test('three threads', () => {
  const race = raceOf('call');
  const question = { source: race.source(3), threads: threads(3, 1), result: race.result };
  assert.equal(possibleValues({ ...question, policy: '3.11' }).values, [1, 2, 3]);
});

test('a program that hangs is reported with its schedule', () => {
  const source = `
lock a
global x = 0
def main():
    LOAD_GLOBAL a
    LOAD_ATTR acquire
    CALL 0
    RETURN_VALUE
`;
  const question = { source, policy: '3.11', threads: [{ name: 'main' }, { name: 'main' }], result: 'x' } as const;
  assert.throws(() => possibleValues(question), /deadlock/);
});

test('calls that cannot be made, and limits that are none, are wrong arguments', () => {
  const race = raceOf('global');
  const question = { source: race.source(2), threads: threads(2, 1), result: race.result, policy: '3.9' } as const;
  for (const wrong of [
    { threads: [] },
    { threads: threads(27, 1) },
    { threads: [{ name: 'nobody' }] },
    { threads: [{ name: 'main', args: [0.5] }] },
    { maxStates: 0 },
    { maxStates: Number.NaN },
  ]) {
    assert.throws(
      () => possibleValues({ ...question, ...wrong }),
      (error: unknown) => error instanceof RangeError,
      JSON.stringify(wrong),
    );
  }
  for (const wrong of [{ threads: [{ name: 'main', args: 1 }] }, { maxStates: '5' }]) {
    assert.throws(
      () => possibleValues({ ...question, ...wrong } as never),
      (error: unknown) => error instanceof TypeError,
      JSON.stringify(wrong),
    );
  }
});

test('more states than allowed is an error, not a set', () => {
  const race = raceOf('global');
  const question = { source: race.source(2), threads: threads(2, 1), result: race.result, policy: '3.9' } as const;
  assert.throws(() => possibleValues({ ...question, maxStates: 100 }), /INCOMPLETE/);
});

test.run();
