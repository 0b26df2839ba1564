// Threads download at the same time, at most two at once, and count what has come under a lock.
import { createServer } from 'node:http';
import { isMain, Lock, Semaphore, Thread, task } from 'atomics-sync-free/threading';

const FILES = 6;

export const download = task(import.meta.url, 'download', async (url, places, lock, bytes) => {
  const text = await places.runAsync(async () => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    return response.text();
  });
  lock.run(() => {
    bytes[0] += text.length;
  });
  return text.length;
});

if (isMain) {
  let [now, most] = [0, 0];
  const server = createServer((request, response) => {
    most = Math.max(most, ++now);
    const file = Number(request.url?.slice(1));
    setTimeout(() => {
      now--;
      if (file < FILES) response.end('x'.repeat(1000 * (file + 1)));
      else response.writeHead(404).end();
    }, 20);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();

  const [places, lock, bytes] = [new Semaphore(2), new Lock(), new Int32Array(new SharedArrayBuffer(4))];
  const threads = Array.from(
    { length: FILES + 1 },
    (_, i) => new Thread({ target: download, args: [`http://127.0.0.1:${port}/${i}`, places, lock, bytes] }),
  );
  for (const thread of threads) thread.start();
  // This agent serves, and so must not block. Reading the result as soon as a thread has ended keeps its error from the excepthook.
  const ended = await Promise.allSettled(
    threads.map(async (thread) => {
      await thread.joinAsync();
      return thread.result;
    }),
  );
  const failed = ended.filter(({ status }) => status === 'rejected').length;
  console.log(`${bytes[0]} bytes, never more than two at once: ${most <= 2}, ${failed} failed`); // 21000 bytes, never more than two at once: true, 1 failed
  server.close();
}
