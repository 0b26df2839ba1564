// Threads in a real browser, as bundlers make them. Run by: node .build/test/run.js --suffix .browser.js
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import * as assert from 'uvu/assert';
import * as vite from 'vite';
import { launchChromium } from '../support/chromium.js';
import { atTestEnd, suite } from '../support/suite.js';
import { bundleByEsbuild, bundleByWebpack } from './bundles.js';
import { createProject, INSTALLS, removeProject } from './project.js';
import { THREADS } from './threads.js';

const test = suite('threads in Chromium');

const ISOLATED = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

const LOCAL = { port: 0, host: '127.0.0.1' } as const;

let project: string;
let root: string;
let browser: Browser;

test.before(async () => {
  project = await createProject(THREADS);
  root = join(project, 'page');
  browser = await launchChromium();
}, INSTALLS);
test.after(async () => {
  await browser.close();
  await removeProject(project);
});

/** Serves a bundle beside the page. */
async function serve(bundle: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const server = createServer(async ({ url = '/' }, response) => {
    const [path] = url.split('?');
    const name = path === '/' ? '/index.html' : path;
    const content = await readFile(name === '/index.html' ? join(root, name) : join(bundle, name)).catch(
      () => undefined,
    );
    const type = TYPES[extname(name)] ?? 'text/plain';
    response.writeHead(content ? 200 : 404, { ...ISOLATED, ...headers, 'Content-Type': type }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atTestEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** What the page has found out, by name. */
async function foundBy(url: string, which = ''): Promise<Record<string, unknown>> {
  const page = await browser.newPage();
  atTestEnd(() => page.close());
  const complaints: string[] = [];
  page.on('pageerror', (error) => void complaints.push(error.message));
  page.on('console', (message) => void complaints.push(message.text()));
  await page.goto(`${url}?${which}`);
  await page
    .waitForFunction(() => document.title !== 'working', undefined, { timeout: 30_000 })
    .catch((error) => {
      throw new Error(`${error}\n${complaints.join('\n')}`);
    });
  return JSON.parse(await page.title());
}

/** What every bundler's page finds of threads by a task. */
const BY_TASK = {
  task: 50,
  lock: true,
  nested: 81,
  thrown: ['OutOfCheese', true, 'E_CHEESE'],
  inWorker: 'blocked: 121',
};
/** What it finds of threads by a file that serves. */
const BY_SERVE = { serve: 27, thrown: ['RangeError', false, 'E_CUBE'] };

test('Vite builds both', async () => {
  await vite.build({ root, logLevel: 'error' });
  const server = await vite.preview({ root, logLevel: 'error', preview: { ...LOCAL, headers: ISOLATED } });
  atTestEnd(() => server.close());
  const at = server.resolvedUrls?.local[0] ?? '';
  assert.equal(await foundBy(at, 'task'), BY_TASK);
  assert.equal(await foundBy(at, 'serve'), BY_SERVE);
});

test('Vite serves both in development', async () => {
  const server = await vite.createServer({
    root,
    logLevel: 'error',
    server: { ...LOCAL, headers: ISOLATED },
  });
  atTestEnd(() => server.close());
  await server.listen();
  const at = server.resolvedUrls?.local[0] ?? '';
  assert.equal(await foundBy(at, 'task'), BY_TASK);
  assert.equal(await foundBy(at, 'serve'), BY_SERVE);
});

test('esbuild builds both', async () => {
  const at = await serve(await bundleByEsbuild(root, ['main.js', 'work.js']));
  assert.equal(await foundBy(at, 'task'), BY_TASK);
  assert.equal(await foundBy(at, 'serve'), BY_SERVE);
});

test('webpack builds a file that serves', async () => {
  assert.equal(await foundBy(await serve(await bundleByWebpack(root)), 'serve'), BY_SERVE);
});

test('what a bundler breaks is an error that says which way to take', async () => {
  const at = await serve(await bundleByEsbuild(root, ['main.js', 'work.js']));
  const { source, module } = await foundBy(at, 'broken');
  for (const message of [source, module])
    assert.match(String(message), /ERR_FUNCTION.*give the function to task\(\) or serve\(\)/);
});

test('a page that forbids workers from blobs is told so', async () => {
  const headers = { 'Content-Security-Policy': "worker-src 'self'" };
  const at = await serve(await bundleByEsbuild(root, ['main.js', 'work.js']), headers);
  const { code, why } = await foundBy(at, 'forbidden');
  assert.is(code, 'ERR_WORKER_DIED');
  assert.match(String(why), /^the page's Content-Security-Policy .* worker-src blob:, or .* serve\(\)/);
  assert.equal(await foundBy(at, 'serve'), BY_SERVE);
});

test('a worker that the package has not started is told that nobody starts workers for it', async () => {
  const at = await serve(await bundleByEsbuild(root, ['main.js', 'work.js']));
  assert.equal(await foundBy(at, 'stranger'), { code: 'ERR_NO_SPAWNER' });
});

test('a worker may serve late, and one that ends by itself or by the page is an error of its function', async () => {
  const at = await serve(await bundleByEsbuild(root, ['main.js', 'work.js', 'late.js'], { splitting: true }));
  assert.equal(await foundBy(at, 'ends'), {
    late: 2,
    closed: ['ERR_WORKER_DIED', 0, true],
    served: 'ERR_WORKER_DIED',
    terminated: 'it was terminated',
  });
});

test('the main thread of the page is refused to block, and a daemon and a timer can be given up', async () => {
  const at = await serve(await bundleByEsbuild(root, ['main.js', 'work.js']));
  assert.equal(await foundBy(at, 'main'), { join: 'ERR_BLOCKING_REFUSED', timer: [true, false], timed: 42 });
});

test.run();
