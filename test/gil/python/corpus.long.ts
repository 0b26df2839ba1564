// What real CPythons made of the corpus is among what the explorer finds, program by program and version by version.
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.js';
import { outcomesOf, VERSIONS } from './recorded.js';

const test = suite('corpus of Python programs');

const INTERVALS = ['0.00001', '0.005'];
const HEATS = ['hot', 'cold'] as const;

/** Rounds of copies that each program has at the least. */
const FEWEST = 100_000;

test('there are five versions, and a recording of each program for each, hot and cold, at both switch intervals', () => {
  assert.equal(
    VERSIONS.map(({ python }) => python.replace(/\.\d+$/, '')),
    ['3.9', '3.10', '3.11', '3.12', '3.13'],
  );
  for (const { python, listings, seen } of VERSIONS) {
    for (const interval of INTERVALS) {
      const programs = Object.entries(seen[interval] ?? {});
      assert.ok(programs.length >= 60, `${python}, ${interval} s`);
      for (const [name, recording] of programs) {
        assert.ok(name in listings, name);
        for (const heat of HEATS) {
          // Up to 3.10 code is never specialized.
          if (heat === 'cold' && /^3\.(9|10)\./.test(python)) continue;
          const { rounds = 0, outcomes = {} } = recording[heat] ?? {};
          const where = `${python}, ${interval} s, ${name}, ${heat}`;
          assert.ok(rounds >= FEWEST, `${where}: ${rounds} rounds`);
          assert.is(
            Object.values(outcomes).reduce((sum, each) => sum + each),
            rounds,
            where,
          );
        }
      }
    }
  }
});

for (const { python, listings, seen } of VERSIONS) {
  test(`CPython ${python}: every recorded outcome lies in the set`, () => {
    for (const [name, listing] of Object.entries(listings)) {
      for (const heat of HEATS) {
        const recorded = INTERVALS.flatMap((interval) => Object.keys(seen[interval]?.[name]?.[heat]?.outcomes ?? {}));
        if (recorded.length === 0) continue;
        const { outcomes, endless } = outcomesOf(listing, heat);
        const possible = outcomes.map(({ text, deadlock }) => (deadlock.length > 0 ? 'deadlock' : text));
        for (const text of new Set(recorded)) {
          assert.ok(possible.includes(text), `${name}, ${heat}: ${text} is none of ${possible.join(' | ')}`);
        }
        assert.not.ok(endless, `${name}, ${heat}`);
      }
    }
  });

  test(`CPython ${python}: of additions that two threads repeat, some are lost only where the set says so`, () => {
    for (const interval of INTERVALS) {
      for (const [name, { repeat }] of Object.entries(seen[interval] ?? {})) {
        if (repeat === undefined || repeat === null) continue;
        const { rounds, lost } = repeat;
        assert.ok(rounds > 0 && lost >= 0, name);
        if (lost === 0) continue;
        const { outcomes } = outcomesOf(listings[name], 'hot');
        assert.ok(
          outcomes.length > 1,
          `${name}: ${lost} of ${rounds} lost at ${interval} s, but the set has one outcome`,
        );
      }
    }
  });
}

test.run();
