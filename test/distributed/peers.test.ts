// Locks, threads and processes need neither ioredis nor BullMQ.
import { posix } from 'node:path';
import ts from 'typescript';
import * as assert from 'uvu/assert';
import { nodes, sources } from '../support/sources.js';
import { suite } from '../support/suite.js';

const test = suite('optional peers');

const files = new Map(sources().map((file) => [file.fileName, file]));

const MAPPED = new Map([
  ['#host', 'host/node.js'],
  ['#files', 'joblib/files/node.js'],
]);

/** Whatever a file names in quotes: imports in any form, worker files, types. */
function named(path: string): string[] {
  const file = files.get(path);
  return file === undefined ? [] : nodes(file).flatMap((node) => (ts.isStringLiteralLike(node) ? [node.text] : []));
}

/** The optional peers that can be reached from an entry. */
function peersOf(entry: string): string[] {
  const seen = new Set<string>();
  const peers = new Set<string>();
  const left = [entry];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const name of named(path)) {
      if (name === 'bullmq' || name === 'ioredis') peers.add(name);
      const mapped = MAPPED.get(name);
      if (mapped !== undefined || /^\.\.?\/.*\.js$/.test(name))
        left.push((mapped ?? posix.join(posix.dirname(path), name)).replace(/js$/, 'ts'));
    }
  }
  return [...peers].sort();
}

test('core, threading, multiprocessing, joblib and the tools load none', () => {
  for (const entry of [
    'index',
    'threading/index',
    'multiprocessing/index',
    'joblib/index',
    'gil/index',
    'check/index',
    'stress/index',
  ])
    assert.equal(peersOf(`${entry}.ts`), [], entry);
});

test('distributed loads ioredis, joblib/bullmq both', () => {
  assert.equal(peersOf('distributed/index.ts'), ['ioredis']);
  assert.equal(peersOf('bullmq/index.ts'), ['bullmq', 'ioredis']);
});

test.run();
