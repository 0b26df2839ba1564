// A process that uses a lock and reports to its parent; its arguments are the URL, the lease in ms, and what to do.
import { connect } from 'atomics-sync-free/distributed';

const [url, lease, what] = process.argv.slice(2);
const cluster = await connect(url, { lease: Number(lease) });
const lock = cluster.Lock('shared');
const tell = (message: object) => process.send?.(message);

if (what === 'hold') {
  const held = await lock.holdAsync();
  held.signal.addEventListener('abort', () => tell({ aborted: held.signal.reason.code }));
  tell({ fence: held.fence });
  process.on('message', async () => {
    // A frozen holder that wakes up writes before it has checked anything.
    const written = await cluster
      .dict('guarded')
      .setAsync('by', 'frozen', { fence: held.fence })
      .catch(({ code }) => code);
    tell({ written });
  });
} else if (what === 'sections') {
  tell({ ready: true });
  await new Promise((resolve) => process.once('message', resolve));
  const sections: number[] = [];
  const until = performance.now() + 1500;
  while (performance.now() < until) {
    await lock.runAsync(async ({ fence }) => {
      sections.push(fence);
      const dict = cluster.dict<number>('inside');
      if (((await dict.getAsync('n')) ?? 0) !== 0) throw new Error('two are inside');
      await dict.setAsync('n', 1, { fence });
      await dict.setAsync('n', 0, { fence });
    });
  }
  tell({ sections });
  await cluster.closeAsync();
  process.disconnect();
}
