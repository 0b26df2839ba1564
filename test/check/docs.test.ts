import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { promisedBy } from '../package/pages.js';
import { suite } from '../support/suite.js';

const test = suite('docs');
const here = fileURLToPath(new URL('.', import.meta.url));
const guide = readFileSync(join(here, '../../../docs/checking.md'), 'utf8');

/** The first fenced blocks of the guide: the lock, its failure, the repaired line, the verdict on that; the bank, and its failure. */
const [lock, failure, repair, verdict, bank, deadlock] = [...guide.matchAll(/^```(?:js)?\n([\s\S]*?)^```$/gm)].map(
  ([, text]) => text,
);

/** What a program prints; in a directory of the package, so that it finds the package by name. */
function run(program: string): string {
  const directory = mkdtempSync(join(here, 'docs-'));
  try {
    const file = join(directory, nameOf(program) ?? 'program.mjs');
    writeFileSync(file, program);
    return execFileSync(process.execPath, [file], { encoding: 'utf8', timeout: 20_000 });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What its first line calls it. */
const nameOf = (program: string): string | undefined => /^\/\/ (\S+)/.exec(program)?.[1];

const withoutTimes = (text: string): string => text.replace(/\d+ ms/g, '… ms');

test('the broken lock of the guide fails as the guide says', () => {
  assert.is(withoutTimes(run(lock)), withoutTimes(failure));
});

test('the repaired lock of the guide is ok as the guide says', () => {
  const flaw = lock.split('\n').find((line) => line.includes('} while')) ?? '';
  assert.is(withoutTimes(run(lock.replace(flaw, repair.trimEnd()))), withoutTimes(verdict));
});

test('the deadlock of the guide is found as the guide says', () => {
  assert.is(withoutTimes(run(bank)), withoutTimes(deadlock));
});

test('the async program of the guide is ok as it says', () => {
  const [, program] = /^```js\n(import [\s\S]*?exploreAsync\([\s\S]*?)^```$/m.exec(guide) ?? [];
  assert.is(run(program), `${promisedBy(program)}\n`);
});

test.run();
