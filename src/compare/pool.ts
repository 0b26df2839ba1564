/** A Pool that does the work. */
import { Pool } from '../multiprocessing/index.js';
import type { Crew } from './crew.js';
import { begin, one, type Work } from './work.js';

/**
 * Opens a pool.
 *
 * @param works the work it will be measured by
 * @param workers how many workers it has
 */
export function openPool(works: readonly Work[], workers: number): Crew {
  const pool = new Pool(workers, { initializer: begin, initargs: [works] });
  return {
    async measure(work) {
      const calls = Array.from({ length: work.tasks }, (_, index): [Work, number] => [work, index]);
      const began = performance.now();
      const values = await pool.starmapAsync(one, calls, { chunkSize: 1 });
      return { elapsed: performance.now() - began, sum: values.reduce((sum, value) => sum + value, 0) };
    },
    async close() {
      pool.terminate();
      await pool.joinAsync();
    },
  };
}
