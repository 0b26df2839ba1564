// What a live object looks like to those that walk or copy it: a line of text, and never the shared memory behind it.
import { format, inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { MessageChannel } from 'node:worker_threads';
import {
  Arena,
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  RLock,
  RWLock,
  Semaphore,
  share,
} from 'atomics-sync-free';
import { attach, GIL } from 'atomics-sync-free/gil';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('appearance');

const arena = new Arena({ byteLength: 1 << 20 });
const objects: Readonly<Record<string, object>> = {
  Arena: arena,
  Lock: new Lock({ arena }),
  RLock: new RLock({ arena }),
  Semaphore: new Semaphore(1, { arena }),
  BoundedSemaphore: new BoundedSemaphore(1, { arena }),
  Event: new Event({ arena }),
  Condition: new Condition(undefined, { arena }),
  'Condition over a Lock': new Condition(new Lock({ arena }), { arena }),
  Barrier: new Barrier(2, { arena }),
  RWLock: new RWLock({ arena }),
  ReadLock: new RWLock({ arena }).readLock,
  WriteLock: new RWLock({ arena }).writeLock,
  GIL: new GIL({ arena }),
  'a Lock that was attached': attach(structuredClone(share(new Lock({ arena })))),
};

/** Properties that are there to be read by users. */
const PUBLIC = ['lock', 'parties', 'readLock', 'writeLock', 'enabled'];

/** Everything that can be reached by own enumerable properties. */
function reachable(root: object): Set<unknown> {
  const found = new Set<unknown>([root]);
  for (const each of found) {
    if (typeof each !== 'object' || each === null) continue;
    for (const key of Reflect.ownKeys(each)) {
      if (Object.getOwnPropertyDescriptor(each, key)?.enumerable)
        found.add((each as Record<PropertyKey, unknown>)[key]);
    }
    if (found.size > 1000) return found;
  }
  return found;
}

for (const [name, object] of Object.entries(objects)) {
  test(`${name}: JSON has its text`, () => {
    assert.is(JSON.stringify({ object }), JSON.stringify({ object: String(object) }));
    assert.ok(JSON.stringify({ object }).length < 200);
    assert.is(JSON.stringify([[object]], null, 2).includes(String(object)), true);
  });

  test(`${name}: console.log has its text, however deep it stands`, () => {
    assert.is(inspect(object), String(object));
    assert.is(format('%o', object), String(object));
    assert.is(inspect({ a: { object } }, { breakLength: Infinity }), `{ a: { object: ${object} } }`);
    assert.match(inspect(new Map([[object, [object]]]), { depth: 9 }), String(object));
    assert.is(`${object}`, String(object));
  });

  test(`${name}: no words can be reached by its properties`, () => {
    for (const each of reachable(object)) {
      assert.not(ArrayBuffer.isView(each) || each instanceof SharedArrayBuffer || each instanceof Map, name);
    }
    const shown = Object.entries(object).filter(([, value]) => typeof value !== 'symbol');
    assert.equal(
      shown.map(([key]) => key).filter((key) => !PUBLIC.includes(key)),
      [],
    );
    // What tools show that ignore the custom text.
    assert.ok(inspect(object, { customInspect: false, depth: 9 }).length < 2000);
  });

  test(`${name}: structured clone refuses it and says what to do, at any depth, and share is what it says`, () => {
    const refused = (error: DOMException): boolean =>
      error.name === 'DataCloneError' && /share\(/.test(error.message) && error.message.length < 200;
    const { port1, port2 } = new MessageChannel();
    assert.throws(() => structuredClone(object), refused);
    assert.throws(() => structuredClone({ a: [new Map([[1, { object }]])] }), refused);
    assert.throws(() => port1.postMessage({ object }), refused);
    port1.close();
    port2.close();
    const { again } = attach(structuredClone(share({ again: object })));
    assert.is(again.constructor, object.constructor);
    assert.is(String(again), String(object));
  });
}

test('the text of a primitive is short, also with all it can say', async () => {
  const lock = new RWLock({ arena });
  lock.acquireWrite();
  const waiting = [lock.acquireReadAsync({ timeout: 1 }), lock.acquireWriteAsync({ timeout: 1 })];
  assert.ok(`${lock}`.length < 150, `${lock}`);
  await Promise.all(waiting);
});

test('a hold says what it holds, and whether it still does', () => {
  const lock = new Lock({ arena });
  const hold = lock.hold();
  const [number] = /\d+/.exec(String(lock)) ?? [];
  assert.is(`${hold} ${inspect(hold)}`, `Hold (Lock#${number}, held) Hold (Lock#${number}, held)`);
  hold.release();
  assert.is(String(hold), `Hold (Lock#${number}, released)`);
});

test('what share makes of a primitive shows no words either', () => {
  const shared = share({ lock: objects.Lock });
  assert.ok(JSON.stringify(shared).length < 300);
});

test('JSON of another realm has its text', () => {
  assert.is(runInNewContext('JSON.stringify(lock)', { lock: objects.Lock }), JSON.stringify(String(objects.Lock)));
});

test.run();
