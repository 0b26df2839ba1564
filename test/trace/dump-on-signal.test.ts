import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Arena, Lock } from 'atomics-sync-free';
import { dumpOnSignal } from 'atomics-sync-free/trace';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { windowsHost } from '../support/windows-host.js';

const test = suite('dumpOnSignal');

test('a signal prints who holds what, until that is ended', () => {
  const program = fileURLToPath(new URL('./dump-on-signal.program.js', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8', timeout: 20_000 });
  assert.match(
    stderr,
    /^atomics-sync-free: agents of Arena#\w+ .*\nagent \S+ \(thread 0\)\n {2}holds Lock#0 \(accounts\)\n/,
  );
  assert.is(stdout, '0\n');
});

test('refuses what is not an arena, and then listens to nothing', () => {
  assert.throws(() => dumpOnSignal({} as Arena), /arena must be an Arena/);
  assert.is(process.listenerCount('SIGUSR2'), 0);
  const end = dumpOnSignal(new Lock().arena);
  assert.is(process.listenerCount('SIGUSR2'), 1);
  end();
  assert.is(process.listenerCount('SIGUSR2'), 0);
});

test('on Windows, which has no such signal, it is Ctrl-Break, whose listener may be told all characters', () => {
  const program = fileURLToPath(new URL('./dump-on-break.program.js', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [...windowsHost(), program], {
    encoding: 'utf8',
    env: { ...process.env, CONSOLE: '1' },
    timeout: 20_000,
  });
  assert.match(stderr, /\n {2}holds Lock#0 \(Konten für alle\)\n/);
  assert.is(stdout, '0\n');
});

test.run();
