// The quick part of `npm run mutants`: of each primitive one mutant, which a scenario must catch.
import * as assert from 'uvu/assert';
import { atTestEnd, suite } from '../support/suite.js';
import { mutantsOf } from './mutate.js';
import { compiled, Nursery } from './nursery.js';

/** A module of the primitive, and how a mutant's name goes on after that. */
const chosen: readonly (readonly [primitive: string, file: string, mutant: string])[] = [
  ['Arena', 'core/layout.js', 'allocate: overwrite'],
  ['Lock', 'sync/mutex.js', 'acquirePass: drop | owed'],
  ['RLock', 'sync/rlock.js', '#free: leave out'],
  ['Semaphore', 'sync/semaphore.js', 'acquirePass: leave out: wake'],
  ['BoundedSemaphore', 'sync/semaphore.js', 'release: overwrite'],
  ['Event', 'sync/event.js', 'set: leave out: wake'],
  ['Condition', 'sync/condition.js', '#notify: leave out: Atomics.add'],
  ['Barrier', 'sync/barrier.js', '#change: leave out: wake'],
  ['RWLock', 'sync/rwmutex.js', 'writePass: overwrite'],
];

const test = suite('a mutant is caught');

for (const [primitive, file, name] of chosen) {
  test(`${primitive}: ${name}`, async () => {
    const mutant = mutantsOf(file, compiled(file)).find((each) => each.name.startsWith(`${file} ${name}`));
    assert.ok(mutant, `there is no such mutant of ${file}`);
    const nursery = new Nursery();
    atTestEnd(() => nursery.close());
    assert.ok(await nursery.hunt(mutant, [primitive]), 'it was not caught');
  });
}

test.run();
