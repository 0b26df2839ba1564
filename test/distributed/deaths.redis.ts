// The package's own workers may die, too, for example of lack of memory.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import type { Worker } from 'node:worker_threads';
import { connect } from 'atomics-sync-free/distributed';
import * as assert from 'uvu/assert';
import { Courier } from '#dist/bullmq/courier.js';
import { addressOf } from '#dist/distributed/address.js';
import { atTestEnd, suite } from '../support/suite.js';
import { RedisServer } from './redis-server.js';

const test = suite('deaths of the workers that serve others');

/** The longest that any of these tests waits, in ms. */
const LONG = 20_000;
let server: RedisServer;

test.before(async () => {
  server = await RedisServer.start();
});
test.after(() => server.close());

/** What `start` returns, and the worker that it starts. */
function workerOf<T>(start: () => T): { readonly started: T; readonly worker: Promise<Worker> } {
  const worker = once(process as NodeJS.EventEmitter, 'worker').then(([made]) => made as Worker);
  return { started: start(), worker };
}

test('when the keeper of leases dies, waiters are told, held locks last for their lease, and no more are granted', async () => {
  const { started, worker } = workerOf(() => connect(server.url, { lease: 2000 }));
  const cluster = await started;
  const lock = cluster.Lock('kept');
  const held = await lock.holdAsync();
  const waiting = lock.holdAsync({ timeout: LONG }).catch((error: { code?: string }) => error.code);
  await (await worker).terminate();
  assert.is(await waiting, 'ERR_WORKER_DIED');
  assert.is(
    await cluster
      .Lock('other')
      .holdAsync()
      .catch((error: { code?: string }) => error.code),
    'ERR_WORKER_DIED',
  );
  assert.not.ok(held.released);
  if (!held.signal.aborted) await once(held.signal, 'abort');
  assert.is((held.signal.reason as { code?: string }).code, 'ERR_LEASE_LOST');
  await cluster.closeAsync();
});

test('whoever blocks for a courier that dies is told', async () => {
  // A server that accepts connections and says nothing.
  const silent: Server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  atTestEnd(() => void silent.close());
  const address = addressOf(`redis://127.0.0.1:${(silent.address() as AddressInfo).port}`);
  const { started: courier, worker } = workerOf(() => new Courier(address, 'silent'));
  let code: string | undefined;
  courier.submit({ bytes: new Uint8Array() } as never, (outcome) => {
    code = (outcome as { code?: string }).code;
  });
  const made = await worker;
  // Its death can be noticed once it has started.
  await once(made, 'online');
  assert.not.ok(courier.wait(() => code !== undefined, 1000));
  void made.terminate();
  assert.ok(courier.wait(() => code !== undefined, LONG));
  assert.is(code, 'ERR_WORKER_DIED');
});

test.run();
