// An uncontended pair of calls of a Lock, recorded or not: trace.mjs HOW [calls]. HOW is `never`, `off` (the recorder is loaded),
// `on`, `stacks`, or `after` (a recording). With `calls`, the answer is which Atomics calls a turn makes.
import { Arena, Lock } from 'atomics-sync-free';
import { countCalls } from '../lib/calls.mjs';
import { serve, timed } from '../lib/serve.mjs';

const [, , how, mode] = process.argv;
const count = mode === 'calls' ? countCalls() : undefined;
const lock = new Lock();

const loop = (n) => {
  for (let i = 0; i < n; i++) {
    lock.acquire();
    lock.release();
  }
};

if (how !== 'never') {
  const { start, stop } = await import('atomics-sync-free/trace');
  if (how !== 'off') start({ arena: new Arena({ byteLength: 2 ** 22 }), stacks: how === 'stacks' });
  if (how === 'after') {
    loop(1000);
    stop();
  }
}
if (count === undefined) serve(timed(loop, 1000));
else {
  loop(1);
  serve((turns) => Object.fromEntries(Object.entries(count(() => loop(turns))).map(([name, n]) => [name, n / turns])));
}
