// More of objects.test.ts: random programs.
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { overShippedCode, overSpecifications, randomProgram } from './object-programs.js';

const test = suite('programs that use primitives, at length');

const PROGRAMS = 60;

test('come to the same over the specifications as over the shipped code', () => {
  for (let number = 0; number < PROGRAMS; number++) {
    const program = randomProgram(number, 2, 2);
    const [specified, shipped] = [overSpecifications(program), overShippedCode(program)];
    const text = JSON.stringify(program);
    assert.is(shipped.verdict, specified.verdict, `${text}\n${specified.report}\n${shipped.report}`);
    if (specified.verdict === 'ok') assert.equal(shipped.outcomes, specified.outcomes, text);
  }
});

test.run();
