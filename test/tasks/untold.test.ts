// Values that cannot be shown, let alone sent, thrown in each kind of worker.
import { Manager, Pool } from 'atomics-sync-free/multiprocessing';
import { SyncError, Thread } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { thrownBy } from '../support/threads.js';
import { newThrower, throwOdd } from './untold.tasks.js';

const test = suite('what cannot be shown');

const KINDS = ['stack', 'revoked', 'nothing'];

function assertTold(error: unknown): void {
  assert.instance(error, SyncError);
  assert.is((error as SyncError).code, 'ERR_NOT_CLONEABLE');
  assert.match((error as SyncError).message, /; it was: /);
}

test('a thread that throws it is over with an error that says so', () => {
  for (const kind of KINDS) {
    const thread = new Thread({ target: throwOdd, args: [kind] });
    thread.start();
    thread.join(20_000);
    assert.not(thread.isAlive());
    assertTold(thrownBy(() => thread.result));
  }
});

test('a worker of a pool that throws it goes on', () => {
  using pool = new Pool(1);
  const before = pool.apply(throwOdd, ['']);
  for (const kind of KINDS) assertTold(thrownBy(() => pool.apply(throwOdd, [kind])));
  assert.is(pool.apply(throwOdd, ['']), before);
});

test('a manager whose object throws it goes on', () => {
  using manager = new Manager({ classes: { Thrower: { target: newThrower } } });
  const thrower = manager.create('Thrower') as unknown as { throwOdd(kind: string): number };
  const before = thrower.throwOdd('');
  for (const kind of KINDS) assertTold(thrownBy(() => thrower.throwOdd(kind)));
  assert.is(thrower.throwOdd(''), before);
});

test.run();
