// Two processes that leave a pool of child processes open.
import { isMain, Pool, Process, task } from 'atomics-sync-free/multiprocessing';

const here = import.meta.url;
export const same = task(here, 'same', (x: number) => x);
export const leavePool = task(here, 'leavePool', async () => {
  await new Pool(1, { context: 'process' }).applyAsync(same, [1]);
});

if (isMain) {
  // While the second runs, the pool of the first has time to report something.
  for (let i = 0; i < 2; i++) {
    const process = new Process({ target: leavePool });
    process.start();
    process.join();
    console.log(process.exitcode);
  }
}
