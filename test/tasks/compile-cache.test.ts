// A program that asks Node for a compile cache has it in workers and child processes, too.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('cache of compiled code');
const PROGRAM = fileURLToPath(new URL('./compile-cache.worker.js', import.meta.url));
const { NODE_COMPILE_CACHE: _, ...env } = process.env;

let folder: string;
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'compiled '));
});
test.after(() => rmSync(folder, { recursive: true }));

/** The directory of main's cache, and those of what it starts. */
function caches(args: readonly string[]): { readonly own: string; readonly seen: readonly string[] } {
  const { stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    env,
  });
  assert.is(stderr, '');
  return JSON.parse(stdout);
}

test('the one that main has asked for', () => {
  const { own, seen } = caches([folder]);
  // Node before 22.1 has no compile cache.
  if ('enableCompileCache' in module) {
    assert.ok(own.startsWith(folder), own);
    assert.ok(readdirSync(own).length > 0);
  } else assert.is(own, 'none');
  assert.equal(seen, [own, own, own, own]);
});

test('none if main has not asked for one', () => {
  assert.equal(caches([]), { own: 'none', seen: ['none', 'none', 'none', 'none'] });
});

test.run();
