import { spawnSync } from 'node:child_process';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('a program that asks for something late');

const PROGRAM = new URL('./late-request.program.js', import.meta.url).pathname;

test('it gets its result, and ends', () => {
  const { status, stdout } = spawnSync(process.execPath, [PROGRAM], { encoding: 'utf8', timeout: 20_000 });
  assert.equal([status, stdout], [0, '8\n']);
});

test.run();
