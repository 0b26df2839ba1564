// A worker started by hand that has a proxy of a dict.
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { attach, type DictProxy, type SyncError } from 'atomics-sync-free/multiprocessing';

const { dict } = attach<{ dict: DictProxy<string, number> }>(workerData);
const port = parentPort as NonNullable<typeof parentPort>;
dict.set('m', 2);
port.postMessage([dict.get('n'), await dict.getAsync('n')]);
await once(port, 'message');
try {
  dict.get('n');
} catch (error) {
  port.postMessage((error as SyncError).code);
}
