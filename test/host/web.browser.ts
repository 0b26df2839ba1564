// Web Workers of the host layer in a real browser, and a recording by the workers of a stress run there.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import type { Exit, HostWorker } from '#dist/host/host.js';
import { ROOT } from '../package/pages.js';
import { launchChromium } from '../support/chromium.js';
import { suite } from '../support/suite.js';
import type { Order } from './host.worker.js';

const test = suite('workers of Chromium');

/** What the page offers: a worker that does what it is ordered, and a recording. */
const PAGE = `
  import { processors, start } from '#host';
  import { catalogue, recordOutcome, selectTests } from 'atomics-sync-free/stress';
  window.processors = processors;
  window.order = (what, entry = './host.worker.js') => {
    const said = [];
    const data = { what, words: new Int32Array(new SharedArrayBuffer(4)) };
    const worker = start(new URL(entry, import.meta.url), { data, onMessage: (message) => said.push(message) });
    return { worker, said };
  };
  window.record = (name, result) => recordOutcome(selectTests(catalogue, [name])[0], result, { seconds: 30 });
`;
interface Globals {
  readonly processors: () => number;
  readonly order: (what: Order['what'], entry?: string) => { worker: HostWorker; said: unknown[] };
  readonly record: (name: string, result: string) => Promise<{ steps: { text: string }[] } | undefined>;
}

let folder: string;
let browser: Browser;
let page: Page;
let close: () => void;

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'host-'));
  await writeFile(join(folder, 'index.html'), '<!DOCTYPE html><script type="module" src="stdin.js"></script>');
  const at = (path: string): string => join(ROOT, path);
  await build({
    stdin: { contents: PAGE, resolveDir: ROOT },
    entryPoints: {
      'host.worker': fileURLToPath(new URL('./host.worker.js', import.meta.url)),
      worker: at('dist/stress/worker.js'),
      catalogue: at('dist/stress/catalogue/index.js'),
    },
    outdir: folder,
    entryNames: '[name]',
    bundle: true,
    splitting: true,
    format: 'esm',
    logLevel: 'error',
  });
  const server = createServer(async ({ url = '' }, response) => {
    const name = url === '/' ? 'index.html' : url.slice(1);
    const content = await readFile(join(folder, name)).catch(() => undefined);
    response.writeHead(content ? 200 : 404, {
      'Content-Type': name.endsWith('.html') ? 'text/html' : 'text/javascript',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  browser = await launchChromium();
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => 'order' in globalThis);
});
test.after(async () => {
  await browser.close();
  close();
  await rm(folder, { recursive: true });
});

/** How a worker ends in the page that does what it is ordered; an error comes with its class and message. */
function exitOf(what: Order['what'], entry?: string): Promise<Exit | { cause: string; error: string[] }> {
  return page.evaluate(
    async ([what, entry]) => {
      const exit = await (globalThis as unknown as Globals).order(what, entry).worker.exit;
      if (exit.cause !== 'threw') return exit;
      const { name, message } = exit.error as Error;
      return { cause: exit.cause, error: [name, message] };
    },
    [what, entry] as const,
  );
}

test('messages go both ways in their order, and a worker that listens ends with its work', async () => {
  const seen = await page.evaluate(async () => {
    const { worker, said } = (globalThis as unknown as Globals).order('echo');
    for (const message of [1, { two: 2 }, 'last']) worker.send(message);
    return [await worker.exit, ...said];
  });
  const end = { cause: 'ended', code: 0 };
  assert.equal(seen, [end, 'started', { heard: 1 }, { heard: { two: 2 } }, { heard: 'last' }]);
});

test('a worker that has nothing to do ends', async () => {
  assert.equal(await exitOf('nothing'), { cause: 'ended', code: 0 });
});

test('what a worker throws comes with its class and message, and what cannot be cloned as text', async () => {
  assert.equal(await exitOf('throw'), { cause: 'threw', error: ['RangeError', 'out of cheese'] });
  assert.equal(await exitOf('reject'), { cause: 'threw', error: ['TypeError', 'later'] });
  assert.equal(await exitOf('throw a function'), { cause: 'threw', error: ['Error', String(Math.max)] });
});

test('a worker that cannot be loaded has thrown', async () => {
  const exit = await exitOf('nothing', './no-such.js');
  assert.is(exit.cause, 'threw');
  assert.match(String((exit as { error: string[] }).error), /no-such\.js could not be loaded/);
});

for (const what of ['block', 'spin'] as const) {
  test(`a worker is terminated in a ${what}`, async () => {
    const exit = await page.evaluate(async (what) => {
      const { worker, said } = (globalThis as unknown as Globals).order(what);
      while (said.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      await worker.terminate();
      return worker.exit;
    }, what);
    assert.equal(exit, { cause: 'terminated' });
  });
}

test('there is at least one processor', async () => {
  assert.ok((await page.evaluate(() => (globalThis as unknown as Globals).processors())) >= 1);
});

test('a stress run in the page records an iteration with the wanted result', async () => {
  const recording = await page.evaluate(() =>
    (globalThis as unknown as Globals).record('lost-update/unprotected', 'lost'),
  );
  assert.equal(recording?.steps.map(({ text }) => text).sort(), [
    'read counter → 0',
    'read counter → 0',
    'write counter ← 1',
    'write counter ← 1',
  ]);
});

test.run();
