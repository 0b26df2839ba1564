import {
  Arena,
  attach,
  attachWith,
  Condition,
  Event,
  Lock,
  RLock,
  RWLock,
  Semaphore,
  type Shareable,
  type Shared,
  share,
} from 'atomics-sync-free';
import { GIL } from 'atomics-sync-free/gil';
import { build } from 'esbuild';
import * as assert from 'uvu/assert';
import { refuses, syncError } from '../errors/refuses.js';
import { ROOT } from '../package/pages.js';
import { suite } from '../support/suite.js';

const test = suite('attachWith');

const arena = new Arena({ byteLength: 4096, agents: 2 });

/** What another agent would receive. */
const sent = <T>(value: T): Shared<T> => structuredClone(share(value)) as Shared<T>;

/** A message the agent has attached before: the first time, it makes sure in its own slot that it is the same memory. */
function seen<T>(message: Shared<T>): Shared<T> {
  attachWith(Lock, RLock, Event, RWLock, GIL)(message);
  return message;
}

test('it gives back objects of the classes it was given, and arenas, at any depth', () => {
  const attachSome = attachWith(Lock, Semaphore);
  const [lock, semaphore] = [new Lock({ arena }), new Semaphore(3, { arena })];
  const { deep, map, home } = attachSome(
    sent({ deep: [{ lock }], map: new Map([['semaphore', semaphore]]), home: arena }),
  );
  assert.instance(deep[0].lock, Lock);
  assert.is(deep[0].lock.cell, lock.cell);
  assert.is(map.get('semaphore')?.value, 3);
  assert.instance(home, Arena);
  assert.is(home.id, arena.id);
});

test('entries go together: one attach knows a GIL and a Lock', () => {
  const { gil, lock } = attachWith(
    GIL,
    Lock,
  )(sent({ gil: new GIL({ arena: new Arena() }), lock: new Lock({ arena }) }));
  assert.instance(gil, GIL);
  assert.instance(lock, Lock);
});

test('without classes it knows arenas alone', async () => {
  const attachNone = attachWith();
  assert.instance(attachNone(sent(arena)), Arena);
  await refuses(
    arena,
    () => attachNone(sent(new Lock({ arena: new Arena() }))),
    syncError('ERR_HANDLE', /^this attach knows Arena, not "Lock"; use attachWith/),
  );
});

test('it refuses what it was not given, names that and what it knows, and says what to do', async () => {
  const attachSome = attachWith(Lock, Semaphore);
  for (const [value, kind] of [
    [new RLock({ arena }), 'RLock'],
    [[new Lock({ arena }), new Event({ arena })], 'Event'],
    [new RWLock({ arena }).readLock, 'RWLock'],
    [new GIL({ arena: new Arena() }), 'GIL'],
  ] as const) {
    const message = seen(sent(value as object));
    await refuses(
      arena,
      () => attachSome(message),
      syncError(
        'ERR_HANDLE',
        `this attach knows Arena, Lock, Semaphore, not "${kind}"; use attachWith(), or the attach of the entry that ` +
          'exports it; a function on a worker can be given one if its module imports that entry',
      ),
      kind,
    );
  }
});

test('a Condition brings its lock along', () => {
  const attachCondition = attachWith(Condition);
  for (const lock of [new Lock({ arena }), new RLock({ arena })]) {
    const condition = attachCondition(sent(new Condition<Lock | RLock>(lock)));
    assert.is(condition.lock.constructor, lock.constructor);
    condition.run(() => assert.ok(lock.locked));
  }
});

test('what is not a class of the package is refused, and so are two classes of one kind', () => {
  const attachAny = attachWith as unknown as (...classes: readonly unknown[]) => unknown;
  for (const wrong of [undefined, null, 5, 'Lock', {}, class {}, () => {}, new Lock({ arena }), Date]) {
    assert.throws(
      () => attachAny(Lock, wrong),
      (error: unknown) =>
        error instanceof TypeError && error.message === 'attachWith() takes classes of this package, such as Lock',
    );
  }
  class OtherLock extends Lock {}
  assert.throws(
    () => attachAny(Lock, OtherLock),
    (error: unknown) =>
      error instanceof TypeError && error.message === 'attachWith() was given two classes of the kind Lock',
  );
  const attachTwice = attachWith(Lock, Lock);
  assert.instance(attachTwice(sent(new Lock({ arena }))), Lock);
});

test('a class of the user stands in for the one that it extends', () => {
  class Named extends Lock {
    readonly hello = 'hello';
  }
  const named = attachWith(Named)(sent(new Lock({ arena })) as Shared<Named>);
  assert.is(named.hello, 'hello');
  named.run(() => assert.ok(named.locked));
});

test('the views of an RWLock are shared as themselves, and work as one with it', () => {
  const lock = new RWLock({ arena });
  const { readLock, writeLock, both } = attach(
    sent({ readLock: lock.readLock, writeLock: lock.writeLock, both: lock }),
  );
  assert.is(readLock.constructor, lock.readLock.constructor);
  assert.is(writeLock.constructor, lock.writeLock.constructor);
  assert.instance(both, RWLock);
  readLock.acquire();
  assert.is(lock.readers, 1);
  both.readLock.release();
  assert.is(readLock.locked, false);
  writeLock.run(() => assert.ok(lock.writing && both.writing));
  assert.is(attachWith(RWLock)(sent(lock.readLock)).locked, false);
});

test('a view that the class does not have is refused', async () => {
  const handle = seen(sent(new RWLock({ arena }).readLock)) as { kind: string };
  assert.is(handle.kind, 'RWLock.readLock');
  for (const kind of ['RWLock.constructor', 'RWLock.acquireRead', 'RWLock.', 'RWLock.toString', 'Arena.id']) {
    await refuses(
      arena,
      () => attach({ ...handle, kind } as Shared<unknown>),
      syncError('ERR_HANDLE', /RWLock|Arena/),
      kind,
    );
  }
});

test('it is typed by what was shared, and takes classes, not types', () => {
  const message = sent({ lock: new Lock({ arena }) });
  const locked: boolean = attachWith(Lock)(message).lock.locked;
  assert.not(locked);
  const classes: readonly Shareable[] = [Lock, RLock, Semaphore, Event, Condition, RWLock, GIL];
  assert.is(classes.length, 7);
  // @ts-expect-error: an object, not its class
  assert.throws(() => attachWith(new Lock({ arena })), TypeError);
});

test('a bundle holds the classes that its attach is given, and no others', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents:
        "export { Lock, share } from 'atomics-sync-free'; import { attachWith, Lock } from 'atomics-sync-free'; export const attach = attachWith(Lock);",
      resolveDir: ROOT,
    },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'silent',
  });
  const { text } = outputFiles[0];
  // Its kind stands on each class, and names it.
  assert.match(text, /name: ?"Lock"/);
  assert.not.match(text, /name: ?"(Barrier|Condition|RWLock|RLock|Semaphore|BoundedSemaphore|Event)/);
});

test.run();
