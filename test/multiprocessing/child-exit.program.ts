// A program that ends while it has child processes; see child.long.ts.
import { type Connection, isMain, Pipe, Process, setStartMethod, task } from 'atomics-sync-free/multiprocessing';
import { endBy, spinFor } from './child.tasks.js';

export const last = task(import.meta.url, 'last', async (gate: Connection, daemon: number) => {
  await gate.recvAsync();
  console.log('the child is over');
  console.log(daemon);
});

if (isMain) {
  setStartMethod('process');
  const daemon = new Process({ target: spinFor, args: [60_000], daemon: true });
  daemon.start();
  new Process({ target: endBy, args: ['throw'], name: 'failing' }).start();
  const [reader, writer] = Pipe(false);
  new Process({ target: last, args: [reader, daemon.pid as number] }).start();
  console.log('main is over');
  writer.send(undefined);
}
