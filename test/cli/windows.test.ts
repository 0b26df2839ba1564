// The command on Windows, and where Windows and others differ.
import '../support/windows.js';

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { machineFacts } from '#dist/cli/machine.js';
import { runCommand, startCommand } from '../support/command.js';
import { atTestEnd, suite } from '../support/suite.js';
import { windowsHost } from '../support/windows-host.js';
import { until } from '../support/workers.js';

const test = suite('command on Windows');
const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** A folder inside the package, where its own name leads to its own exports. */
function folderHere(): string {
  const folder = mkdtempSync(fileURLToPath(new URL('../../windows-', import.meta.url)));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Arguments of the command for a race that says, on stderr, when it has begun. */
function race(): string[] {
  const file = join(folderHere(), 'race.js');
  writeFileSync(
    file,
    `import { existsSync, writeFileSync } from 'node:fs';
    import { isMainThread } from 'node:worker_threads';
    import { defineStressTest } from 'atomics-sync-free/stress';
    if (!isMainThread) writeFileSync(${JSON.stringify(`${file}.begun`)}, '');
    export const race = defineStressTest({
      module: import.meta.url, name: 'race/any', description: 'Anything.', words: { word: 0 },
      actors: [() => {}, () => {}], arbiter: () => 'any',
      outcomes: [{ result: 'any', expectation: 'ACCEPTABLE', description: 'Anything.' }],
    });`,
  );
  return ['stress', file, '--matrix', '--seconds', '3'];
}

const hasBegun = async (args: readonly string[]): Promise<void> => {
  const { existsSync } = await import('node:fs');
  await until(() => existsSync(`${args[1]}.begun`));
};

test('no load is told, because the system tells none', () => {
  const facts = machineFacts();
  assert.is(facts.System, 'win32');
  assert.not('Load' in facts);
});

test('a reader that leaves early ends the command as elsewhere', async () => {
  const file = join(folderHere(), 'unread.cjs');
  writeFileSync(
    file,
    `process.stdout._write = (chunk, encoding, done) => done(Object.assign(new Error('write EOF'), { code: 'EOF' }));`,
  );
  const { code, stderr } = await runCommand(['stress', '--list'], ['--require', file]);
  assert.equal([code, stderr], [141, '']);
});

test('trace ends well though a scanner still looks at its temporary file', async () => {
  const folder = folderHere();
  const program = join(folder, 'program.mjs');
  writeFileSync(program, 'export {};');
  const out = join(folder, 'trace.json');
  const { code, stdout, stderr } = await runCommand(['trace', '--out', out, program], windowsHost());
  assert.equal([code, stderr], [0, '']);
  assert.match(stdout, /The trace is in/);
});

test('Ctrl-C in a terminal, which all hear, leaves the results of a matrix', async () => {
  const args = race();
  const child = spawn(process.execPath, [MAIN, ...args], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await hasBegun(args);
  process.kill(-(child.pid as number), 'SIGINT');
  assert.is(await ended, 130);
  assert.match(printed, /^as usual \(no flags\): [\d,]+ samples, nothing failed$/m);
});

test('on Windows a matrix leaves it to the console to interrupt what it has started', async () => {
  const args = race();
  const { child, ended } = startCommand(args, windowsHost());
  await hasBegun(args);
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  assert.is(code, 130);
  assert.match(stdout, /^as usual \(no flags\): [\d,]+ samples, nothing failed$/m);
});

test.run();
