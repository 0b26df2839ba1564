// A program that prints what its workers see of the modules that Node was told to load first.
import { Pool } from 'atomics-sync-free/multiprocessing';
import { fromModule, isMain, Thread, task } from 'atomics-sync-free/threading';

/** Set by the module that is loaded first. */
const here = globalThis as { loadedFirst?: number };

export const seen = task(import.meta.url, 'seen', () => here.loadedFirst);

if (isMain) {
  const [compiled] = process.argv.slice(2);
  const target = compiled === undefined ? seen : fromModule<{ twice: () => number }>(compiled).twice;
  const thread = new Thread({ target });
  thread.start();
  await thread.joinAsync({ timeout: 20_000 });
  using pool = new Pool(1);
  for (const result of [async () => thread.result, () => pool.applyAsync(target)])
    console.log(await result().catch(({ code, message }: Error & { code?: string }) => `${code} ${message}`));
}
