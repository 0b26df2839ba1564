import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { VERSIONS } from '../gil/python/recorded.js';
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
    /each thread repeats +│ additions +│ 3\.9 │ 3\.10 │ 3\.11 │ 3\.11-cold │ 3\.12 │ free-threaded │ CPython 3\.9\.18\* │/,
  );
  assert.match(stdout, /│ items\.append\(1\) +│ +2,000 │ +0 │ +0 │ +0 │ +0 │ +0 │ +0 │/);
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
  assert.is(races.length, 6);
  assert.equal([races[2].race, races[2].policy, races[2].total, races[2].lost], ['next', '3.11', 1000, 0]);
  if (python !== null) assert.equal(python.lost, { next: 0 });
});

test('outcomes prints the set of possible results under each policy', async () => {
  const { code, stdout } = await runCommand(['gil', 'outcomes', 'global']);
  assert.is(code, 0);
  assert.match(stdout, /│ counter \+= 1 +│ \{1, 2\} │ +\{2\} │ +\{2\} │ +\{2\} │ +\{2\} │ +\{1, 2\} │/);
});

/** A saved listing, so that no Python is needed. */
function savedListing(name: string, version: string): string {
  const listing = VERSIONS.find(({ python }) => python.startsWith(version))?.listings[name];
  const file = join(newFolder(), `${name}.json`);
  writeFileSync(file, JSON.stringify(listing));
  return file;
}

test('outcomes takes a program in Python as a saved listing, with threads and results', async () => {
  const file = savedListing('opposite-acquire', '3.12');
  const { code, stdout, stderr } = await runCommand(['gil', 'outcomes', file, '--threads', 'f,g', '--result', 'x']);
  assert.equal([code, stderr], [0, '']);
  assert.match(stdout, /│ outcome +│ +3\.12\.1 │/);
  assert.match(stdout, /│ x = 0, deadlock: f, line 12, waits for b; g, line 20, waits for a │ possible │/);
});

test('run counts the outcomes of a program, and explain marks where other threads may come in', async () => {
  const file = savedListing('add-call', '3.11');
  const run = await runCommand(['gil', 'run', file, '--threads', 'f,f', '--result', 'x', '--rounds', '50']);
  assert.equal([run.code, run.stderr], [0, '']);
  assert.match(run.stdout, /under Python 3\.11\.7\n[\s\S]*│ x = 2 +│ +\d+ │/);
  const { code, stdout } = await runCommand(['gil', 'explain', file]);
  assert.is(code, 0);
  assert.match(stdout, /x \+= one\(\) +\[f\]\n[\s\S]*BINARY_OP \+=/);
  assert.match(stdout, /> RESUME 0 +a function begins/);
});

test('a Python that is not here is refused, and so is what is not a program', async () => {
  const file = join(newFolder(), 'prog.py');
  writeFileSync(file, 'x = 0\n');
  for (const [args, message] of [
    [['outcomes', file, '--python', '3.99'], /there is no Python 3\.99 here to compile/],
    [['outcomes', '/nowhere/prog.py'], /cannot be read/],
    [['outcomes', savedListing('add', '3.9'), '--python', '3.9'], /--python goes with a \.py file/],
    [['run', savedListing('add', '3.9'), '--threads', 'nobody'], /no function 'nobody'/],
  ] as const) {
    const { code, stderr } = await runCommand(['gil', ...args]);
    assert.is(code, 2, `${args}: ${stderr}`);
    assert.match(stderr, message);
  }
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
