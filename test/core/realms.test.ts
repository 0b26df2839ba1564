// What comes from another realm, such as a frame, a vm context, or a test runner's sandbox, is taken for what it is.
import { createContext, runInContext } from 'node:vm';
import {
  Arena,
  attach,
  attachWith,
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  RLock,
  RWLock,
  Semaphore,
  type Shared,
  share,
} from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('other realms');
const realm = createContext({});

/** Evaluates an expression in the other realm; `given` is what it may use. */
function there<T = unknown>(expression: string, given: Record<string, unknown> = {}): T {
  return runInContext(`(({ ${Object.keys(given)} }) => (${expression}))`, realm)(given) as T;
}

/** What an agent receives when it is sent this. */
const sent = <T>(value: T): T => attach(structuredClone(share(value)) as Shared<T>);

const arena = new Arena();
const lock = new Lock({ arena });

test('the other realm is another one', () => {
  assert.not(there('new Map()') instanceof Map);
  assert.not(there('({})') instanceof Object);
});

const containers: Readonly<Record<string, readonly [string, (got: never) => unknown]>> = {
  'a Map, in its values': ['new Map([["lock", lock]])', (got: Map<string, Lock>) => got.get('lock')],
  'a Map, in its keys': ['new Map([[lock, 1]])', (got: Map<Lock, 1>) => [...got.keys()][0]],
  'a Set': ['new Set([lock])', (got: Set<Lock>) => [...got][0]],
  'a plain object': ['({ lock })', (got: { lock: Lock }) => got.lock],
  'an object without a prototype': ['Object.assign(Object.create(null), { lock })', (got: { lock: Lock }) => got.lock],
  'an array': ['[lock]', (got: Lock[]) => got[0]],
  'an array with holes': ['[, lock]', (got: Lock[]) => (0 in got ? undefined : got[1])],
  'a Map subclass': ['new (class extends Map {})([["lock", lock]])', (got: Map<string, Lock>) => got.get('lock')],
  'all of them, nested': [
    '[new Map([["a", { b: new Set([Object.assign(Object.create(null), { c: [lock] })]) }]])]',
    (got: Map<string, { b: Set<{ c: Lock[] }> }>[]) => [...(got[0].get('a')?.b ?? [])][0].c[0],
  ],
  'a container whose methods have been replaced': [
    'Object.assign(new Map([["lock", lock]]), { has: 1, get: 2, forEach: 3, entries: 4 })',
    (got: Map<string, Lock>) => got.get('lock'),
  ],
};

for (const [name, [expression, find]] of Object.entries(containers)) {
  test(`share sees ${name}`, () => {
    const got = (find as (got: unknown) => unknown)(sent(there(expression, { lock })));
    assert.instance(got, Lock);
    assert.is((got as Lock).cell, lock.cell);
    // What was sent is left as it was.
    assert.is.not(got, lock);
  });

  test(`attach sees ${name} that arrives in the other realm`, () => {
    const handle = structuredClone(share(lock));
    const got = (find as (got: unknown) => unknown)(attach(there(expression, { lock: handle }) as Shared<unknown>));
    assert.instance(got, Lock);
    assert.is((got as Lock).cell, lock.cell);
  });
}

test('a cycle stays one, and so does what is met twice', () => {
  const made = there<{ self: unknown; again: unknown[] }>(
    '(() => { const o = { lock }; o.self = o; o.again = [o, lock, lock]; return o; })()',
    { lock },
  );
  const got = sent(made);
  assert.is(got.self, got);
  assert.is(got.again[0], got);
  assert.is(got.again[1], got.again[2]);
});

test('the key __proto__ is data in any realm', () => {
  const got = sent(there<object>('JSON.parse(\'{"__proto__": { "a": 1 }, "lock": 2 }\')'));
  assert.ok(Object.hasOwn(got, '__proto__'));
  assert.is(Object.getPrototypeOf(got), Object.prototype);
});

