import { exploreModel } from './world.js';
import { locks } from './lock.model.js';
const only = process.argv.slice(2);
for (const m of [...locks]) {
  const label = `${m.primitive}: ${m.name}`;
  if (only.length && !only.every(o=>label.includes(o))) continue;
  const r = exploreModel(m, 4_000_000);
  console.log(label.padEnd(60), r.verdict, r.states, r.transitions, `${r.ms.toFixed(0)} ms`);
  if (r.verdict === 'failed') console.log(String(r).slice(0, 7000));
}
