// A process that does nothing but wait: `node wait-alone.js NAME ORDER`, NAME being one of `waits`.
import { Arena, type SyncError } from 'atomics-sync-free';
import { waits } from './waits.js';

const [name, order] = process.argv.slice(2);
const { wait, free } = waits[name](new Arena());

if (order === 'freed') {
  wait().then(() => console.log('waited'));
  // Alone it would not keep the process alive.
  setTimeout(free, 20).unref();
} else if (order === 'timed out') {
  wait({ timeout: 20 }).then(console.log, (error: SyncError) => console.log(error.code));
} else if (order === 'called back') {
  let reads = 0;
  const options = {
    get timeout() {
      // By then it is known that the time is one.
      if (++reads === 2) {
        free();
        wait({ timeout: 20 }).catch(() => {});
      }
      return 20;
    },
  };
  wait(options).then(
    () => console.log('over'),
    () => console.log('over'),
  );
} else {
  const abort = new AbortController();
  wait({ signal: abort.signal }).catch(console.log);
  setTimeout(() => abort.abort('aborted'), 20);
}
