// What `local` returns stands for another object in each thread, so nothing in it can be made permanent.
import { inspect } from 'node:util';
import { local } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('local');

test('it has the class and the properties of the object that it stands for, even of a frozen one', () => {
  class Request {
    user = 'nobody';
    get loud(): string {
      return this.user.toUpperCase();
    }
  }
  const request = local(() => new Request());
  assert.equal([request instanceof Request, request.loud, Object.keys(request)], [true, 'NOBODY', ['user']]);
  const list = local(() => [1, 2]);
  assert.equal([list.length, Object.getOwnPropertyNames(list)], [2, ['0', '1', 'length']]);
  const frozen = local(() => Object.freeze({ a: 1 }));
  assert.equal([frozen.a, { ...frozen }], [1, { a: 1 }]);
  assert.throws(() => Object.assign(frozen, { a: 2 }), TypeError);
});

test('freezing it or a property of it is refused, and changes nothing', () => {
  const own = local();
  own.a = 1;
  assert.throws(() => Object.freeze(own), TypeError);
  assert.throws(() => Object.preventExtensions(own), TypeError);
  assert.throws(() => Object.defineProperty(own, 'b', { value: 1, configurable: false }), TypeError);
  assert.equal({ ...own }, { a: 1 });
  own.b = 2;
  Object.defineProperty(own, 'c', { value: 3, enumerable: true });
  assert.equal({ ...own }, { a: 1, b: 2, c: 3 });
});

test('console.log shows the object that it stands for', () => {
  const own = local(() => ({ user: 'Ada' }));
  assert.is(inspect({ own }), "{ own: { user: 'Ada' } }");
  assert.equal(Reflect.ownKeys(own), ['user']);
});

test.run();
