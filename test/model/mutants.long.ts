// The quick part of `npm run mutants`: of each primitive one mutant, which a scenario must catch.
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { mutantsOf } from './mutate.js';
import { compiled, Nursery } from './nursery.js';

/** A module of the primitive, and how a mutant's name goes on after that. */
const chosen: readonly (readonly [primitive: string, file: string, mutant: string])[] = [
  ['Arena', 'core/memory/cells.js', 'take: overwrite'],
  ['Lock', 'sync/mutex.js', 'acquirePass: drop | owed'],
  ['RLock', 'sync/rlock.js', '#free: leave out'],
  ['Semaphore', 'sync/semaphore.js', 'acquirePass: leave out: wakeBlocked'],
  ['BoundedSemaphore', 'sync/semaphore.js', 'release: overwrite'],
  ['Event', 'sync/event.js', 'set: leave out: wake'],
  ['Condition', 'core/memory/records.js', 'entitle: leave out: Atomics.add'],
  ['Barrier', 'sync/barrier.js', '#update: leave out: wake'],
  ['RWLock', 'sync/rwmutex.js', 'writePass: overwrite'],
];

const test = suite('a mutant is caught');
const nursery = new Nursery();
test.after(() => nursery.close());

for (const [primitive, file, name] of chosen) {
  test(`${primitive}: ${name}`, async () => {
    const mutant = mutantsOf(file, compiled(file)).find((each) => each.name.startsWith(`${file} ${name}`));
    assert.ok(mutant, `there is no such mutant of ${file}`);
    assert.ok(await nursery.hunt(mutant, [primitive]), 'it was not caught');
  });
}

test.run();
