// A crawler of a local server: each worker waits for several pages at once, all of them together for three at most, and a page
// that takes too long is given up.
import { createServer } from 'node:http';
import { currentTask, isMain, Pool, Semaphore, task } from 'atomics-sync-free/multiprocessing';

const PAGES = 15;
const MOST = 3;

export const linksOf = task(import.meta.url, 'linksOf', async (url, limit) => {
  const { signal } = currentTask();
  const hold = await limit.holdAsync({ signal });
  try {
    const text = await (await fetch(url, { signal })).text();
    return text.match(/\/page\/\d+/g) ?? [];
  } finally {
    hold.release();
  }
});

if (isMain) {
  let open = 0;
  let most = 0;
  const server = createServer(({ url }, response) => {
    most = Math.max(most, ++open);
    const page = Number(url.split('/').at(-1));
    const links = [2 * page + 1, 2 * page + 2].filter((next) => next < PAGES);
    setTimeout(() => {
      open--;
      response.end(links.map((next) => `<a href="/page/${next}">`).join(''));
    }, 5);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${server.address().port}`;

  const pool = new Pool(2, { concurrency: 4 });
  const limit = new Semaphore(MOST);
  const seen = new Set();
  const visit = async (path) => {
    if (seen.has(path)) return;
    seen.add(path);
    const links = await pool.applyAsync(linksOf, [base + path, limit], { timeout: 10_000 });
    await Promise.all(links.map(visit));
  };
  await visit('/page/0');
  console.log(`${seen.size} pages, never more than ${MOST} at once: ${most <= MOST}`); // 15 pages, never more than 3 at once: true
  pool.close();
  await pool.joinAsync();
  server.closeAllConnections();
  server.close();
}
