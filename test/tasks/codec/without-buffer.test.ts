import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { Codec } from '#dist/tasks/codec/index.js';
import { suite } from '../../support/suite.js';
import { VALUES } from './values.js';

const test = suite('the codec where there is no Buffer, as in browsers');

const codec = new Codec();

/** Without errors, because their stacks depend on where they were made. */
const names = Object.keys(VALUES).filter((name) => name !== 'errors');

/** In a process without Buffer: writes each value into shared memory, reads it, and writes it again. */
const PROGRAM = `
  delete globalThis.Buffer;
  const { TextDecoder } = globalThis;
  const { decode } = TextDecoder.prototype;
  TextDecoder.prototype.decode = function (bytes) {
    if (bytes.buffer instanceof SharedArrayBuffer) throw new TypeError('shared memory is refused');
    return decode.call(this, bytes);
  };
  const [codecUrl, valuesUrl, ...names] = process.argv.slice(1);
  const { Codec, Memory } = await import(codecUrl);
  const { VALUES } = await import(valuesUrl);
  const codec = new Codec();
  const memory = new Memory(new SharedArrayBuffer(1 << 21));
  for (const name of names) {
    const end = codec.encode(VALUES[name], memory, 0, memory.byteLength);
    const digest = async (bytes) => {
      const hash = await crypto.subtle.digest('SHA-256', bytes);
      return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    };
    const again = codec.encodeToBytes(codec.decode(memory, 0, end));
    console.log(await digest(memory.u8.slice(0, end)), await digest(again));
  }
`;

test('it writes the same bytes, and reads them', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--input-type=module', '--eval', PROGRAM],
    ...[
      fileURLToPath(import.meta.resolve('#dist/tasks/codec/index.js')),
      fileURLToPath(new URL('values.js', import.meta.url)),
    ],
    ...names,
  ]);
  const lines = stdout.trim().split('\n');
  assert.is(lines.length, names.length);
  for (const [i, name] of names.entries()) {
    const hash = await crypto.subtle.digest('SHA-256', codec.encodeToBytes(VALUES[name]) as BufferSource);
    const expected = Buffer.from(hash).toString('hex');
    assert.is(lines[i], `${expected} ${expected}`, name);
  }
});

test.run();
