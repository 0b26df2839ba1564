import {
  type Arena,
  attach,
  type DictProxy,
  fromModule,
  type ListProxy,
  Lock,
  Manager,
  Pool,
  Process,
  Queue,
  type SyncError,
  share,
} from 'atomics-sync-free/multiprocessing';
import { Thread } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { arenaAt } from '#dist/core/memory/joined-arena.js';
import { Place } from '#dist/core/share/place.js';
import type { ProxyHandle } from '#dist/multiprocessing/manager/access.js';
import { Home } from '#dist/multiprocessing/manager/home.js';
import { Link } from '#dist/multiprocessing/manager/link.js';
import {
  CALL,
  HELLO,
  type Reply,
  ReplySegments,
  type RequestForm,
  RequestSegments,
  THREW,
  VALUE,
} from '#dist/multiprocessing/manager/messages.js';
import { Channel } from '#dist/multiprocessing/pool/channel.js';
import { MIN_BYTES } from '#dist/multiprocessing/ring/segments.js';
import { failure } from '../conformance/workers.js';
import { suite } from '../support/suite.js';
import {
  acquireAndDie,
  add,
  add1,
  addAsync,
  addOften,
  append,
  byAsync,
  byLength,
  byNumber,
  fail,
  lockOf,
  makeCounter,
  makeLate,
  makeNothing,
  mapBy,
  pushTo,
  pushToInner,
  putGot,
  setIn,
  setSlowly,
  unsendable,
} from './manager.tasks.js';

const test = suite('managers');

/** The longest that any of these tests waits, in ms. */
const LONG = 20_000;

const module = fromModule<typeof import('./manager.tasks.js')>(new URL('./manager.tasks.js', import.meta.url));
const makeManager = () =>
  new Manager({
    classes: {
      Counter: { target: makeCounter, proxied: ['child', 'names', 'table', 'words'] },
      Class: module.Counter,
      Listed: { target: makeCounter, exposed: ['_secret', 'increment'], proxied: ['child'] },
      Wrong: { target: makeCounter, exposed: ['nothing'] },
      Nothing: makeNothing,
      Late: makeLate,
    },
  });
/** For the tests that leave its worker as it is, and for others that have proxies of its objects. */
const manager = makeManager();
const pool = new Pool(2);
test.after(async () => {
  manager.shutdown();
  pool.terminate();
  await Promise.all([manager.joinAsync(), pool.joinAsync()]);
});

const of = ({ name, code, message }: Error & { readonly code?: string }): unknown => [code ?? name, message];
const codeOf = async (call: () => unknown): Promise<unknown> => {
  const { code, name } = await failure(call);
  return code ?? name;
};

/** The manager's home, as another agent finds it, and the number of a proxy's object. */
function homeOf(proxy: object): { readonly home: Home; readonly object: number } {
  const handle = share(proxy) as ProxyHandle;
  const { buffer, byteOffset, byteLength, cell, object } = handle;
  return { home: new Home(new Place(arenaAt(buffer, byteOffset, byteLength) as Arena, cell, handle)), object };
}

