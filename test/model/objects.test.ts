// Programs over the checker's specifications and over the shipped code: see object-programs.ts.
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

const test = suite('programs that use primitives');

const ROUNDS = 1;
const RUNS = 10;

test('come to the same over the specifications as over the shipped code', () => {
  for (let number = 0; number < ROUNDS * SMALL.length; number++) {
    const program = randomProgram(SMALL, number, 2, 2);
    const [specified, shipped] = [overSpecifications(program), overShippedCode(program)];
    const text = JSON.stringify(program);
    assert.is(shipped.verdict, specified.verdict, `${text}\n${specified.report}\n${shipped.report}`);
    if (specified.verdict === 'ok') assert.equal(shipped.outcomes, specified.outcomes, text);
  }
});

test('come to nothing over the shipped code that they cannot come to over the specifications', () => {
  for (let number = 0; number < LARGE.length; number++) {
    const program = randomProgram(LARGE, number, 2, 1);
    const [specified, shipped] = [overSpecifications(program), sampleOfShippedCode(program, RUNS, number)];
    const text = `${JSON.stringify(program)}\n${specified.report}\n${shipped.report}`;
    if (shipped.verdict !== 'sampled') assert.is(shipped.verdict, specified.verdict, text);
    if (specified.verdict !== 'ok') continue;
    for (const outcome of shipped.outcomes) assert.ok(specified.outcomes.includes(outcome), `${outcome}: ${text}`);
  }
});

test.run();