test('what is not a container is passed on as it is', () => {
  for (const expression of [
    'new Date(0)',
    '/a/g',
    'new Uint8Array(2)',
    'new ArrayBuffer(8)',
    'new (class Point { x = 1 })()',
    'new Error("x")',
    'Promise.resolve(1)',
    'new WeakMap()',
    'Object.create({ inherited: 1 })',
  ]) {
    const value = there(expression);
    assert.is((share({ value }) as { value: unknown }).value, value, expression);
  }
});

test('a handle is a handle, whichever realm made the object, its buffer and its numbers', () => {
  const handle = share(lock) as Record<string, unknown>;
  const foreign = there<Record<string, unknown>>('Object.assign({}, handle)', { handle });
  assert.is(attach(foreign as Shared<Lock>).cell, lock.cell);
  const bare = there<Record<string, unknown>>('Object.assign(Object.create(null), handle)', { handle });
  assert.is(attachWith(Lock)(bare as Shared<Lock>).cell, lock.cell);
});

test('an arena can live in a SharedArrayBuffer or a WebAssembly memory of the other realm', () => {
  const buffer = there<SharedArrayBuffer>('new SharedArrayBuffer(4096)');
  assert.not(buffer instanceof SharedArrayBuffer);
  const own = Arena.over(buffer, 0, 4096, { agents: 2 });
  const inside = new RLock({ arena: own });
  inside.acquire();
  const got = sent({ inside }).inside;
  assert.ok(got.isOwned);
  assert.is(attach(share(inside)).arena.agentId, own.agentId);
  const memory = there<SharedArrayBuffer>('new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer');
  assert.ok(new Lock({ arena: Arena.over(memory, 64, 4096, { agents: 2 }) }).tryAcquire());
});

test('options may be of the other realm', async () => {
  const options = there<{ arena: Arena }>('({ arena })', { arena });
  for (const made of [
    new Lock(options),
    new RLock(options),
    new RWLock(options),
    new Event(options),
    new Condition(undefined, options),
    new Semaphore(1, options),
    new BoundedSemaphore(1, options),
    new Barrier(1, there('({ arena, timeout: 10, action: () => {} })', { arena })),
  ]) {
    assert.is(made.arena, arena);
  }
  assert.is(new Arena(there('({ byteLength: 2048, agents: 2, packed: true })')).byteLength, 2048);
  const busy = new Lock(options);
  busy.acquire();
  assert.not(await busy.acquireAsync(there('({ timeout: 1 })')));
});

test('a function of the other realm is a function, and its promise is awaited', async () => {
  const free = new Lock({ arena });
  assert.is(free.run(there<() => number>('() => 7')), 7);
  assert.is(await free.runAsync(there<() => Promise<number>>('async () => 8')), 8);
  const condition = new Condition(undefined, { arena });
  assert.ok(condition.run(() => condition.waitFor(there<() => boolean>('() => true'))));
});

/** A signal such as another realm, or a library, makes: of a class that this realm does not know. */
function foreignSignal(): { readonly signal: AbortSignal; readonly abort: (reason: unknown) => void } {
  return there(`(() => {
    const listeners = new Set();
    const signal = {
      aborted: false,
      reason: undefined,
      addEventListener: (type, listener) => listeners.add(listener),
      removeEventListener: (type, listener) => listeners.delete(listener),
      get count() { return listeners.size; },
    };
    const abort = (reason) => {
      signal.aborted = true;
      signal.reason = reason;
      for (const listener of [...listeners]) listener({ type: 'abort' });
    };
    return { signal, abort };
  })()`);
}

test('a signal of another realm ends waits, and keeps no listener when they have ended', async () => {
  const busy = new Lock({ arena });
  busy.acquire();
  const { signal, abort } = foreignSignal();
  const count = () => (signal as unknown as { count: number }).count;
  assert.not(await busy.acquireAsync({ signal, timeout: 1 }));
  assert.is(count(), 0);
  const aborted = [busy.acquireAsync({ signal }), busy.acquireAsync({ signal })].map((wait) =>
    wait.catch((reason) => reason),
  );
  assert.is(count(), 1);
  abort('enough');
  assert.equal(await Promise.all(aborted), ['enough', 'enough']);
  assert.is(await busy.acquireAsync({ signal }).catch((reason) => reason), 'enough');
});

test.run();
