import * as assert from 'uvu/assert';
import type { Exit } from '#dist/host/host.js';
import { listenTo } from '#dist/host/line.js';
import { processors, serve, start } from '#host';
import { atTestEnd, suite } from '../support/suite.js';
import { until } from '../support/workers.js';
import type { Order } from './host.worker.js';

const test = suite('workers of Node');
const ENTRY = new URL('./host.worker.js', import.meta.url);

function order(what: Order['what']) {
  const said: unknown[] = [];
  const words = new Int32Array(new SharedArrayBuffer(4));
  const data: Order = { what, words };
  const worker = start(ENTRY, { data, onMessage: (message) => said.push(message) });
  atTestEnd(() => worker.terminate());
  return { worker, said, words };
}

async function thrownBy(what: Order['what']): Promise<unknown> {
  const exit: Exit = await order(what).worker.exit;
  assert.is(exit.cause, 'threw');
  return exit.cause === 'threw' ? exit.error : undefined;
}

test('messages go both ways in their order, and a worker that listens ends with its work', async () => {
  const { worker, said } = order('echo');
  await until(() => said.length === 1);
  for (const message of [1, { two: 2 }, 'last']) worker.send(message);
  await until(() => said.length === 4);
  assert.equal(said, ['started', { heard: 1 }, { heard: { two: 2 } }, { heard: 'last' }]);
  assert.equal(await worker.exit, { cause: 'ended', code: 0 });
});

test('messages of a port are delivered without loading the HTTP client that Node makes events with', async () => {
  const { port1, port2 } = new MessageChannel();
  atTestEnd(() => port1.close());
  const said: unknown[] = [];
  listenTo(port1, (message) => said.push(message));
  port2.postMessage('hello');
  await until(() => said.length === 1);
  assert.equal(said, ['hello']);
  const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] };
  assert.equal(
    moduleLoadList.filter((name) => name.includes('undici')),
    [],
  );
});

test('a worker that has nothing to do ends, and all it sent is delivered before', async () => {
  const { worker, said } = order('nothing');
  assert.equal(await worker.exit, { cause: 'ended', code: 0 });
  assert.equal(said, ['started']);
});

test('process.exit in a worker is an end with its code', async () => {
  assert.equal(await order('exit').worker.exit, { cause: 'ended', code: 3 });
});

test('what a worker throws comes with its class, its cause and its own properties', async () => {
  const error = (await thrownBy('throw')) as RangeError & { code: string };
  assert.instance(error, RangeError);
  assert.equal([error.message, error.cause, error.code], ['out of cheese', 'mice', 'E_CHEESE']);
  assert.match(error.stack ?? '', /host\.worker\.js/);
});

test('what an async worker rejects with is thrown too', async () => {
  assert.instance(await thrownBy('reject'), TypeError);
});

test('a worker that cannot be loaded has thrown', async () => {
  const missing = new URL('./no-such.worker.js', import.meta.url);
  const exit = await start(missing, { data: undefined, onMessage: () => {} }).exit;
  assert.is(exit.cause, 'threw');
});

for (const what of ['block', 'spin'] as const) {
  test(`a worker is terminated in a ${what}`, async () => {
    const { worker, said } = order(what);
    await until(() => said.length === 1);
    await worker.terminate();
    assert.equal(await worker.exit, { cause: 'terminated' });
  });
}

test('terminating a worker that has ended changes nothing', async () => {
  const { worker } = order('nothing');
  const exit = await worker.exit;
  await worker.terminate();
  assert.equal(await worker.exit, exit);
});

test('serve() is refused outside of a worker', () => {
  assert.throws(() => serve(() => {}), /for the module of a worker/);
});

test('there is at least one processor', () => {
  assert.ok(Number.isInteger(processors()) && processors() >= 1);
});

test.run();
