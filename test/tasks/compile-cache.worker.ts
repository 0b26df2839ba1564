// A program that asks Node for a compile cache, and prints its directory in main and in what main starts.
import module from 'node:module';
import { Pool } from 'atomics-sync-free/multiprocessing';
import { isMain, Thread, task } from 'atomics-sync-free/threading';

type WithCache = typeof module & {
  readonly enableCompileCache?: (directory: string) => void;
  readonly getCompileCacheDir?: () => string | undefined;
};
const { enableCompileCache, getCompileCacheDir } = module as WithCache;

export const cache = task(import.meta.url, 'cache', () => getCompileCacheDir?.() ?? 'none');
/** The cache of a thread started by a thread. */
export const cacheOfNext = task(import.meta.url, 'cacheOfNext', async () => {
  const thread = new Thread({ target: cache });
  thread.start();
  await thread.joinAsync();
  return thread.result;
});

if (isMain) {
  if (process.argv[2] !== undefined) enableCompileCache?.(process.argv[2]);
  const own = getCompileCacheDir?.() ?? 'none';
  const seen: unknown[] = [];
  for (const target of [cache, cacheOfNext]) {
    const thread = new Thread({ target });
    thread.start();
    await thread.joinAsync();
    seen.push(thread.result);
  }
  for (const context of ['worker', 'process'] as const) {
    await using pool = new Pool(1, { context });
    seen.push(await pool.applyAsync(cache));
  }
  console.log(JSON.stringify({ own, seen }));
}
