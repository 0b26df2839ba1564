import * as main from 'atomics-sync-free';
import * as check from 'atomics-sync-free/check';
import * as gil from 'atomics-sync-free/gil';
import * as multiprocessing from 'atomics-sync-free/multiprocessing';
import * as stress from 'atomics-sync-free/stress';
import * as assert from 'uvu/assert';
import { allocate, type Kind } from '#dist/core/memory/cells.js';
import { SharedObject } from '#dist/core/share/shared-object.js';
import { describeCell } from '#dist/recover/kinds.js';
import { suite } from '../support/suite.js';

const test = suite('kinds');

type Class = { readonly name: string; readonly kind: Kind; readonly prototype: object };

/** Every class of every entry whose objects live in cells. */
const classes: readonly Class[] = [
  ...new Set([main, gil, check, multiprocessing, stress].flatMap((entry) => Object.values(entry))),
].filter((each): each is never => typeof each === 'function' && each.prototype instanceof SharedObject);

test('there are as many as the entries export', () => {
  assert.equal(classes.map(({ name }) => name).sort(), [
    'Barrier',
    'BoundedSemaphore',
    'Condition',
    'Connection',
    'Event',
    'GIL',
    'JoinableQueue',
    'Lock',
    'Queue',
    'RLock',
    'RWLock',
    'Semaphore',
    'SharedArray',
    'SimpleQueue',
    'Value',
  ]);
});

for (const each of classes) {
  test(`${each.name}: it has a kind of its own, named as the class, which fits into a descriptor`, () => {
    assert.ok(Object.hasOwn(each, 'kind'));
    const { name, code, gates, role, words } = each.kind;
    assert.is(name, each.name);
    assert.ok(Number.isInteger(code) && code >= 1 && code <= 60, `code ${code}`);
    assert.ok(Number.isInteger(gates) && gates >= 0 && gates <= 7, `${gates} gates`);
    assert.ok([0, 1, 2, 3, 4].includes(role), `role ${role}`);
    assert.ok(words > gates + 1, `${words} words, ${gates} gates`);
    // A dot sets the name of a view apart.
    assert.not.match(name, '.');
  });

  test(`${each.name}: a description of its cell has its name`, () => {
    const { words } = new main.Arena() as unknown as { readonly words: Int32Array };
    assert.is(describeCell(words, allocate(words, each.kind)).split('#')[0], each.name);
  });

  test(`${each.name}: its views are the properties of an object that have these names`, () => {
    const { views = [], code } = each.kind;
    if (views.length === 0) return;
    const object = new (each as unknown as new () => Record<string, unknown>)();
    for (const view of views) {
      const value = object[view] as object;
      assert.instance(value, SharedObject);
      const { kind } = value.constructor as unknown as Class;
      assert.equal([kind.name, kind.code], [`${each.name}.${view}`, code]);
    }
  });
}

test('no two classes have one name, or one code', () => {
  for (const of of ['name', 'code'] as const) {
    assert.is(new Set(classes.map(({ kind }) => kind[of])).size, classes.length, of);
  }
});

test.run();
