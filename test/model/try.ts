import { explore } from 'atomics-sync-free/check';
import { lockScenario } from './lock.model.js';

const only = process.argv[2];
const run = (name: string, s: Parameters<typeof lockScenario>, max = 300_000) => {
  if (only && !name.includes(only)) return;
  const r = explore({ ...lockScenario(...s), maxStates: max });
  console.log(name.padEnd(40), r.verdict, r.states, r.transitions, `${r.ms.toFixed(0)} ms`);
  if (r.verdict === 'failed') console.log(String(r).slice(0, 7000));
};
const t = { kind: 'thread', rounds: 1 } as const;
const s = { ...t, starves: true } as const;
const l = { ...t, timed: true } as const;
const k = { kind: 'task', rounds: 1 } as const;
const reaper = { kind: 'reaper' } as const;
run('2 starving threads x 2', [
  [
    { ...s, rounds: 2 },
    { ...s, rounds: 2 },
  ],
]);
run('1 timed + 2 threads', [[l, t, t]]);
run('2 timed + 1 threads', [[l, l, t]]);
run('1 task 1 thread', [[k, t]]);
run('1 task 2 thread', [[k, t, t]]);
run('2 task 1 thread', [[k, k, t]]);
run('3 task', [[k, k, k]]);
run('1 starving timed, 1 starving, 1 thread', [[{ ...s, timed: true }, s, t]]);
run('try + 2 starving', [[{ kind: 'try' }, s, s]]);
run('kill: 3 threads + reaper', [[t, { ...t }, t, reaper], { kills: 1 }]);
