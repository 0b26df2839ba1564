// Programs that end while a pool is at work, each in the way of its name; see python-hangs.long.ts.
import { isMain, Pool } from 'atomics-sync-free/multiprocessing';
import { later, spin } from './pool.tasks.js';

const ends = {
  /** Exits while the workers are busy for ever. */
  async exit() {
    const pool = new Pool(2);
    const busy = [pool.applyAsync(spin), pool.applyAsync(spin)];
    while (pool.statistics().running < busy.length) await new Promise((resolve) => setTimeout(resolve, 1));
    process.exit(3);
  },
  /** Blocks until it is interrupted. */
  interrupt() {
    const pool = new Pool(2);
    console.log(pool.apply(later, [1]));
    pool.apply(spin);
  },
  /** Closes the pool while there is work to be done, and does not join it. */
  close() {
    const pool = new Pool(2);
    for (const x of [1, 2, 3]) pool.applyAsync(later, [x, 20], { callback: (result) => console.log(result) });
    pool.close();
  },
};

if (isMain) await ends[process.argv[2] as keyof typeof ends]();
