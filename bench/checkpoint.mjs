// What a GIL's checkpoint costs when nobody asks, as a ratio to the one Atomics.load that it cannot do without. Rounds of
// the two alternate, and medians are compared, because a shared machine drifts.
import { GIL } from 'atomics-sync-free/gil';

const CALLS = 5_000_000;
const ROUNDS = 21;

const words = new Int32Array(new SharedArrayBuffer(64));
const gil = new GIL();
gil.acquire();

let sum = 0;
const contenders = {
  'Atomics.load': () => {
    for (let i = 0; i < CALLS; i++) sum += Atomics.load(words, 3);
  },
  checkpoint: () => {
    for (let i = 0; i < CALLS; i++) gil.checkpoint();
  },
};

const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
for (let round = -2; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(contenders)) {
    const start = performance.now();
    run();
    if (round >= 0) times[name].push(((performance.now() - start) / CALLS) * 1e6);
  }
}
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
const base = median(times['Atomics.load']);
for (const [name, list] of Object.entries(times)) {
  const ns = median(list);
  console.log(`${name.padEnd(14)} ${ns.toFixed(2).padStart(6)} ns  ${(ns / base).toFixed(2)}`);
}
if (sum !== 0) throw new Error('the word was not 0');
