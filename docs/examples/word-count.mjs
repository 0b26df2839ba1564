// Counts the words of all files of a directory: paths are taken lazily, and results come as they are ready.
import { mkdtemp, opendir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMain, Pool, task } from 'atomics-sync-free/multiprocessing';

const FILES = 20;

export const wordsOf = task(import.meta.url, 'wordsOf', async (path) => {
  const counts = {};
  for (const word of (await readFile(path, 'utf8')).match(/\w+/g) ?? []) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
});

async function* filesOf(directory) {
  for await (const entry of await opendir(directory)) yield join(directory, entry.name);
}

if (isMain) {
  const directory = await mkdtemp(join(tmpdir(), 'words-'));
  for (let i = 0; i < FILES; i++) await writeFile(join(directory, `${i}.txt`), 'to be or not to be '.repeat(i));
  const pool = new Pool(2, { concurrency: 4 });
  const total = {};
  for await (const counts of pool.imapUnordered(wordsOf, filesOf(directory))) {
    for (const [word, count] of Object.entries(counts)) total[word] = (total[word] ?? 0) + count;
  }
  console.log(`to ${total.to}, be ${total.be}, or ${total.or}, not ${total.not}`); // to 380, be 380, or 190, not 190
  pool.close();
  await pool.joinAsync();
  await rm(directory, { recursive: true });
}
