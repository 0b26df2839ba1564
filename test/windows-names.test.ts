// Names of files on Windows: drives, machines, backslashes, and ends of lines.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import { hashOf } from '#dist/bullmq/code.js';
import { lacksWorker } from '#dist/stress/cast.js';
import { urlOf } from '#dist/tasks/url.js';
import { atTestEnd, suite } from './support/suite.js';

const test = suite('names of files on Windows');

test('paths with drives and machines become the URLs that Node makes of them', () => {
  assert.is(urlOf('C:\\a b\\100%#?.js'), 'file:///C:/a%20b/100%25%23%3F.js');
  assert.is(urlOf('\\\\server\\share\\a b.js'), 'file://server/share/a%20b.js');
});

test('a file has the same hash whatever the ends of its lines', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lines-'));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  const hash = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return hashOf(pathToFileURL(join(folder, name)).href);
  };
  assert.is(hash('crlf', 'one\r\ntwo\r\n'), hash('lf', 'one\ntwo\n'));
  assert.is.not(hash('cr', 'one\rtwo\n'), hash('none', 'onetwo\n'));
});

test('a missing worker is recognized by a path with backslashes', () => {
  const path = fileURLToPath(new URL('./dist/stress/worker.js', import.meta.url)).replaceAll('/', '\\');
  assert.ok(lacksWorker({ kind: 'error', error: new Error(`Cannot find module '${path}'`) }));
  assert.not(lacksWorker({ kind: 'error', error: new Error("Cannot find module 'C:\\other\\worker.js'") }));
});

test.run();
