import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestReport } from 'atomics-sync-free/stress';
import { CommanderError } from 'commander';
import * as assert from 'uvu/assert';
import { stressCommand } from '#dist/cli/stress.js';
import { UsageError } from '#dist/cli/usage.js';
import { type Ended, runCommand, startCommand } from '../support/command.js';
import { atTestEnd, suite } from '../support/suite.js';
import { until } from '../support/workers.js';

const test = suite('command stress');

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../stress/fixtures/${name}.fixture.js`, import.meta.url));

/** Tests that stand for a run of many. */
const FEW = ['lost-update/unprotected', 'lost-update/atomics', 'lost-update/lock'];
/** Long enough for progress to be shown, where it is; whether two actors meet that soon is up to the machine. */
const plain = ['stress', 'lost-update/lock', '--seconds', '0.5', '--until-seen', '40'];

test('it prints plain lines, a table for each test, outcomes never seen included, a verdict and a summary', async () => {
  const { code, stdout, stderr } = await runCommand(plain);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^lost-update\/lock {2}Every worker adds 1/);
  assert.match(stdout, /│ result +│ +samples │ frequency │ expectation │ description +│/);
  assert.match(stdout, /│ exact +│ +[\d,]+ │ +100 % │ ACCEPTABLE +│ Every addition counted\. +│/);
  assert.match(stdout, /│ lost +│ +0 │ +0 % │ FORBIDDEN +│ An addition overwrote another\. +│/);
  assert.match(stdout, /\nPASSED {2}\([\d,]+ samples, [\d,]+ a second, 2 threads, overlap .*%\)\n/);
  assert.match(
    stdout,
    /\n1 test in \d+\.\d s: 1 passed, 0 not seen, 0 failed; race seen in 0, still possible but not seen in 0\n$/,
  );
  // Where there is no terminal there is neither progress nor colour.
  assert.not.ok(stdout.includes('\r') || stdout.includes('\x1b'));
  assert.is(stderr, '');
});

test('it ends silently when nobody reads what it prints', async () => {
  const { child, ended } = startCommand(['stress', ...FEW, '--seconds', '0.2']);
  child.stdout?.destroy();
  const { code, stderr } = await ended;
  assert.equal([code, stderr], [141, '']);
});

test('--json prints one object and nothing else', async () => {
  const { code, stdout, stderr } = await runCommand(['stress', ...FEW, '--json', '--seconds', '0.2']);
  assert.equal([code, stderr], [0, '']);
  const { tests, ...rest } = JSON.parse(stdout) as { tests: TestReport[] };
  assert.equal(rest, {});
  assert.equal(
    tests.map(({ name }) => name),
    FEW,
  );
  const [, , { verdict, outcomes }] = tests;
  // Whether actors meet at all in so short a time is up to the machine.
  assert.ok(['PASSED', 'NOT SEEN'].includes(verdict), verdict);
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

test('tests of a user’s file are run by its path', async () => {
  const { code, stdout } = await runCommand(['stress', fixture('races'), '--list']);
  assert.is(code, 0);
  assert.match(stdout, /steady\/one-actor/);
  assert.not.match(stdout, /lost-update/);
});

test('names beside a file pick among its tests', async () => {
  const { code, stdout } = await runCommand(['stress', fixture('races'), 'more', '--list']);
  assert.is(code, 0);
  assert.match(stdout, /more\/a/);
  assert.not.match(stdout, /steady/);
});

test('the guide’s example of a user’s race runs as it is written', async () => {
  const guide = await readFile(new URL('../../../docs/stress.md', import.meta.url), 'utf8');
  const [, code] = /```js\n(\/\/ my-race\.js\n[\s\S]*?)```/.exec(guide) ?? [];
  assert.ok(code, 'docs/stress.md has the race');
  // Inside the package, where its own name leads to its own exports.
  const folder = new URL('../../guide/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const file = new URL('my-race.js', folder);
  await writeFile(file, code);
  const {
    code: exit,
    stdout,
    stderr,
  } = await runCommand(['stress', fileURLToPath(file), '--until-seen', '--seconds', '0.3']);
  assert.is(exit, 0, stderr);
  assert.match(stdout, /2 passed, 0 not seen, 0 failed; race seen in 1, still possible but not seen in 0/);
  const explained = await runCommand(['stress', '--explain', fileURLToPath(file)]);
  assert.match(explained.stdout, /^Highest bid\.\n/);
});

test('--html writes a page, too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stress-'));
  atTestEnd(() => rm(folder, { recursive: true }));
  const file = join(folder, 'report.html');
  const { code, stdout } = await runCommand([
    'stress',
    'phases',
    '--seconds',
    '0.2',
    '--until-seen',
    '40',
    '--html',
    file,
  ]);
  assert.is(code, 0);
  assert.ok(stdout.endsWith(`The page is in ${file}\n`));
  const page = await readFile(file, 'utf8');
  assert.match(page, /<section class="test" id="phases\/barrier"/);
  assert.match(page, /An iteration with the result <b>too early<\/b>/);
});

test('--list goes by subject and by what is prevented', async () => {
  const { code, stdout } = await runCommand(['stress', 'lost-update', '--list']);
  assert.is(code, 0);
  assert.match(
    stdout,
    /^RWLock\n {2}prevented\n {4}lost-update\/writing-side .*\n {2}still possible\n {4}lost-update\/r/m,
  );
});

test('--explain prints the head of each race that is named, once, and its tests', async () => {
  const { code, stdout } = await runCommand(['stress', '--explain', 'lost-update/*lock', 'reentry']);
  assert.is(code, 0);
  assert.is(stdout.match(/^Lost update\.$/gm)?.length, 1);
  assert.match(stdout, /^`counter \+= 1` is a load, an addition and a store\./m);
  assert.match(stdout, /^ {2}lost-update\/lock\n {2}lost-update\/rlock\n\n/m);
  assert.match(stdout, /^Re-entry\.$/m);
});

test('--explain says so where a module has no head', async () => {
  const { code, stdout } = await runCommand(['stress', '--explain', fixture('late')]);
  assert.is(code, 0);
  assert.is(stdout, 'Its module does not begin with a comment.\n\n  late\n');
});

test('--until-seen goes on until a race has been seen', async () => {
  const { code, stdout } = await runCommand(['stress', fixture('late'), '--seconds', '0.1', '--until-seen']);
  assert.is(code, 0);
  assert.match(stdout, /^PASSED /m);
});

test('--jobs runs tests beside each other and reports in order', async () => {
  // Long compared with what the command itself takes on a busy machine.
  const args = ['stress', ...FEW, '--json', '--seconds', '6', '--jobs', '3'];
  const began = performance.now();
  const { code, stdout } = await runCommand(args);
  const { tests } = JSON.parse(stdout) as { tests: TestReport[] };
  assert.is(code, 0);
  assert.equal(
    tests.map(({ name }) => name),
    FEW,
  );
  assert.ok((performance.now() - began) / 1_000 < tests.reduce((sum, { seconds }) => sum + seconds, 0));
});

/** Why the command refuses these arguments, asked in this process, because starting one for each would take long. */
async function refusal(args: readonly string[]): Promise<Error | undefined> {
  const command = stressCommand(() => {}).configureOutput({ writeErr: () => {} });
  return command.parseAsync(args, { from: 'user' }).then(
    () => undefined,
    (error: Error) => error,
  );
}

test('a name or a file that is not there is wrong usage', async () => {
  for (const [name, message] of [
    ['lost-updates', /no stress test is called lost-updates; --list shows the names/],
    ['./no-such-file.js', /no-such-file\.js cannot be loaded/],
    [fixture('no-race'), /exports no stress test/],
  ] as const) {
    const refused = await refusal([name]);
    assert.instance(refused, UsageError);
    assert.match((refused as UsageError).message, message);
  }
});

test('wrong options are wrong usage', async () => {
  for (const args of [
    ['--seconds', '0'],
    ['--seconds', 'soon'],
    ['--threads', '1'],
    ['--threads', '2.5'],
    ['--threads', '1023'],
    ['--jobs', '0'],
    ['--until-seen', '-1'],
    ['--list', '--html', 'x.html'],
    ['--explain', '--json', 'reentry'],
    ['--thread', '2'],
    ['--list', '--json'],
  ]) {
    assert.instance(await refusal(args), CommanderError, args.join(' '));
  }
  for (const args of [['--explain'], ['phases', '--html', '/no/such/folder/x.html']]) {
    assert.instance(await refusal(args), UsageError, args.join(' '));
  }
});

test('wrong usage is reported in one line, and exits with 2', async () => {
  for (const args of [['--seconds', '0'], ['--explain']]) {
    const { code, stdout, stderr } = await runCommand(['stress', ...args]);
    assert.equal([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, /^error: .*\n$/);
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
  // It is up to the machine how soon the signal comes.
  assert.match(stdout, /^interrupted, [1-9]\d* not run$/m);
  assert.match(stdout, /^[1-9]\d* tests in /m);
});

test.run();
