// A search for primes in ranges, which reports its progress, and goes on when a worker has died.
import { isMain, Pool, task } from 'atomics-sync-free/multiprocessing';

const STEP = 10_000;
const RANGES = 40;

export const primesFrom = task(import.meta.url, 'primesFrom', (from) => {
  let count = 0;
  for (let n = Math.max(2, from); n < from + STEP; n++) {
    let prime = true;
    for (let d = 2; prime && d * d <= n; d++) prime = n % d !== 0;
    if (prime) count++;
  }
  return count;
});

if (isMain) {
  const pool = new Pool(2);
  const seen = [];
  const counts = await pool.mapAsync(
    primesFrom,
    Array.from({ length: RANGES }, (_, i) => i * STEP),
    { chunkSize: 1, retries: 2, onProgress: ({ done, total }) => seen.push(Math.floor((100 * done) / total)) },
  );
  const sum = counts.reduce((a, b) => a + b);
  console.log(`${sum} primes below ${RANGES * STEP}; the last progress was ${seen.at(-1)} %`); // 33860 primes below 400000; the last progress was 100 %
  pool.close();
  await pool.joinAsync();
}
