// A parallel loop on all machines that have a worker. Each has this file, and needs nothing else of the program:
//
//   REDIS_URL=redis://127.0.0.1 npx atomics-sync-free worker --tasks docs/examples/primes.redis.mjs
//   REDIS_URL=redis://127.0.0.1 node docs/examples/primes.redis.mjs
import { delayed, isMain, Parallel, task } from 'atomics-sync-free/joblib/bullmq';

export const isPrime = task(import.meta.url, 'isPrime', (n) => {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return n > 1;
});

if (isMain) {
  const numbers = Array.from({ length: 10_000 }, (_, n) => n);
  const loop = new Parallel({ nJobs: -1, backend: 'bullmq', url: process.env.REDIS_URL });
  const answers = await loop.runAsync(numbers.map((n) => delayed(isPrime)(n)));
  console.log(`${answers.filter(Boolean).length} of ${numbers.length} numbers are primes`);
}
