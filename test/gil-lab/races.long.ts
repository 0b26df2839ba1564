import { POLICIES, type Policy, RACES, type Race } from 'atomics-sync-free/gil';
import * as assert from 'uvu/assert';
import { type RaceResult, raceTable, runInPython, runRace } from '#dist/gil-lab/index.js';
import { suite } from '../support/suite.js';

const test = suite('race table');

const of = (id: string) => {
  const race = RACES.find((candidate) => candidate.id === id);
  if (race === undefined) throw new Error(`no race ${id}`);
  return race;
};
/** How often each thread does what loses nothing: enough for some turns of the GIL. All its interleavings: possible-values.long.ts. */
const OFTEN = 30_000;

/** The first run that lost anything, or the last of many: chance may spare a short one. */
async function firstLoss(race: Race, policy: Policy, runs = 40): Promise<RaceResult> {
  for (let i = 1; ; i++) {
    const result = await runRace(race, policy, { atMost: 150_000 });
    if (result.lost > 0 || i === runs) return result;
  }
}

for (const race of RACES) {
  if (race.expected['3.11'] === 'none') {
    test(`${race.title} loses nothing under 3.11 and 3.12`, async () => {
      for (const policy of ['3.11', '3.12'] as const) {
        const { lost } = await runRace(race, policy, { atMost: OFTEN });
        assert.is(lost, 0, policy);
      }
    });
  } else if (race.id !== 'sleep') {
    test(`${race.title} loses something under 3.11`, async () => {
      const { lost } = await firstLoss(race, '3.11');
      assert.ok(lost > 0);
    });
  }
}

test('counter += 1 loses something under 3.9 and without a GIL', async () => {
  for (const policy of ['3.9', 'free-threaded'] as const) {
    const { lost } = await firstLoss(of('global'), policy);
    assert.ok(lost > 0, policy);
  }
});

test('append, next and a Lock hold without a GIL too', async () => {
  for (const id of ['append', 'next', 'lock']) {
    const { lost } = await runRace(of(id), 'free-threaded', { atMost: OFTEN });
    assert.is(lost, 0, id);
  }
});

test('with a sleep between read and write, much is lost however short the run', async () => {
  const { lost, total } = await runRace(of('sleep'), '3.11', { atMost: 500 });
  // Half of them, and a little less or more where the machine lets a thread wait.
  assert.ok(lost > total / 4, `${lost} of ${total}`);
});

test('the table has a row for each program and marks what is not as expected', () => {
  const race = of('global');
  const results = POLICIES.map((policy) => ({
    race,
    policy,
    total: 2000,
    lost: policy === '3.12' ? 1234 : 0,
    asExpected: policy !== '3.12',
    elapsed: 1,
  }));
  const { head, rows } = raceTable(results, { version: '3.13.0', lost: { global: 5 } });
  assert.equal(rows, [
    ['counter += 1', '2,000', '0', '0', '0', '0', '1,234 (!)', '0', '263,699 – 753,684', '', '0', '5'],
  ]);
  assert.is(head.length, rows[0].length);
  assert.is(raceTable(results).head.length, head.length - 1);
});

test('the programs run in the CPython of this machine, or there is none', async () => {
  const live = await runInPython(RACES, 100);
  if (live === undefined) return;
  assert.equal(
    Object.keys(live.lost),
    RACES.map(({ id }) => id),
  );
  for (const [id, lost] of Object.entries(live.lost)) assert.ok(lost >= 0 && lost <= 200, `${id} lost ${lost}`);
});

test.run();
