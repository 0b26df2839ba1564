import { fileURLToPath } from 'node:url';
import type { TestReport } from 'atomics-sync-free/stress';
import * as assert from 'uvu/assert';
import { type Ended, runCommand, startCommand } from '../support/command.js';
import { suite } from '../support/suite.js';
import { until } from '../support/workers.js';

const test = suite('command stress');

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../stress/fixtures/${name}.fixture.js`, import.meta.url));

test('it prints a table for each test, outcomes never seen included, a verdict and a summary', async () => {
  const { code, stdout, stderr } = await runCommand(['stress', 'lost-update/lock', '--seconds', '0.2']);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^lost-update\/lock {2}Every worker adds 1/);
  assert.match(stdout, /│ result +│ +samples │ frequency │ expectation │ description +│/);
  assert.match(stdout, /│ exact +│ +[\d,]+ │ +100 % │ ACCEPTABLE +│ Every addition counted\. +│/);
  assert.match(stdout, /│ lost +│ +0 │ +0 % │ FORBIDDEN +│ An addition overwrote another\. +│/);
  assert.match(stdout, /\nPASSED {2}\([\d,]+ samples, [\d,]+ a second, 2 threads, overlap .*%\)\n/);
  assert.match(stdout, /\n1 tests in \d+\.\d s: 1 passed, 0 not seen, 0 failed; race still possible in 0\n$/);
});

test('where there is no terminal it prints plain lines and no progress', async () => {
  const { stdout, stderr } = await runCommand(['stress', 'lost-update/lock', '--seconds', '0.5']);
  assert.not.ok(stdout.includes('\r') || stdout.includes('\x1b'));
  assert.is(stderr, '');
});

test('--json prints one object and nothing else', async () => {
  const { code, stdout, stderr } = await runCommand(['stress', 'lost-update', '--json', '--seconds', '0.3']);
  assert.equal([code, stderr], [0, '']);
  const { tests, ...rest } = JSON.parse(stdout) as { tests: TestReport[] };
  assert.equal(rest, {});
  assert.equal(
    tests.map(({ name }) => name),
    ['lost-update/unprotected', 'lost-update/atomics', 'lost-update/lock'],
  );
  const [, , { verdict, outcomes }] = tests;
  assert.is(verdict, 'PASSED');
  assert.equal(
    outcomes.map(({ result, expectation }) => [result, expectation]),
    [
      ['exact', 'ACCEPTABLE'],
      ['lost', 'FORBIDDEN'],
    ],
  );
  assert.ok(outcomes[0].samples > 0);
  assert.is(outcomes[1].samples, 0);
  assert.type(outcomes[0].description, 'string');
});

test('a Lock that excludes nobody makes the run exit 1, naming test and outcome', async () => {
  const broken = ['--import', new URL('../stress/fixtures/break-lock.fixture.js', import.meta.url).href];
  const end = performance.now() + 40_000;
  let ended: Ended;
  // Again until it is seen: that two workers meet at all is up to the machine.
  do ended = await runCommand(['stress', 'split-update/one-section', '--seconds', '1'], broken);
  while (ended.code === 0 && performance.now() < end);
  assert.is(ended.code, 1, ended.stdout);
  assert.match(ended.stdout, /FAILED {2}split-update\/one-section: FORBIDDEN seen: lost \([\d,]+ ×\)/);
});

test('tests of a file of one’s own are run by its path', async () => {
  const { code, stdout } = await runCommand(['stress', fixture('races'), '--list']);
  assert.is(code, 0);
  assert.match(stdout, /steady\/one-actor/);
  assert.not.match(stdout, /lost-update/);
});

test('a name or a file that is not there is wrong usage', async () => {
  for (const [name, message] of [
    ['lost-updates', /no stress test is called lost-updates; --list shows the names/],
    ['./no-such-file.js', /no-such-file\.js cannot be loaded/],
    [fixture('no-race'), /exports no stress test/],
  ] as const) {
    const { code, stdout, stderr } = await runCommand(['stress', name]);
    assert.equal([code, stdout], [2, '']);
    assert.match(stderr, message);
  }
});

test('wrong options are wrong usage', async () => {
  for (const args of [
    ['--seconds', '0'],
    ['--seconds', 'soon'],
    ['--threads', '1'],
    ['--threads', '2.5'],
    ['--thread', '2'],
    ['--list', '--json'],
  ]) {
    const { code, stdout, stderr } = await runCommand(['stress', ...args]);
    assert.equal([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, /^error: /);
  }
});

test('an unknown command is wrong usage, help is not', async () => {
  assert.is((await runCommand(['strain'])).code, 2);
  const { code, stdout } = await runCommand(['stress', '--help']);
  assert.is(code, 0);
  assert.match(stdout, /--seconds <S>/);
});

test('Ctrl-C prints what was found so far and exits with 130', async () => {
  const { child, printed, ended } = startCommand(['stress', 'lost-update', '--seconds', '1']);
  await until(() => printed.stdout.includes('lost-update/unprotected'));
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  assert.is(code, 130);
  assert.match(stdout, /interrupted/);
  assert.match(stdout, /^[12] tests in /m);
});

test.run();
