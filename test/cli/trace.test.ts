import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChromeTrace } from 'atomics-sync-free/trace';
import * as assert from 'uvu/assert';
import { runCommand, startCommand } from '../support/command.js';
import { suite } from '../support/suite.js';
import { until } from '../support/workers.js';
import { checkChromeTrace } from '../trace/chrome.js';

const test = suite('trace command');
const folder = mkdtempSync(join(tmpdir(), 'trace-'));
const [out, page] = [join(folder, 'trace.json'), join(folder, 'trace.html')];

test.after(() => rmSync(folder, { recursive: true }));

test('a program and its threads are traced: a file, a page, tables, and the program’s own exit code', async () => {
  const program = fileURLToPath(new URL('./trace.program.js', import.meta.url));
  const { code, stdout, stderr } = await runCommand([
    'trace',
    '--out',
    out,
    '--html',
    page,
    program,
    'a',
    '--out',
    'b',
  ]);
  assert.is(code, 3, stderr);
  assert.match(stdout, /^a --out b$/m);
  assert.match(stdout, /^main +Lock#\d+ \(accounts\) +Thread-1 \(work\)/m);
  const file = JSON.parse(readFileSync(out, 'utf8')) as ChromeTrace;
  checkChromeTrace(file);
  assert.ok(file.traceEvents.some(({ name }) => name.startsWith('wait for Lock')));
  assert.ok(file.traceEvents.some(({ ph }) => ph === 's'));
  const html = readFileSync(page, 'utf8');
  assert.match(html, /waited for Lock#\d+ \(accounts\)/);
  assert.not.match(html, /<(?:script|link|img)[^>]* (?:src|href)="(?!data:)/);
});

test('a program runs as it does alone, though there is no room for all that its workers do', async () => {
  const program = fileURLToPath(new URL('./trace-crowd.program.js', import.meta.url));
  const { code, stdout, stderr } = await runCommand(['trace', '--capacity', '1048576', '--out', out, program]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^sum 6$/m);
  assert.match(stdout, /^main +Thread-6 \(one\)/m);
  assert.is(stderr, '');
});

test('wrong usage is reported before anything is done', async () => {
  const none = await runCommand(['trace', '--out', join(folder, 'none.json'), join(folder, 'none.js')]);
  assert.is(none.code, 2);
  assert.match(none.stderr, /there is no file/);
  assert.not.ok(existsSync(join(folder, 'none.json')));
  const both = await runCommand([
    'trace',
    '--out',
    out,
    '--html',
    `${folder}/./${basename(out)}`,
    fileURLToPath(import.meta.url),
  ]);
  assert.is(both.code, 2);
  assert.match(both.stderr, /the same file/);
});

test('a program whose main thread is blocked for ever ends when it is interrupted twice', async () => {
  const program = join(folder, 'blocked.mjs');
  const text = "console.error('blocked'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);";
  writeFileSync(program, text);
  const { child, printed, ended } = startCommand(['trace', '--out', out, program]);
  await until(() => printed.stderr.includes('blocked'));
  child.kill('SIGINT');
  await until(() => printed.stderr.includes('once more'));
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  assert.is(code, 1);
  assert.match(stderr, /ended without a trace/);
});

test('a signal that ends the command ends the program, which still writes its trace', async () => {
  const program = join(folder, 'endless.mjs');
  writeFileSync(program, "console.error('pid', process.pid); setInterval(() => {}, 60_000);");
  const { child, printed, ended } = startCommand(['trace', '--out', out, program]);
  await until(() => /pid \d+/.test(printed.stderr));
  child.kill('SIGTERM');
  const { code, stdout } = await ended;
  assert.is(code, 128 + 15);
  assert.match(stdout, /The trace is in/);
  const pid = Number(/pid (\d+)/.exec(printed.stderr)?.[1]);
  assert.throws(() => process.kill(pid, 0), /ESRCH/);
});

test('where the disk is full, that is said in one line, and the program ends as it does alone', async () => {
  const program = join(folder, 'full.mjs');
  const full = "Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })";
  writeFileSync(program, 'export {};');
  const hook = join(folder, 'full.cjs');
  writeFileSync(
    hook,
    `require('node:fs/promises').open(__filename).then((file) => {
      Object.getPrototypeOf(file).writeFile = async () => { throw ${full}; };
      return file.close();
    });`,
  );
  const unwritten = await runCommand(['trace', '--out', out, program], ['--require', hook]);
  assert.equal(
    [unwritten.code, unwritten.stderr],
    [1, `error: ${out} cannot be written: ENOSPC: no space left on device, write\n`],
  );
  writeFileSync(hook, `process.stdout._write = (chunk, encoding, done) => done(${full});`);
  const unprinted = await runCommand(['trace', '--out', out, program], ['--require', hook]);
  assert.equal(
    [unprinted.code, unprinted.stderr],
    [1, 'error: the output cannot be written: ENOSPC: no space left on device, write\n'],
  );
  writeFileSync(
    program,
    `import fs from 'node:fs';
    fs.writeFileSync = () => { throw ${full}; };
    process.on('exit', (code) => console.log('exits with', code));`,
  );
  const untraced = await runCommand(['trace', '--out', out, program]);
  assert.match(untraced.stdout, /^exits with 0$/m);
  assert.match(untraced.stderr, /^atomics-sync-free: the trace cannot be written: ENOSPC/m);
  assert.match(untraced.stderr, /ended without a trace/);
  assert.not.match(untraced.stderr, /^ +at /m);
});

test('a program that is killed leaves no trace, and the command says so', async () => {
  const program = join(folder, 'killed.mjs');
  writeFileSync(program, "process.kill(process.pid, 'SIGKILL');");
  const { code, stderr } = await runCommand(['trace', '--out', out, program]);
  assert.is(code, 1);
  assert.match(stderr, /ended without a trace/);
});

test.run();
