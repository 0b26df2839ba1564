import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { atTestEnd, suite } from './support/suite.js';
import { until } from './support/workers.js';

const test = suite('runner');
const RUNNER = fileURLToPath(new URL('./run.js', import.meta.url));
/** The limit of fixtures that hang, or last longer: it also counts before their first test, while the machine starts them. */
const LIMIT_MS = 4000;
/** The limit of those that do not. */
const NO_LIMIT_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'runner-'));
const pidFile = join(folder, 'pids.json');
test.after(() => rmSync(folder, { recursive: true }));
test.after.each(() => rmSync(pidFile, { force: true }));

/** Runs the fixtures whose path contains one of the names. */
function start(names: readonly string[], options: readonly string[] = [], limit = NO_LIMIT_MS): ChildProcess {
  const child = spawn(process.execPath, [RUNNER, ...names, '--suffix', '.fixture.js', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TEST_LIMIT_MS: String(limit), PID_FILE: pidFile },
  });
  atTestEnd(() => void child.kill('SIGTERM'));
  return child;
}

interface Run {
  readonly code: number;
  readonly lines: readonly string[];
  readonly lastLine: string;
}

async function run(names: readonly string[], options?: readonly string[], limit?: number): Promise<Run> {
  const child = start(names, options, limit);
  const [output, [code]] = await Promise.all([text(child.stdout as NodeJS.ReadableStream), once(child, 'close')]);
  const lines = output.trimEnd().split('\n');
  return { code, lines, lastLine: lines.at(-1) as string };
}

/** The list at the end of the run, without the folder that all fixtures share. */
function failures({ lines }: Run): string[] {
  return lines.filter((line) => line.startsWith('support/fixtures/')).map((line) => line.slice(17));
}

/** The processes of the fixture that starts one, once it has. */
function pids(): number[] | undefined {
  try {
    return JSON.parse(readFileSync(pidFile, 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('counts tests, and sets the exit code accordingly', async () => {
  const result = await run(['passes']);
  assert.is(result.lines.length, 3);
  assert.match(result.lines[0], /^ok {3}support\/fixtures\/passes\.fixture\.js +2\/2 +\d+ ms$/);
  assert.is(result.lastLine, '2 passed, 0 failed');
  assert.is(result.code, 0);
});

test('prints what a test notes, though it passes', async () => {
  const { lines } = await run(['notes']);
  assert.equal(lines.slice(1, 4), ['     » first', '     » second', '']);
});

test('names the tests that fail and shows the whole output of their file', async () => {
  const result = await run(['fails', 'passes']);
  assert.equal(failures(result), [
    'fails.fixture.js › fails › compares: failed',
    'fails.fixture.js › fails › cleans up in vain: failed',
  ]);
  assert.ok(result.lines.some((line) => line.includes('Expected values to be strictly equal')));
  assert.ok(result.lines.some((line) => line.includes('could not clean up')));
  assert.is(result.lastLine, '3 passed, 2 failed');
  assert.is(result.code, 1);
});

test('kills what hangs, with all its processes, and names the test or the place', async () => {
  const result = await run(['hang-'], ['--jobs', '7'], LIMIT_MS);
  const hung = `hung: killed after ${LIMIT_MS / 1000} s without progress`;
  assert.equal(failures(result).sort(), [
    `hang-child.fixture.js › hang › waits for a process of its own: ${hung}`,
    'hang-hook.fixture.js › hang › never starts: did not run',
    `hang-hook.fixture.js › ${hung} in a hook before hang › never starts`,
    'hang-import.fixture.js › hang › is declared: did not run',
    `hang-import.fixture.js › ${hung} while the file was read`,
    `hang-loop.fixture.js › hang › loops for ever: ${hung}`,
    `hang-promise.fixture.js › hang › waits for a promise that nobody settles: ${hung}`,
    `hang-tail.fixture.js › ${hung} after its last test: something keeps the process alive`,
    `hang-wait.fixture.js › hang › blocks the main thread: ${hung}`,
    'hang-wait.fixture.js › hang › comes too late: did not run',
  ]);
  assert.is(result.lastLine, '2 passed, 10 failed');
  assert.is(result.code, 1);
  assert.is(pids()?.length, 2);
  await until(() => !pids()?.some(isAlive));
});

test('grants a test and a hook the longer limits that they name', async () => {
  const { lastLine } = await run(['slow'], [], LIMIT_MS);
  assert.is(lastLine, '1 passed, 0 failed');
});

test('counts what ends early, crashes or declares nothing as failed', async () => {
  const result = await run(['crash-', 'exit-', 'hook-', 'no-test', 'not-run']);
  assert.equal(failures(result).sort(), [
    'crash-import.fixture.js › exit code 1',
    'crash-later.fixture.js › crash › throws where nobody catches: did not end',
    'exit-await.fixture.js › ended before the whole file was read',
    'exit-early.fixture.js › exit › comes too late: did not run',
    'exit-early.fixture.js › exit › ends the process: did not end',
    'exit-idle.fixture.js › exit › leaves nothing to wait for: did not end',
    'hook-after.fixture.js › exit code 1',
    'hook-throws.fixture.js › hook › never starts: did not run',
    'no-test.fixture.js › declared no test',
    'not-run.fixture.js › not run › is declared, but the file forgets run(): did not run',
  ]);
});

test('counts the tests that only() leaves out as failed', async () => {
  const result = await run(['only']);
  assert.equal(failures(result), ['only.fixture.js › only › is left out: did not run']);
});

test('fails a test whose worker threw, awaited or not, and goes on with the next one', async () => {
  const result = await run(['worker-throws']);
  assert.equal(failures(result), [
    'worker-throws.fixture.js › crew › fails although nobody asks the worker: failed',
    'worker-throws.fixture.js › crew › fails although its own wait is never awaited: failed',
    'worker-throws.fixture.js › crew › fails before it awaits a sleeping worker: failed',
  ]);
  assert.is(result.lines.filter((line) => line.includes('worker 0 of crew.worker.js: out of cheese')).length, 2);
  assert.is(result.lastLine, '1 passed, 3 failed');
});

test('refuses a name that no file has', async () => {
  const result = await run(['passes', 'pases']);
  assert.ok(result.lines.includes('no test file is called pases'));
  assert.is(result.lastLine, '2 passed, 1 failed');
  assert.is(result.code, 1);
});

test('passes over what was compiled from a file that is gone', async () => {
  const stale = fileURLToPath(new URL('./support/fixtures/gone.stale.js', import.meta.url));
  writeFileSync(stale, "throw new Error('runs still');");
  atTestEnd(() => rmSync(stale));
  const result = await run(['gone'], ['--suffix', '.stale.js']);
  assert.ok(result.lines.includes('there is no test file'));
});

test('fails when there is nothing to run', async () => {
  const result = await run([], ['--suffix', '.nothing.js']);
  assert.is(result.lastLine, '0 passed, 1 failed');
  assert.is(result.code, 1);
});

test('takes its tests with it when it is interrupted', async () => {
  const runner = start(['hang-child']);
  await until(pids);
  runner.kill('SIGINT');
  const [code] = await once(runner, 'close');
  assert.is(code, 130);
  await until(() => !pids()?.some(isAlive));
});

test('leaves a file that is started by hand alone', async () => {
  const file = fileURLToPath(new URL('./support/fixtures/passes.fixture.js', import.meta.url));
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  assert.match(output, /Passed: {4}2\n/);
  assert.is(code, 0);
});

test.run();
