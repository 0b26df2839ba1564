/** Holds the explorer to the tables of README.md beside this file. */
import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import type { Suite } from '../../support/suite.js';
import { corpus } from './index.js';
import { rowOf, timeless } from './table.js';

/** The rows of the guide, without their times. */
const rows = readFileSync(new URL('../../../../test/check/corpus/README.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| algorithm'))
  .map((line) => timeless(line.slice(2, -2)));

/** All algorithms that take long, or all others. */
const algorithms = (long: boolean) =>
  Object.values(corpus)
    .flat()
    .filter((each) => (each.long ?? false) === long);

/** A test for each: verdict and states are those of the guide. */
export function testRows(test: Suite<Record<string, never>>, long: boolean): void {
  for (const algorithm of algorithms(long)) {
    const { name, source, flaw, wrongAsPublished = false } = algorithm;
    test(`${name} (${source}) ${wrongAsPublished ? 'fails' : 'is ok, and its broken twin fails'}: ${flaw}`, () => {
      const row = timeless(rowOf(algorithm));
      // Loops that took long to try are not tried to their end, which on a busy machine may once give more states.
      assert.ok(
        rows.includes(row) || rows.includes(timeless(rowOf(algorithm))),
        `${row} is not in test/check/corpus/README.md`,
      );
    });
  }
}

/** How many rows the guide has, and how many there should be. */
export const counts = { rows: rows.length, algorithms: algorithms(false).length + algorithms(true).length };
