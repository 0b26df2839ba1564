// How a program with threads ends, and what it prints, seen from outside.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Thread } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { joined, resultOf, started } from '../support/threads.js';
import { until } from '../support/workers.js';
import { printsOften } from './program.worker.js';
import { environment } from './targets.worker.js';

const test = suite('programs of threads');

const PROGRAM = fileURLToPath(new URL('./program.worker.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string[];
  readonly stderr: string;
}

function run(name: string): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM, name], { timeout: 30_000, killSignal: 'SIGKILL' });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text) => {
      texts[stream] += text;
    });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, stdout: texts.stdout.trim().split('\n'), stderr: texts.stderr }));
  });
}

test('it ends with the last thread that is no daemon, and every error has been reported by then', async () => {
  const { code, stdout, stderr } = await run('ends');
  assert.equal([code, stderr], [0, '']);
  assert.equal(stdout.sort(), [
    'MainThread tells of of main: main',
    'joins tells of of who joins: joins',
    'main ends',
    'of who ends tells of of who ends: ends',
    'started by a daemon',
    'started by a timer',
    'started by main',
  ]);
});

test('a promise that a thread has left rejected is reported, and its result is what it returned', async () => {
  const { code, stdout, stderr } = await run('rejects');
  assert.equal([code, stderr], [0, '']);
  assert.equal(stdout.sort(), ['one', 'one tells of one: left by one', 'two', 'two tells of two: left by two']);
});

test('what threads print while main blocks is complete and in order when main ends', async () => {
  const { code, stdout, stderr } = await run('blocks');
  assert.is(code, 5);
  for (const name of ['one', 'two']) {
    const lines = stdout.filter((line) => line.startsWith(name));
    assert.equal(
      lines,
      Array.from({ length: 2000 }, (_, i) => `${name} ${i}`),
    );
    assert.ok(stderr.includes(`${name} on stderr\n`));
    assert.ok(stdout.indexOf(`${name} 1999`) < stdout.indexOf('main'));
  }
});

test('a worker that waits for a thread does not keep the program alive, but a thread on a reused worker does', async () => {
  const { code, stdout, stderr } = await run('reuses');
  assert.equal([code, stderr], [0, '']);
  const [told, ...lines] = stdout.sort();
  assert.match(told, /^MainThread tells of who fails: .*BigInt/);
  assert.equal([...new Set(lines)], ['four', 'main ends', 'one']);
});

test('when main throws, the host ends its threads', async () => {
  const { code, stdout, stderr } = await run('throws');
  assert.equal([code, stdout], [1, ['']]);
  assert.match(stderr, /Error: of main/);
});

test('what a thread prints goes to a function in order, or nowhere, as requested', async () => {
  const printed = { stdout: '', stderr: '' };
  const told = started(printsOften, ['told', 100], {
    stdio: (text, stream) => {
      printed[stream] += text;
    },
  });
  const ignored = started(printsOften, ['ignored on the terminal', 1], { stdio: 'ignore' });
  for (const thread of [told, ignored]) joined(thread);
  await until(() => printed.stderr !== '' && printed.stdout.endsWith(' 99\n'));
  assert.is(printed.stdout, Array.from({ length: 100 }, (_, i) => `told ${i}\n`).join(''));
  assert.is(printed.stderr, 'told on stderr\n');
});

test('the environment is that of the starter at the time, or its own', () => {
  for (const value of ['one', 'two']) {
    process.env.OF_THREADS = value;
    assert.is(resultOf(environment, 'OF_THREADS'), value);
  }
  const thread = new Thread({ target: environment, args: ['OF_THREADS'], env: { OF_THREADS: 'own' } });
  thread.start();
  assert.is(joined(thread).result, 'own');
});

test.run();
