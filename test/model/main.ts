import { models } from './catalogue.js';
import { exploreModel } from './world.js';

const only = process.argv.slice(2);
for (const m of models) {
  const label = `${m.primitive}: ${m.name}`;
  if (only.length && !only.every((o) => label.includes(o))) continue;
  const r = exploreModel(m, Number(process.env.MAX ?? 4e6));
  console.log(label.padEnd(75), `${m.bound ?? ''}`, r.verdict, r.states, r.transitions, `${r.ms.toFixed(0)} ms`);
  if (r.verdict === 'failed') console.log(String(r).slice(0, 7000));
}
