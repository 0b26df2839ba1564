import '../support/windows.js';

import type * as Fs from 'node:fs';
import { pathToFileURL } from 'node:url';
import type * as Zlib from 'node:zlib';
import { dump, load, Memory } from 'atomics-sync-free/joblib';
import * as assert from 'uvu/assert';
import { printedBy } from '../support/printed.js';
import { suite } from '../support/suite.js';
import { opened, refuse, setCoarse } from '../support/windows.js';
import { ownFolder } from './folder.js';

const test = suite('files of Windows');
const { readdirSync, writeFileSync } = process.getBuiltinModule('node:fs') as typeof Fs;

const isCode =
  (code: string) =>
  (error: unknown): boolean =>
    (error as NodeJS.ErrnoException).code === code;

for (const code of ['EPERM', 'EBUSY', 'EACCES'] as const)
  test(`a file is written once nobody has it open any more: ${code}`, () => {
    const path = `${ownFolder()}/file`;
    dump('old', path);
    const end = refuse({ calls: ['renameSync'], path, code, times: 5 });
    dump('new', path);
    assert.is(end(), 5);
    assert.is(load(path), 'new');
  });

test('a file is read once it may be', () => {
  const path = `${ownFolder()}/file`;
  dump('it', path);
  const end = refuse({ calls: ['openSync'], path, code: 'EBUSY', times: 5 });
  assert.is(load(path), 'it');
  assert.is(end(), 5);
});

test('a file is closed before it is decoded, because nobody can replace it until then', () => {
  const path = `${ownFolder()}/file`;
  dump('it', path, { compress: true });
  const zlib = process.getBuiltinModule('node:zlib') as { -readonly [Name in keyof typeof Zlib]: (typeof Zlib)[Name] };
  const { inflateSync } = zlib;
  let meanwhile: string[] | undefined;
  zlib.inflateSync = ((bytes: Uint8Array) => {
    meanwhile = opened();
    return inflateSync(bytes);
  }) as typeof inflateSync;
  assert.is(load(path), 'it');
  zlib.inflateSync = inflateSync;
  assert.equal(meanwhile, []);
});

test('a result is found, kept and removed whoever looks at its files meanwhile', () => {
  const memory = new Memory(ownFolder());
  let computed = 0;
  const half = memory.cache(function half(x: number) {
    computed++;
    return x / 2;
  });
  half(2);
  const ends = ['openSync', 'renameSync', 'unlinkSync', 'statSync'].map((call) =>
    refuse({ calls: [call], path: 'half-', code: 'EPERM', times: 3 }),
  );
  assert.equal(
    printedBy('warn', () => assert.equal([half(8), half(8)], [4, 4])),
    [],
  );
  assert.equal(
    ends.map((end) => end()),
    [3, 3, 3, 3],
  );
  assert.is(computed, 2);
});

test('who makes a lock file whose predecessor is still open somewhere gets it', () => {
  const location = ownFolder();
  const half = new Memory(location).cache(function half(_x: number) {
    return readdirSync(location, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.lock')).length;
  });
  half(1);
  const end = refuse({ calls: ['openSync'], path: '.lock', code: 'EPERM', times: 3 });
  assert.is(half(2), 1);
  assert.is(end(), 3);
});

test('where a folder refuses everything, that is waited for once', () => {
  const folder = ownFolder();
  const path = `${folder}/file`;
  const tries = (): number => {
    const end = refuse({ calls: ['renameSync'], path, code: 'EPERM', times: 1000 });
    assert.throws(() => dump(1, path), isCode('EPERM'));
    return end();
  };
  const first = tries();
  assert.ok(first > 10 && first < 1000, String(first));
  assert.is(tries(), 1);
  dump(1, path);
  assert.ok(tries() > 10, 'something has been possible since');
  assert.equal(readdirSync(folder), ['file']);
});

test('what other systems refuse is refused at once', () => {
  const path = `${ownFolder()}/file`;
  Object.defineProperty(process, 'platform', { value: 'linux', configurable: true });
  const end = refuse({ calls: ['renameSync'], path, code: 'EACCES', times: 1000 });
  assert.throws(() => dump(1, path), isCode('EACCES'));
  assert.is(end(), 1);
  Object.defineProperty(process, 'platform', { value: 'win32', configurable: true });
});

test('a result that cannot be removed keeps no other', () => {
  const location = ownFolder();
  const memory = new Memory(location);
  const half = memory.cache(function half(x: number) {
    return x / 2;
  });
  const results = (): string[] =>
    readdirSync(location, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.asf'));
  for (const x of [1, 2, 3]) half(x);
  const [, held] = results();
  for (const act of [() => memory.reduceSize({ itemsLimit: 0 }), () => memory.reduceSize({ ageLimit: 0 })]) {
    const end = refuse({ calls: ['unlinkSync'], path: held, code: 'EBUSY', times: 1000 });
    assert.throws(act, isCode('EBUSY'));
    end();
    assert.equal(results(), [held]);
  }
});

test('a file in deps that changes within one step of the clock of FAT is noticed', () => {
  setCoarse(true);
  const path = `${ownFolder()}/model`;
  const half = new Memory(ownFolder()).cache(
    function half(x: number) {
      return x / 2;
    },
    { deps: [pathToFileURL(path)] },
  );
  writeFileSync(path, 'one');
  half(8);
  assert.ok(half.checkCallInCache(8));
  writeFileSync(path, 'two');
  assert.not(half.checkCallInCache(8));
  setCoarse(false);
});

test.run();
