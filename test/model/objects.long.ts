// More of objects.test.ts: longer programs, and ones of three threads.
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import {
  LARGE,
  overShippedCode,
  overSpecifications,
  randomProgram,
  SMALL,
  sampleOfShippedCode,
} from './object-programs.js';

const test = suite('programs that use primitives, at length');

/** The numbers before are those of the short test. */
const FIRST = 20;
const PROGRAMS = 60;
const RUNS = 40;

test('come to the same over the specifications as over the shipped code', () => {
  for (let number = FIRST; number < FIRST + PROGRAMS; number++) {
    const program = randomProgram(SMALL, number, 2, 2);
    const [specified, shipped] = [overSpecifications(program), overShippedCode(program)];
    const text = JSON.stringify(program);
    assert.is(shipped.verdict, specified.verdict, `${text}\n${specified.report}\n${shipped.report}`);
    if (specified.verdict === 'ok') assert.equal(shipped.outcomes, specified.outcomes, text);
  }
});

test('come to nothing over the shipped code that they cannot come to over the specifications', () => {
  for (let number = FIRST; number < FIRST + PROGRAMS; number++) {
    const program = randomProgram(LARGE, number, 3, 1);
    const [specified, shipped] = [overSpecifications(program), sampleOfShippedCode(program, RUNS, number)];
    const text = `${JSON.stringify(program)}\n${specified.report}\n${shipped.report}`;
    if (shipped.verdict !== 'sampled') assert.is(shipped.verdict, specified.verdict, text);
    if (specified.verdict !== 'ok') continue;
    for (const outcome of shipped.outcomes) assert.ok(specified.outcomes.includes(outcome), `${outcome}: ${text}`);
  }
});

test.run();