test('a dict has the methods of a Map', () => {
  const dict = manager.dict<string | number, unknown>([
    ['a', 1],
    [2, { b: [1n] }],
  ]);
  assert.is(dict.set('c', null), dict);
  assert.equal([dict.get('a'), dict.get(2), dict.get('c'), dict.get('d')], [1, { b: [1n] }, null, undefined]);
  assert.equal([dict.size, dict.has('a'), dict.has('d')], [3, true, false]);
  assert.equal([dict.delete('c'), dict.delete('c'), dict.pop(2), dict.pop(2)], [true, false, { b: [1n] }, undefined]);
  assert.equal([dict.getOrInsert('e', 5), dict.getOrInsert('e', 6)], [5, 5]);
  assert.equal([dict.pop('d', 4), dict.pop('c', 4)], [4, 4]);
  assert.throws(() => dict.assign({ f: 6 } as never), /^entries must be an iterable, such as Object\.entries\(/);
  dict.assign(new Map([['f', 6]]));
  const all = new Map([
    ['a', 1],
    ['e', 5],
    ['f', 6],
  ]);
  assert.equal([dict.toMap(), [...dict], [...dict.entries()]], [all, [...all], [...all]]);
  assert.equal([[...dict.keys()], [...dict.values()]], [[...all.keys()], [...all.values()]]);
  const seen: unknown[] = [];
  dict.forEach((value, key) => void seen.push([key, value]));
  assert.equal(seen, [...all]);
  assert.equal([dict.popItem(), dict.popItem(), dict.popItem(), dict.popItem()], [...[...all].reverse(), undefined]);
  dict.set('a', 1);
  dict.clear();
  assert.is(dict.size, 0);
});

test('a list has the methods of an array', () => {
  const list = manager.list([3, 1, 2]);
  assert.equal([list.push(5, 4), list.pop(), list.unshift(0), list.shift(), list.length], [5, 4, 5, 0, 4]);
  assert.equal([list.at(0), list.at(-1), list.at(9)], [3, 5, undefined]);
  assert.equal(
    [manager.list([1, 2, 3]).pop(0), manager.list([1, 2, 3]).pop(-2), manager.list().pop()],
    [1, 2, undefined],
  );
  assert.throws(() => list.pop(5), RangeError);
  list.set(-1, 6);
  assert.equal([list.splice(1, 1, 7, 8), list.slice(1, 3), list.toArray()], [[1], [7, 8], [3, 7, 8, 2, 6]]);
  assert.equal([list.indexOf(8), list.indexOf(9), list.includes(7), list.join('-')], [2, -1, true, '3-7-8-2-6']);
  list.push(9, 2);
  assert.equal([list.remove(2), list.remove(2), list.remove(2), list.remove(9)], [true, true, false, true]);
  list.push(2);
  list.sort();
  list.reverse();
  assert.equal([...list], [8, 7, 6, 3, 2]);
  assert.equal(
    [list.map((x) => x + 1), list.filter((x) => x > 6), list.find((x) => x < 7)],
    [[9, 8, 7, 4, 3], [8, 7], 6],
  );
  assert.equal([list.some((x) => x > 9), list.every((x) => x > 1), list.reduce((a, b) => a + b)], [false, true, 26]);
  list.clear();
  assert.is(list.length, 0);
});

test('a set has the methods of a Set, and tells whether an added value is new', async () => {
  const set = manager.set<string | number | null>([3, 'a', null]);
  assert.equal([set.add(5), set.add(5), set.size, set.has(5), set.has('b')], [true, false, 4, true, false]);
  assert.equal([set.delete('a'), set.delete('a'), await set.addAsync('c')], [true, false, true]);
  set.assign(new Set([5, 6]));
  const all = new Set([3, null, 5, 'c', 6]);
  assert.equal([set.toSet(), [...set], [...set.values()], await set.sizeAsync()], [all, [...all], [...all], 5]);
  const seen: unknown[] = [];
  set.forEach((value) => void seen.push(value));
  for await (const value of set) seen.push(value);
  assert.equal(seen, [...all, ...all]);
  assert.equal([JSON.stringify(set), set.pop(), set.pop()], ['[3,null,5,"c",6]', 3, null]);
  assert.throws(() => set.assign([7, {}] as never), /^a value of a set must be a primitive/);
  set.clear();
  assert.equal([set.size, set.pop()], [0, undefined]);
});

test('a set comes out as a proxy of what was put, also as the result of a method', async () => {
  const set = await manager.setAsync(['a']);
  const dict = manager.dict([['set', set]]);
  dict.get('set')?.add('b');
  assert.equal([...set], ['a', 'b']);
  const names = manager.create('Counter', 5).names();
  assert.equal([names.add('me'), names.add('you'), [...names]], [false, true, ['me', 'you']]);
});

test('a list is sorted by a named function, and stays as it is when that fails', async () => {
  const list = manager.list([10, 9, 1]);
  list.sort();
  assert.equal([...list], [1, 10, 9], 'by their texts');
  list.sort(byNumber);
  assert.equal([...list], [1, 9, 10]);
  await list.sortAsync(module.byNumber);
  assert.throws(() => list.sort(fail), /^not 9/);
  assert.is(await codeOf(() => list.sort(byAsync as never)), 'TypeError');
  assert.equal([...list], [1, 9, 10]);
  const lists = manager.list(['abc', 'a', 'ab'].map((text) => manager.list(text)));
  lists.sort(byLength);
  assert.is(JSON.stringify(lists), '[["a"],["a","b"],["a","b","c"]]');
});

test('assigning to a property of a proxy, such as dict[key] or list[index], is an error, and does not set a property that nobody else sees', () => {
  for (const proxy of [manager.dict(), manager.list([1]), manager.set(), manager.create('Counter')])
    for (const key of ['0', 'a']) assert.throws(() => Object.assign(proxy, { [key]: 2 }), TypeError);
});

test('a namespace has properties', async () => {
  const namespace = manager.Namespace<{ x: number; y?: string; z?: number }>({ x: 1 });
  namespace.y = 'two';
  assert.equal([namespace.x, namespace.y, namespace.z], [1, 'two', undefined]);
  assert.equal(['x' in namespace, 'z' in namespace, Object.keys(namespace)], [true, false, ['x', 'y']]);
  assert.equal({ ...namespace }, { x: 1, y: 'two' });
  delete namespace.y;
  await namespace.setAsync('z', 3);
  assert.equal([await namespace.getAsync('z'), await namespace.deleteAsync('x')], [3, true]);
  assert.equal([namespace.update('z', add, 4), await namespace.updateAsync('z', add, 1)], [7, 8]);
  assert.is(JSON.stringify(namespace), '{"z":8}');
  assert.is(await namespace, namespace);
  assert.throws(() => Object.assign(namespace, { toJSON: 1 }), /toJSON cannot be the name of a property/);
});

test('each property of a namespace can be read by its name', async () => {
  const taken = new Set(['then', 'cloning']);
  for (let has = Reflect.getPrototypeOf(manager.Namespace()); has !== null; has = Reflect.getPrototypeOf(has))
    for (const name of Object.getOwnPropertyNames(has)) taken.add(name);
  const others = ['', ' ', '0', '-1', '1.5', 'é', '☃', '\ud800', 'a.b', '#kept', 'x'.repeat(5000)];
  const methods = ['get', 'set', 'delete', 'has', 'keys', 'size', 'toObject', 'name', 'length', 'prototype', 'object'];
  const refused: string[] = [];
  for (const name of [...taken, ...others, ...methods]) {
    const namespace = manager.Namespace<Record<string, unknown>>();
    const set = () => namespace.setAsync(name, 1).then(() => assert.unreachable('it is set'));
    const { message } = await failure(set);
    if (message !== 'it is set') {
      assert.match(message, /cannot be the name of a property/);
      refused.push(name);
      continue;
    }
    assert.equal([namespace[name], await namespace.getAsync(name), name in namespace], [1, 1, true], name);
    assert.equal([Object.keys(namespace), { ...namespace }], [[name], { [name]: 1 }], name);
    namespace[name] = 2;
    assert.equal([namespace[name], manager.Namespace({ [name]: 3 })[name]], [2, 3], name);
    assert.equal([delete namespace[name], name in namespace, namespace[name]], [true, false, undefined], name);
  }
  assert.equal(refused.sort(), [...taken].sort());
});

test('names by which a property of a namespace could not be read are refused, and numbers are names', async () => {
  for (const name of ['toJSON', 'then', 'getAsync', 'cloning', Symbol('name')]) {
    const refusal = /cannot be the name of a property/;
    assert.throws(() => manager.Namespace({ [name]: 1 }), refusal);
    const namespace = manager.Namespace<Record<PropertyKey, unknown>>();
    const calls = [() => namespace.setAsync(name, 1), () => namespace.update(name, add as never)];
    for (const call of calls) assert.match((await failure(call)).message, refusal);
    assert.is(JSON.stringify(namespace), '{}');
  }
  const rows = manager.Namespace<Record<number, string>>({ 1: 'one' });
  await rows.setAsync(2, 'two');
  assert.equal([rows[1], rows[2], await rows.getAsync(2), Object.keys(rows)], ['one', 'two', 'two', ['1', '2']]);
  assert.is(await codeOf(() => rows.setAsync({} as never, 'x')), 'TypeError');
  assert.is(await rows.deleteAsync(1), true);
});

test('each method has an async form', async () => {
  const dict = await manager.dictAsync<string, number>();
  assert.is(await dict.setAsync('a', 1), dict);
  assert.equal(await Promise.all([dict.getAsync('a'), dict.hasAsync('b'), dict.sizeAsync()]), [1, false, 1]);
  assert.is(await dict.updateAsync('a', add, 2), 3);
  const entries: unknown[] = [];
  for await (const entry of dict) entries.push(entry);
  assert.equal([entries, [...(await dict.keysAsync())]], [[['a', 3]], ['a']]);
  const list = await manager.listAsync([1]);
  assert.equal([await list.pushAsync(2), await list.toArrayAsync(), await list.lengthAsync()], [2, [1, 2], 2]);
  assert.is(await list.updateAsync(0, add, 5), 6);
  const items: unknown[] = [];
  for await (const item of list) items.push(item);
  assert.equal(items, [6, 2]);
  assert.is((await manager.NamespaceAsync({ x: 1 })).x, 1);
  assert.is(await (await manager.createAsync('Counter', 4)).incrementAsync(), 5);
});

test('async and blocking calls of one agent do not wait for each other', async () => {
  const dict = manager.dict<number, number>();
  const counter = manager.create('Counter', 1);
  const slow = counter.laterAsync(30);
  const calls = Array.from({ length: 200 }, (_, i) => dict.setAsync(i, i));
  for (let i = 200; i < 400; i++) dict.set(i, i);
  await Promise.all(calls);
  assert.equal([dict.size, await slow], [400, 1]);
});

test('values are copies: changing one changes nothing until it is set again', () => {
  const dict = manager.dict<string, number[]>([['list', [1]]]);
  dict.get('list')?.push(2);
  assert.equal(dict.get('list'), [1]);
  const copy = dict.get('list') ?? [];
  copy.push(2);
  dict.set('list', copy);
  copy.push(3);
  assert.equal(dict.get('list'), [1, 2]);
  assert.equal(dict.update('list', append, 3), [1, 2, 3]);
  assert.equal(dict.toMap(), new Map([['list', [1, 2, 3]]]));
});

test('a proxy stored in an object of the manager is a proxy for whoever gets it', () => {
  const dict = manager.dict<string, ListProxy<string>>();
  dict.set('inner', manager.list(['a']));
  dict.get('inner')?.push('b');
  pool.apply(pushToInner, [dict, 'c']);
  assert.is(
    JSON.stringify([dict, manager.Namespace({ dict })]),
    '[{"inner":["a","b","c"]},{"dict":{"inner":["a","b","c"]}}]',
  );
});

test('update is atomic, whoever else updates the same value', async () => {
  const dict = manager.dict<string, number>();
  const times = 300;
  const calls = [1, 2].map(() => pool.applyAsync(addOften, [dict, 'n', times]));
  for (let i = 0; i < times; i++) dict.update('n', add, 1);
  await Promise.all(calls);
  assert.is(dict.get('n'), 3 * times);
});

test('functions for the manager are named, never sent, and an update that fails leaves the value', async () => {
  const dict = manager.dict<string, number>([['n', 1]]);
  const list = manager.list([1]);
  const names = manager.Namespace({ a: 1 });
  const sent = fromModule<{ f(x: number | undefined): number }>('data:text/javascript,export const f = () => 9').f;
  const calls = [
    () => dict.update('n', (x = 0) => x + 1),
    () => dict.update('n', sent),
    () => dict.updateAsync('n', (x = 0) => x + 1),
    () => dict.update('n', addAsync as never, 1),
    () => dict.update({} as never, add, 1),
    () => manager.Pool(1, { initializer: () => {} }),
    () => new Manager({ classes: { X: () => ({}) } }),
    () => new Manager({ classes: 5 as never }),
    () => new Manager({ classes: new Map() as never }),
    () => manager.dict(['ab'] as never),
    () => dict.assign('ab' as never),
    () => manager.set(5 as never),
    () => manager.set([{}]),
    () => manager.set().add([]),
    () => (list.sort as (compare: unknown) => void)(() => 0),
    () => (list.sortAsync as (compare: unknown) => Promise<void>)(() => 0),
    () => manager.Namespace(5 as never),
    () => manager.NamespaceAsync([5]),
    () => Object.defineProperty(names, 'x', { value: 1 }),
    () => Object.freeze(names),
    () => Object.setPrototypeOf(names, null),
  ];
  for (const call of calls) assert.is(await codeOf(call), 'TypeError', String(call));
  assert.equal(of(await failure(() => dict.update('n', fail as never))), ['RangeError', 'not 1']);
  for (const update of [
    () => dict.update('n', unsendable),
    () => dict.update('other' as 'n', unsendable),
    () => dict.updateAsync('n', unsendable),
    () => list.update(0, unsendable),
    () => names.update('a', unsendable),
  ])
    assert.is(await codeOf(update), 'ERR_NOT_CLONEABLE', String(update));
  assert.is(await codeOf(() => list.update(1, add, 1)), 'RangeError');
  assert.is(
    await codeOf(() => dict.update('n', (module as never as Record<string, typeof module.add>).nothing, 1)),
    'ERR_FUNCTION',
  );
  assert.equal([dict.get('n'), dict.size, [...list], { ...names }], [1, 1, [1], { a: 1 }]);
  const wrong = await failure(() => new Manager({ classes: { X: 5 as never } }));
  assert.is(wrong.message, 'options must be an object, not 5; there are target, exposed, proxied');
});

test('the worker itself refuses forged requests: functions that were sent, and names that are no methods', async () => {
  const dict = manager.dict();
  const { home, object } = homeOf(dict);
  const link = new Link(home);
  const call = (method: string, ...args: unknown[]) => codeOf(() => link.call(object, method, args));
  const source = { way: 'source', name: '', text: '() => 1' };
  const data = { way: 'module', name: 'f', url: 'data:text/javascript,export const f = () => 1' };
  assert.equal(
    [
      await call('update', 'n', JSON.stringify(source)),
      await call('update', 'n', JSON.stringify(data)),
      await call('constructor'),
      await call('hasOwnProperty', 'x'),
    ],
    ['TypeError', 'TypeError', 'TypeError', 'TypeError'],
  );
  assert.is(await codeOf(() => link.call(0, 'create', ['constructor'])), 'TypeError');
  assert.is(await codeOf(() => link.call(1e9, 'get', ['n'])), 'ERR_NO_OBJECT');
  assert.is(dict.size, 0);
});

test('a handle of a proxy that was altered is refused', () => {
  const handle = share(manager.list([1])) as unknown as ProxyHandle;
  const wrong: readonly object[] = [
    { type: 'nothing' },
    { type: 5 },
    { type: 'object', methods: 5 },
    { type: 'object', methods: [5] },
    { object: '1' },
    { token: 0.5 },
  ];
  for (const part of wrong)
    assert.throws(
      () => attach({ ...handle, ...part } as never),
      ({ code }: SyncError) => code === 'ERR_HANDLE',
    );
  assert.is((attach(handle as never) as ListProxy).at(0), 1);
});

test('a new client is known by its first call, even while another is still writing its request', () => {
  const dict = manager.dict<string, unknown>([['n', 1]]);
  const words = new Int32Array(new SharedArrayBuffer(8));
  const slow = new Thread({ target: setSlowly, args: [dict, words] });
  slow.start();
  Atomics.wait(words, 0, 0, LONG);
  const { home, object } = homeOf(dict);
  const link = new Link(home);
  Atomics.store(words, 1, 1);
  Atomics.notify(words, 1);
  assert.is(link.call(object, 'get', ['n']), 1);
  slow.join(LONG);
  assert.equal(link.call(object, 'get', ['slow']), { value: 'ok' });
});

test('a reply that waits for room and then cannot be sent is reported, and the manager goes on', async () => {
  const { home } = homeOf(manager.dict());
  const { producer } = home.requests.open((memory) => new RequestSegments(memory));
  const channel = new Channel({ byteLimit: MIN_BYTES });
  const client = home.nextNumber();
  const ask = (form: RequestForm, call: number, object: number, method: string, args: unknown[]) =>
    producer.put({ form, client, call, object, method, args }, LONG);
  ask(HELLO, 0, 0, '', [channel, channel.arena.agentId, false]);
  const counter = homeOf(manager.create('Counter')).object;
  for (let call = 1; call <= 20; call++) ask(CALL, call, counter, 'large', [20_000, call < 20]);
  // All earlier requests have been answered, or their replies wait for room.
  assert.is(manager.dict().size, 0);
  const { consumer } = channel.open((memory) => new ReplySegments(memory));
  const replies = Array.from({ length: 20 }, () => consumer.get(LONG) as Reply).sort((a, b) => a.call - b.call);
  assert.equal(
    replies.map(({ form }) => form),
    [...new Array(19).fill(VALUE), THREW],
  );
  assert.is(manager.dict().size, 0);
});

test('each of several clients that cannot be replied to is refused', async () => {
  const { home, object } = homeOf(manager.dict());
  const { producer } = home.requests.open((memory) => new RequestSegments(memory));
  const strangers = new Set([home.nextNumber(), home.nextNumber(), home.nextNumber()]);
  for (const client of strangers) producer.put({ form: CALL, client, call: 1, object, method: 'size', args: [] }, LONG);
  const end = performance.now() + LONG;
  // The first never acknowledges, as if it had died.
  strangers.delete(Math.min(...strangers));
  while (strangers.size > 0 && performance.now() < end) {
    for (const client of strangers) if (home.isRefused(client)) strangers.delete(client);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.is(strangers.size, 0);
});

test('objects of registered classes have their methods, and so do the objects these return', async () => {
  const counter = manager.create('Counter', 5);
  assert.equal([counter.increment(), counter.increment(4), counter.later(1)], [6, 10, 10]);
  const child = counter.child();
  assert.equal([child.increment(), counter.increment(0)], [11, 10]);
  const table: DictProxy<string, number> = counter.table();
  table.set('more', 1);
  assert.equal(
    [[...table.keys()], [...counter.words()]],
    [
      ['value', 'more'],
      ['a', 'b'],
    ],
  );
  const made = manager.create('Class', 2);
  assert.equal([made.increment(), made.sizeOf(table)], [3, 2]);
  assert.is((counter as never as { _secret?: unknown })._secret, undefined);
  const listed = manager.create('Listed', 1) as never as Record<string, () => unknown>;
  assert.equal([listed.increment(), listed._secret(), listed.later], [2, 'secret', undefined]);
  assert.is((listed.child() as Record<string, () => unknown>).increment(), 3);
});

test('a method that waits does not block other calls', async () => {
  const counter = manager.create('Counter', 5);
  const waits = counter.reachAsync(6);
  assert.is(counter.increment(), 6);
  assert.is(await waits, 6);
});

test('what cannot be made is reported to the caller as an error', async () => {
  const create = manager.create.bind(manager) as (name: string) => unknown;
  for (const name of ['Unknown', 'Wrong', 'Nothing', 'Late', 'toString'])
    assert.is(await codeOf(() => create(name)), 'TypeError', name);
  assert.is(await codeOf(() => manager.dict([[{}, 1]] as never)), 'TypeError');
  assert.match((await failure(() => manager.list(['a', () => {}]))).message, /^args\[0\]\[1\] is a function/);
  assert.is(
    await codeOf(() => new Manager({ classes: { X: { target: makeCounter, exposed: 'x' as never } } })),
    'TypeError',
  );
  assert.is(await codeOf(() => new Manager(null as never)), 'TypeError');
  assert.is(await codeOf(() => manager.Pool(0)), 'RangeError');
});

test('an error of a method comes back with its class, its properties and both stacks', async () => {
  const counter = manager.create('Counter', 5);
  for (const call of [() => counter.fail(), () => counter.failAsync()]) {
    const error = (await failure(call)) as TypeError & { code: string; value: number };
    assert.instance(error, TypeError);
    assert.equal([error.message, error.code, error.value], ['failed', 'E_COUNTER', 5]);
    assert.match(String(error.stack), /manager\.tasks/);
  }
  assert.match(
    String((await failure(() => counter.fail())).stack),
    /manager\.tasks.*at fail\(\), called.*manager\.test/s,
  );
  assert.equal(of(await failure(() => counter.unsendable())), [
    'ERR_NOT_CLONEABLE',
    'the result is a function, which cannot be copied',
  ]);
  assert.is(counter.increment(), 6);
});

test('proxies can be sent wherever values can', async () => {
  const list = manager.list<unknown>();
  pool.apply(pushTo, [list, 'pool']);
  const process = new Process({ target: pushTo, args: [list, 'process'] });
  process.start();
  process.join(LONG);
  const thread = new Thread({ target: pushTo, args: [list, 'thread'] });
  thread.start();
  thread.join(LONG);
  assert.is(thread.result, 3);
  const queue = new Queue<ListProxy<unknown>>();
  queue.put(list);
  assert.is(pool.apply(putGot, [queue as never]), 4);
  const namespace = manager.Namespace({ x: 1 });
  pool.apply(setIn, [namespace, 5]);
  assert.equal([[...list], namespace.x], [['pool', 'process', 'thread', 7], 5]);
  assert.throws(() => structuredClone(list), /share\(value\)/);
  assert.match(JSON.stringify(share({ list })), /"Manager.proxy"/);
});

test('what lives in shared memory stays shared in an object of the manager', () => {
  const dict = manager.dict<string, unknown>();
  const words = new Int32Array(new SharedArrayBuffer(4));
  const lock = new Lock();
  dict.assign([
    ['lock', lock],
    ['words', words],
  ]);
  assert.is(pool.apply(lockOf, [dict as never]), true);
  words[0] = 7;
  assert.equal([lock.locked, dict.get('words')], [true, words]);
});

test('a dict holds large values', () => {
  const text = 'x'.repeat(3_000_000);
  const dict = manager.dict<string, string>([['text', text]]);
  assert.is(dict.get('text'), text);
});

test('the locks of a manager are free when their holder has died', async () => {
  for (const lock of [manager.Lock(), manager.RLock(), manager.Condition()]) {
    const process = new Process({ target: acquireAndDie, args: [lock] });
    process.start();
    process.join(LONG);
    assert.ok(lock.acquire(LONG));
    lock.release();
  }
});

test('a pool of a manager works for all agents, and ends when it is closed', async () => {
  const shared = manager.Pool(1);
  assert.equal([shared.map(add1, [1, 2]), shared.apply(add, [1, 2]), shared.starmap(add, [[1, 2]])], [[2, 3], 3, [3]]);
  assert.equal([await shared.applyAsync(add1, [4]), pool.apply(mapBy, [shared])], [5, [2, 3, 4]]);
  assert.is(await codeOf(() => shared.apply(fail, [1])), 'RangeError');
  shared.close();
  shared.join();
  assert.is(await codeOf(() => shared.map(add1, [1])), 'ERR_POOL_CLOSED');
});

test('a pool of a manager is made, used and ended without blocking', async () => {
  const shared = await manager.PoolAsync(1);
  assert.equal([await shared.mapAsync(add1, [1, 2]), await shared.starmapAsync(add, [[1, 2]])], [[2, 3], [3]]);
  await shared.terminateAsync();
  await shared.joinAsync();
  assert.is(await codeOf(() => shared.applyAsync(add1, [1])), 'ERR_POOL_CLOSED');
});

test('a disposed proxy can be neither called nor sent', async () => {
  const counter = manager.create('Counter');
  const dict = manager.dict<string, unknown>();
  counter[Symbol.dispose]();
  counter[Symbol.dispose]();
  assert.is(await codeOf(() => counter.increment()), 'ERR_CLOSED');
  assert.is(await codeOf(() => dict.set('counter', counter)), 'ERR_CLOSED');
  assert.match(String(counter), /^object#\d+ of Manager#\d+ \(let go\)$/);
});

test.run();
