import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runCommand } from '../support/command.js';
import { atTestEnd, suite } from '../support/suite.js';

const test = suite('command gil');

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gil-'));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('races prints a row for each program with all policies and what CPython lost', async () => {
  const { code, stdout, stderr } = await runCommand(['gil', 'races', 'append', 'next', '--iterations', '1000']);
  assert.equal([code, stderr], [0, '']);
  assert.match(
    stdout,
    /each thread repeats +│ additions +│ 3\.9 │ 3\.11 │ 3\.12 │ free-threaded │ CPython 3\.9\.18\* │/,
  );
  assert.match(stdout, /│ items\.append\(1\) +│ +2,000 │ +0 │ +0 │ +0 │ +0 │/);
  assert.match(stdout, /│ next\(ticket\) +│ +2,000 │/);
});

test('races --json prints one object, with the live CPython or null', async () => {
  const { code, stdout } = await runCommand(['gil', 'races', 'next', '--iterations', '500', '--json', '--with-python']);
  assert.is(code, 0);
  const { races, python, ...rest } = JSON.parse(stdout) as {
    races: { race: string; policy: string; total: number; lost: number }[];
    python: { lost: Record<string, number> } | null;
  };
  assert.equal(rest, {});
  assert.is(races.length, 4);
  assert.equal([races[1].race, races[1].policy, races[1].total, races[1].lost], ['next', '3.11', 1000, 0]);
  if (python !== null) assert.equal(python.lost, { next: 0 });
});

test('outcomes prints the set of possible results under each policy', async () => {
  const { code, stdout } = await runCommand(['gil', 'outcomes', 'global']);
  assert.is(code, 0);
  assert.match(stdout, /│ counter \+= 1 +│ \{1, 2\} │ +\{2\} │ +\{2\} │ +\{1, 2\} │/);
});

test('timeline writes a drawing', async () => {
  const file = join(newFolder(), 'timeline.svg');
  const { code, stderr } = await runCommand(['gil', 'timeline', '--out', file, '--ms', '30']);
  assert.equal([code, stderr], [0, '']);
  const svg = readFileSync(file, 'utf8');
  assert.match(svg, /^<svg /);
  for (const text of ['thread 1: computes', 'thread 3: sleep(0)', 'holds the GIL']) assert.ok(svg.includes(text), text);
});

test('wrong usage exits 2 and says what is wrong', async () => {
  for (const [args, message] of [
    [['races', 'nothing'], /no race is called nothing; there are global, /],
    [['races', '--iterations', '0'], /whole number of at least 1/],
    [['timeline'], /--out/],
    [['timeline', '--out', '/nowhere/at/all.svg', '--ms', '10'], /cannot be written/],
    [['timeline', '--out', 'x.svg', '--ms', '0'], /number of at least 1/],
    [['nothing'], /unknown command/],
  ] as const) {
    const { code, stderr } = await runCommand(['gil', ...args]);
    assert.is(code, 2, `${args}: ${stderr}`);
    assert.match(stderr, message);
  }
});

test.run();
