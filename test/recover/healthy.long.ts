// A minute of agents and tasks that often wait for each other for long, and never in a circle: nobody is told of a deadlock.
import { Lock, RLock, RWLock, share } from 'atomics-sync-free';
import { GIL } from 'atomics-sync-free/gil';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { Crew } from '../support/workers.js';
import type { HealthyData, HealthyThings, Played } from './healthy.worker.js';

const test = suite('a healthy program');
const AGENTS = 4;
/** For how long it runs, in ms; HEALTHY_MS for another time. */
const TIME = Number(process.env.HEALTHY_MS ?? 60_000);
const LIMIT = TIME * 2 + 30_000;

test(
  'is told of no deadlock in a minute',
  async () => {
    const things: HealthyThings = {
      first: new RLock({ name: 'first' }),
      second: new RWLock({ name: 'second' }),
      third: new Lock({ name: 'third' }),
      fourth: new Lock({ name: 'fourth', deadlocks: 'throw' }),
      fifth: new RLock({ name: 'fifth' }),
      last: new GIL({ name: 'last' }),
    };
    const workerData: HealthyData = { shared: share(things), time: TIME };
    const url = new URL('./healthy.worker.js', import.meta.url);
    const crew = await Crew.start<Played>(url, { count: AGENTS, workerData, limit: LIMIT });
    const played = await crew.done();
    assert.equal(
      played.flatMap(({ told }) => told),
      [],
    );
    // Otherwise nobody has looked.
    assert.ok(
      played.every(({ rounds, long }) => rounds > 0 && long > 0),
      JSON.stringify(played),
    );
  },
  { limit: LIMIT },
);

test.run();
