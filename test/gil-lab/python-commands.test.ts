import '../support/windows.js';

import { createRequire, syncBuiltinESMExports } from 'node:module';
import * as assert from 'uvu/assert';
import { runForResult } from '#dist/gil-lab/python.js';
import { suite } from '../support/suite.js';

const test = suite('Pythons of Windows');
const childProcess = createRequire(import.meta.url)('node:child_process') as { execFile: unknown };

type Done = (error: (Error & { code: unknown }) | null, stdout: string) => void;

/** Installs commands, by what they end with: an exit code, or what they print. @returns a list of what is called */
function install(commands: Readonly<Record<string, number | string>>): string[] {
  const called: string[] = [];
  childProcess.execFile = (file: string, args: string[], _options: object, done: Done) => {
    const command = [file, ...args.filter((arg) => arg !== '-')].join(' ');
    called.push(command);
    const result = commands[command] ?? 'ENOENT';
    if (typeof result === 'string' && result !== 'ENOENT') queueMicrotask(() => done(null, result));
    else queueMicrotask(() => done(Object.assign(new Error(command), { code: result }), ''));
    return {};
  };
  syncBuiltinESMExports();
  return called;
}

test('one that only the launcher knows is found, also where a page of the Store has its name', async () => {
  const called = install({ python3: 9009, 'py -3': '{"version":"3.13"}\r\n' });
  assert.equal(await runForResult('python3', ''), { version: '3.13' });
  assert.equal(called, ['python3', 'py -3']);
});

test('one of a version is that of the launcher', async () => {
  install({ 'py -3.12': '12' });
  assert.is(await runForResult('python3.12', ''), 12);
});

test('one without a launcher is called python', async () => {
  install({ python: '13' });
  assert.is(await runForResult('python3', ''), 13);
});

test('one that the launcher does not have is not there', async () => {
  const called = install({ 'py -3.9': 103 });
  assert.is(await runForResult('python3.9', ''), undefined);
  assert.equal(called, ['python3.9', 'py -3.9']);
});

test('a command with another name is called as it is', async () => {
  const called = install({});
  assert.is(await runForResult('pypy', ''), undefined);
  assert.equal(called, ['pypy']);
});

test.run();
