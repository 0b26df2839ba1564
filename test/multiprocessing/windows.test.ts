import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { atTestEnd, suite } from '../support/suite.js';
import { windowsHost } from '../support/windows-host.js';

const test = suite('processes of Windows');
const program = fileURLToPath(new URL('./windows.program.js', import.meta.url));

/** What the program prints: to stdout, and to stderr. */
function printed(what: string, env: Record<string, string> = {}): string[] {
  const { stdout, stderr } = spawnSync(process.execPath, [...windowsHost(), program, what], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 50_000,
  });
  return [stdout, stderr];
}

test('what a child process reads and writes is overlapped', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spawned-'));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  const log = join(folder, 'log');
  assert.equal(printed('answer', { SPAWNED: log }), ['[2,4,6]\n', '']);
  assert.is(readFileSync(log, 'utf8'), 'ignore,inherit,inherit,overlapped,overlapped\n');
});

test('a child process answers also where a pipe that is read takes nothing', () => {
  assert.equal(printed('answer', { PIPES: 'all' }), ['[2,4,6]\n', '']);
});

test('exit codes are those of other systems, except that one that tells of a crash is kept', () => {
  assert.equal(printed('exit'), ['[-15,-9,0,1,3221225477,255]\n', '']);
});

for (const method of ['worker', 'process']) {
  test(`a console shows what a process prints, whatever its code page (start method '${method}')`, () => {
    assert.equal(printed(method, { CONSOLE: '1' }), ['größer\n', '[0]\n']);
  });

  test(`a process to which nobody listens ends as others do (start method '${method}')`, () => {
    assert.equal(printed(method, { UNREAD: '1' }), ['', '[0]\n']);
  });
}

test.run();
