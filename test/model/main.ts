import { barriers } from './barrier.model.js';
import { conditions } from './condition.model.js';
import { events } from './event.model.js';
import { locks } from './lock.model.js';
import { rwlocks } from './rwlock.model.js';
import { semaphores } from './semaphore.model.js';
import { exploreModel } from './world.js';

const only = process.argv.slice(2);
for (const m of [...locks, ...semaphores, ...events, ...rwlocks, ...conditions, ...barriers]) {
  const label = `${m.primitive}: ${m.name}`;
  if (only.length && !only.every((o) => label.includes(o))) continue;
  const r = exploreModel(m, Number(process.env.MAX ?? 4e6));
  console.log(label.padEnd(60), r.verdict, r.states, r.transitions, `${r.ms.toFixed(0)} ms`);
  if (r.verdict === 'failed') console.log(String(r).slice(0, 7000));
}
