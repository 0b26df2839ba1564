import { defineStressTest, type Outcome } from '../test.js';

const outcomes: Outcome[] = [
  { result: '0, 0', expectation: 'INTERESTING', description: 'both late' },
  { result: '0, 1', expectation: 'ACCEPTABLE', description: 'a' },
  { result: '1, 0', expectation: 'ACCEPTABLE', description: 'b' },
  { result: '1, 1', expectation: 'ACCEPTABLE', description: 'c' },
];
export const plain = defineStressTest({
  module: import.meta.url,
  name: 'store-buffering/plain',
  description: 'x',
  words: { x: 0, y: 0, left: 0, right: 0 },
  actors: [
    ({ memory, x, y, left }) => {
      memory[x] = 1;
      memory[left] = memory[y];
    },
    ({ memory, x, y, right }) => {
      memory[y] = 1;
      memory[right] = memory[x];
    },
  ],
  arbiter: ({ memory, left, right }) => `${memory[left]}, ${memory[right]}`,
  outcomes,
});
export const atomic = defineStressTest({
  module: import.meta.url,
  name: 'store-buffering/atomics',
  description: 'x',
  words: { x: 0, y: 0, left: 0, right: 0 },
  actors: [
    ({ memory, x, y, left }) => {
      Atomics.store(memory, x, 1);
      memory[left] = Atomics.load(memory, y);
    },
    ({ memory, x, y, right }) => {
      Atomics.store(memory, y, 1);
      memory[right] = Atomics.load(memory, x);
    },
  ],
  arbiter: ({ memory, left, right }) => `${memory[left]}, ${memory[right]}`,
  outcomes,
});
