// A process without `Atomics.waitAsync`, in which every kind of wait ends in one way: `node without-wait-async.js ORDER`.
import type { SyncError } from 'atomics-sync-free';

Reflect.deleteProperty(Atomics, 'waitAsync');
const { Arena } = await import('atomics-sync-free');
const { waits } = await import('./waits.js');

const [order] = process.argv.slice(2);

/** How a wait of each kind ended, by name. */
async function each(end: (wait: (typeof waits)[string]) => Promise<unknown>): Promise<void> {
  await Promise.all(
    Object.entries(waits).map(async ([name, make]) => {
      const how = await end(make).catch((error: SyncError | string) => (error as SyncError).code ?? error);
      if (order !== 'timers') console.log(`${name}: ${how}`);
    }),
  );
}

const ways: Readonly<Record<string, (make: (typeof waits)[string]) => Promise<unknown>>> = {
  freed: (make) => {
    const { wait, free } = make(new Arena());
    // Alone it would not keep the process alive.
    setTimeout(free, 20).unref();
    return wait().then(() => 'waited');
  },
  'timed out': (make) => make(new Arena()).wait({ timeout: 20 }),
  aborted: (make) => {
    const abort = new AbortController();
    setTimeout(() => abort.abort('aborted'), 20);
    return make(new Arena()).wait({ signal: abort.signal });
  },
};

if (order === 'timers') {
  for (const way of Object.values(ways)) await each(way);
  // Longer than between two looks.
  await new Promise((resolve) => setTimeout(resolve, 50));
  console.log(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length);
} else {
  await each(ways[order]);
}
