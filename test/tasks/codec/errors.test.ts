import { SyncError, TimeoutError } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { Codec } from '#dist/tasks/codec/index.js';
import { suite } from '../../support/suite.js';

const test = suite('errors in messages');

const codec = new Codec();
const sent = <T extends Error>(error: T, by = codec): T => by.decodeBytes(by.encodeToBytes(error)) as T;

test('keep class, message, stack, cause and added properties', () => {
  const error = Object.assign(new RangeError('too far', { cause: { why: [1] } }), { code: 'ERR_FAR', at: { x: 1 } });
  const copy = sent(error);
  assert.instance(copy, RangeError);
  assert.is(copy.stack, error.stack);
  assert.equal(copy.cause, { why: [1] });
  assert.equal(Object.entries(copy), [
    ['code', 'ERR_FAR'],
    ['at', { x: 1 }],
  ]);
  for (const name of ['message', 'stack', 'cause'])
    assert.is(Object.getOwnPropertyDescriptor(copy, name)?.enumerable, false, name);
});

test('keep their name, and the built-in class that theirs extends', () => {
  class HttpError extends TypeError {
    override name = 'HttpError';
    constructor(readonly status: number) {
      super(`status ${status}`);
    }
  }
  const copy = sent(new HttpError(404));
  assert.is(Object.getPrototypeOf(copy), TypeError.prototype);
  assert.is(copy.name, 'HttpError');
  assert.is(copy.status, 404);
  assert.is(String(copy), 'HttpError: status 404');
});

test('keep their class if the codec was given it, without a call of its constructor', () => {
  let calls = 0;
  class HttpError extends Error {
    constructor(readonly status: number) {
      super();
      calls++;
    }
  }
  const copy = sent(new HttpError(404), new Codec({ errors: new Map([['HttpError', HttpError]]) }));
  assert.instance(copy, HttpError);
  assert.is(copy.status, 404);
  assert.is(calls, 1);
  const other = codec.decodeBytes(
    new Codec({ errors: new Map([['HttpError', HttpError]]) }).encodeToBytes(new HttpError(500)),
  ) as HttpError;
  assert.is(Object.getPrototypeOf(other), Error.prototype);
  assert.is(other.status, 500);
});

test('of this package keep their classes', () => {
  const copy = sent(new TimeoutError('late'));
  assert.instance(copy, TimeoutError);
  assert.is(copy.code, 'ERR_TIMEOUT');
  assert.is(Object.getPrototypeOf(sent(new SyncError('ERR_LIMIT', 'much'))), SyncError.prototype);
});

test('keep their aggregated errors, and cyclic causes', () => {
  const one = new Error('one');
  const all = new AggregateError([one, 'two'], 'both', { cause: one });
  Object.defineProperty(one, 'cause', { value: all });
  const copy = sent(all);
  assert.instance(copy, AggregateError);
  assert.is(copy.errors[0], copy.cause);
  assert.is((copy.cause as Error).cause, copy);
  assert.is(copy.errors[1], 'two');
});

test('keep what they suppress', () => {
  const suppressed = new RangeError('in the block');
  const error = new Error('both');
  error.name = 'SuppressedError';
  // As the language defines them, where a host has the class.
  for (const [key, value] of Object.entries({ error: new TypeError('at its end'), suppressed }))
    Object.defineProperty(error, key, { value, writable: true, configurable: true });
  const copy = sent(error) as Error & Record<'error' | 'suppressed', unknown>;
  assert.is(copy.name, 'SuppressedError');
  assert.instance(copy.error, TypeError);
  assert.instance(copy.suppressed, RangeError);
});

test('lose the added properties that cannot be sent', () => {
  const lost = { deep: [{ socket: () => {} }], shape: { a: 1 } };
  const copy = sent(Object.assign(new Error('e'), { before: { a: 1 }, lost, after: [{ a: 1 }, { deep: 2 }] }));
  assert.equal(Object.entries(copy), [
    ['before', { a: 1 }],
    ['after', [{ a: 1 }, { deep: 2 }]],
  ]);
});

test('lose the parts that cannot be read', () => {
  const parts = { message: '', name: 'Error', stack: undefined, detail: undefined };
  for (const [part, instead] of Object.entries(parts)) {
    const error = Object.assign(new RangeError('e'), { status: 503 });
    const get = (): never => {
      throw new Error('not to be read');
    };
    Object.defineProperty(error, part, { enumerable: true, get });
    const copy = sent(error) as unknown as Record<string, unknown>;
    if (part !== 'name') assert.instance(copy, RangeError);
    assert.is(copy.status, 503);
    if (part !== 'message') assert.is(copy.message, 'e');
    if (part !== 'stack') assert.is(part === 'name' ? 'Error' : copy[part], instead, part);
  }
});

test('made without the constructor of Error arrive as errors, and so do those behind a proxy', () => {
  function Old(this: object, message: string): void {
    Object.assign(this, { message, name: 'Old', status: 503 });
  }
  Old.prototype = Object.create(TypeError.prototype, { constructor: { value: Old } });
  const old: unknown = new (Old as unknown as new (message: string) => unknown)('old');
  for (const error of [old, new Proxy(old as object, {})] as Error[]) {
    const copy = sent(error);
    assert.instance(copy, TypeError);
    const { name, message, status } = copy as Error & { status?: number };
    assert.equal([name, message, status], ['Old', 'old', 503]);
  }
});

test('of the DOM keep class, name, message and code', () => {
  const aborted = AbortSignal.abort().reason as DOMException;
  const copy = sent(aborted);
  assert.instance(copy, DOMException);
  assert.is(copy.name, 'AbortError');
  assert.is(copy.message, aborted.message);
  assert.is(copy.code, aborted.code);
});

test('of another realm arrive as errors of this one', async () => {
  const { runInNewContext } = await import('node:vm');
  const copy = sent(runInNewContext("new TypeError('far')") as Error);
  assert.instance(copy, TypeError);
  assert.is(copy.message, 'far');
});

test('leave Error.stackTraceLimit as it is', () => {
  const limit = Error.stackTraceLimit;
  sent(new Error('e'));
  assert.is(Error.stackTraceLimit, limit);
});

test.run();
