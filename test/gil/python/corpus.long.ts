// What real CPythons made of the corpus is among what the explorer finds, program by program and version by version.
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.js';
import { outcomesOf, VERSIONS } from './recorded.js';

const test = suite('corpus of Python programs');

test('there are five versions, and a recording of each program for each', () => {
  assert.equal(
    VERSIONS.map(({ python }) => python.replace(/\.\d+$/, '')),
    ['3.9', '3.10', '3.11', '3.12', '3.13'],
  );
  for (const { seen } of VERSIONS) assert.ok(Object.keys(seen).length >= 60);
});

for (const { python, listings, seen } of VERSIONS) {
  test(`CPython ${python}: every recorded outcome lies in the set`, () => {
    for (const [name, heats] of Object.entries(seen)) {
      for (const heat of ['hot', 'cold'] as const) {
        const recorded = heats[heat];
        if (recorded === undefined) continue;
        const { outcomes, endless } = outcomesOf(listings[name], heat);
        const possible = outcomes.map(({ text, deadlock }) => (deadlock.length > 0 ? 'dead-lock' : text));
        for (const text of Object.keys(recorded)) {
          assert.ok(possible.includes(text), `${name}, ${heat}: ${text} is none of ${possible.join(' | ')}`);
        }
        assert.not.ok(endless, `${name}, ${heat}`);
      }
    }
  });
}

for (const { python, listings, loops } of VERSIONS) {
  if (Object.keys(loops).length === 0) continue;
  test(`CPython ${python}: of additions that two threads repeat, some are lost only where the set says so`, () => {
    for (const [interval, rows] of Object.entries(loops)) {
      for (const [name, { calls, lost }] of Object.entries(rows)) {
        assert.ok(calls > 0 && lost >= 0, name);
        if (lost === 0) continue;
        const { outcomes } = outcomesOf(listings[name], 'hot');
        assert.ok(
          outcomes.length > 1,
          `${name}: ${lost} of ${calls} lost at ${interval} s, but the set has one outcome`,
        );
      }
    }
  });
}

test.run();
