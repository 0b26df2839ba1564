import { POLICIES, type Policy, RACES, type Race } from 'atomics-sync-free/gil';
import { possibleValues } from 'atomics-sync-free/gil/outcomes';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.js';

const test = suite('possible results');

const threads = (count: number, n: number) => Array.from({ length: count }, () => ({ name: 'main', args: [n] }));
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
    for (const policy of POLICIES) {
      assert.equal(two(race, policy), race.expected[policy] === 'none' ? [2] : [1, 2], policy);
    }
  });

  test(`${race.title}: what CPython was seen to do is possible`, () => {
    for (const policy of ['3.9', '3.11'] as const) {
      const values = two(race, policy);
      const [least, most] = race.recorded[policy];
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

test('more states than allowed is an error, not a set', () => {
  const race = raceOf('global');
  const question = { source: race.source(2), threads: threads(2, 1), result: race.result, policy: '3.9' } as const;
  assert.throws(() => possibleValues({ ...question, maxStates: 100 }), /INCOMPLETE/);
});

test.run();
