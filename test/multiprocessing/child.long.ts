// Processes of the start method 'process' that end abnormally; each test starts several.
import { spawnSync } from 'node:child_process';
import { Pipe, Process } from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { thrownBy } from '../support/threads.js';
import { until } from '../support/workers.js';
import { endBy, sendMany, startDaemon, startFromDaemon } from './child.tasks.js';
import { context, isRunning, LONG, started, withPipe } from './children.js';

const test = suite('child processes that end badly');

test('no way in which a child ends harms its parent', () => {
  const ways = ['abort', 'kill', 'memory', 'throw'];
  process.env.NODE_OPTIONS = '--max-old-space-size=40';
  const children = ways.map((way) => started(new Process({ target: endBy, args: [way], context })));
  delete process.env.NODE_OPTIONS;
  for (const child of children) child.join(LONG);
  assert.equal(
    children.map(({ exitcode }) => exitcode),
    [-6, -9, -6, 1],
  );
});

test('what a child has sent arrives, although it ended before anybody received it', () => {
  const [child, connection] = withPipe(sendMany, 500);
  child.join(LONG);
  const received = Array.from({ length: 501 }, () => connection.recv(LONG));
  assert.equal(received, [...Array.from({ length: 500 }, (_, i) => i), -1]);
  assert.is((thrownBy(() => connection.recv(LONG)) as { code?: string }).code, 'ERR_END_OF_FILE');
});

test('a daemon ends with the process that started it, and may start none', async () => {
  const [child, connection] = withPipe(startDaemon);
  const [daemon, count] = connection.recv(LONG) as [number, number];
  assert.is(count, 1);
  child.join(LONG);
  assert.is(child.exitcode, 0);
  await until(() => !isRunning(daemon));
  const [mine, its] = Pipe();
  const one = started(new Process({ target: startFromDaemon, args: [its], daemon: true, context }));
  assert.match(mine.recv(LONG) as string, /^ERR_DAEMON: Process-\d+ is a daemon/);
  one.join(LONG);
});

const PROGRAM = new URL('./child-exit.program.js', import.meta.url).pathname;

test('the program waits for its children, ends unresponsive daemons, and shows what children print and throw', async () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM], { encoding: 'utf8', timeout: LONG });
  const [main, over, pid] = stdout.trim().split('\n');
  assert.equal([status, main, over], [0, 'main is over', 'the child is over']);
  await until(() => !isRunning(Number(pid)));
  assert.match(stderr, /^Process failing:\nRangeError: no database/m);
});

test.run();
