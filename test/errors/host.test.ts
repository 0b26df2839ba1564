import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { Crew } from '../support/workers.js';
import type { Host, Report } from './host.worker.js';

const test = suite('hosts that do not offer everything');
const WORKER = new URL('./host.worker.js', import.meta.url);

async function reportOf(host: Host): Promise<Report> {
  const [report] = await (await Crew.start<Report>(WORKER, { workerData: host })).done();
  return report;
}

/** What a call waits for; its name begins with the primitive's, and the worker has made these in this order. */
function labelOf(call: string): string {
  const labels: Readonly<Record<string, string>> = {
    Lock: 'Lock#0',
    RLock: 'RLock#1',
    Semaphore: 'Semaphore#2',
    Event: 'Event#3',
    'RWLock.acquireWrite(': 'RWLock.writeLock#4',
    'RWLock.acquireRead(': 'RWLock.readLock#5',
    Barrier: 'Barrier#6',
    Condition: 'Condition#8',
  };
  const found = Object.keys(labels).find((name) => call.startsWith(name));
  return labels[found ?? call];
}

test('where blocking is refused, a call that would block says so, names the async form, and writes nothing', async () => {
  const report = await reportOf('refuses to block');
  const refused = Object.entries(report).filter(([name]) => !name.startsWith('may'));
  assert.ok(refused.length > 10);
  for (const [name, seen] of refused) {
    const error = {
      name: 'SyncError',
      code: 'ERR_BLOCKING_REFUSED',
      message:
        `this agent must not block for ${labelOf(name)}, like a browser's main thread; use the form whose name ends ` +
        'in Async',
    };
    assert.equal(seen.error, error, name);
    assert.ok(seen.unchanged, `${name} wrote something`);
    assert.ok(seen.loads < 5, `${name} spun: ${seen.loads} reads`);
  }
});

test('where blocking is refused, a call that need not block does its work', async () => {
  const report = await reportOf('refuses to block');
  for (const [name, { value, error }] of Object.entries(report)) {
    if (name.startsWith('may')) assert.equal([value, error], [/free|true/.test(name), undefined], name);
  }
});

test('where blocking is refused, calls that would block for results name their pool, and a GIL its cure', async () => {
  const { 'gil.acquire()': ofGIL, ...ofPool } = await reportOf('refuses to block for results');
  assert.is(ofGIL.error?.code, 'ERR_BLOCKING_REFUSED');
  assert.match(ofGIL.error?.message ?? '', /for GIL#\d+, like a browser's main thread; run what needs it in a worker$/);
  assert.is(Object.keys(ofPool).length, 5);
  for (const [name, { error }] of Object.entries(ofPool)) {
    assert.is(error?.code, 'ERR_BLOCKING_REFUSED', name);
    assert.match(
      error?.message ?? '',
      /for Pool-1, like a browser's main thread; use the form whose name ends in Async$/,
      name,
    );
  }
});

test('where blocking is refused, every async wait ends when what it waits for is freed', async () => {
  const report = await reportOf('only awaits');
  assert.ok(Object.keys(report).length > 8);
  for (const [name, { value, error }] of Object.entries(report))
    assert.equal([value, error], ['waited', undefined], name);
});

for (const host of ['has no SharedArrayBuffer', 'is not isolated'] as const) {
  test(`a host that ${host}: one error that names the headers`, async () => {
    for (const [name, { error }] of Object.entries(await reportOf(host))) {
      assert.is(error?.name, 'SyncError', name);
      assert.is(error?.code, 'ERR_NO_SHARED_MEMORY', name);
      assert.is(
        error?.message,
        'shared memory needs a page that is cross-origin isolated; serve it and its workers with ' +
          'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
        name,
      );
    }
  });
}

test.run();
