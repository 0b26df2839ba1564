// What bundlers make of the package for browsers, in a real one. Run by: node .build/test/run.js --suffix .browser.js
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import * as vite from 'vite';
import { launchChromium } from '../support/chromium.js';
import { atTestEnd, suite } from '../support/suite.js';
import { bundleByEsbuild, bundleByWebpack, samples } from './bundles.js';
import { createProject, INSTALLS, removeProject } from './project.js';

const test = suite('bundles in Chromium');

const ISOLATED = () => ({
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
});
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

let project: string;
let root: string;
let browser: Browser;

test.before(async () => {
  project = await createProject(await samples());
  root = join(project, 'page');
  browser = await launchChromium();
}, INSTALLS);
test.after(async () => {
  await browser.close();
  await removeProject(project);
});

/**
 * Serves the files of a bundle, with the sample's page beside them.
 *
 * @param headers - those of a file, besides its type
 * @returns the address
 */
async function serve(bundle: string, headers: (name: string) => OutgoingHttpHeaders): Promise<string> {
  const server = createServer(async (request, response) => {
    const name = request.url === '/' ? '/index.html' : (request.url ?? '');
    const file = name === '/index.html' ? join(root, name) : join(bundle, name);
    try {
      const content = await readFile(file);
      response.writeHead(200, { ...headers(name), 'Content-Type': TYPES[extname(name)] }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atTestEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function open(url: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  atTestEnd(() => page.close());
  const complaints: string[] = [];
  page.on('pageerror', (error) => void complaints.push(error.message));
  await page.goto(url);
  return { page, complaints };
}

/** Waits until the sample has done its work. */
async function counts(url: string): Promise<void> {
  const { page, complaints } = await open(url);
  await page
    .waitForFunction(() => document.title !== 'counting', undefined, { timeout: 20_000 })
    .catch((error) => {
      throw new Error(`${error}\n${complaints.join('\n')}`);
    });
  assert.is(await page.title(), 'counted to 40000');
  assert.equal(complaints, []);
}

const VITE = { logLevel: 'error', clearScreen: false } as const;

test('Vite: its build, with the headers of the guide', async () => {
  await vite.build({ ...VITE, root });
  const server = await vite.preview({ ...VITE, root, preview: { port: 0, host: '127.0.0.1' } });
  atTestEnd(() => server.close());
  await counts(server.resolvedUrls?.local[0] ?? '');
});

test('Vite: its development server', async () => {
  const server = await vite.createServer({ ...VITE, root, server: { port: 0, host: '127.0.0.1' } });
  atTestEnd(() => server.close());
  await server.listen();
  await counts(server.resolvedUrls?.local[0] ?? '');
});

test('esbuild', async () => counts(await serve(await bundleByEsbuild(root, ['main.js', 'worker.js']), ISOLATED)));

test('webpack', async () => counts(await serve(await bundleByWebpack(root), ISOLATED)));

test('a page that is not isolated is told so', async () => {
  const bundle = await bundleByEsbuild(root, ['main.js', 'worker.js']);
  const { page, complaints } = await open(await serve(bundle, () => ({})));
  assert.not(await page.evaluate(() => crossOriginIsolated));
  assert.is(complaints.length, 1);
  assert.match(complaints[0], /Cross-Origin-Opener-Policy: same-origin/);
});

/** Bundles a page's script in the place of the sample's, and waits for the title that it sets. */
async function titleSetBy(script: string, headers: (name: string) => OutgoingHttpHeaders): Promise<string> {
  const source = join(root, 'other');
  await mkdir(source, { recursive: true });
  await writeFile(join(source, 'main.js'), script);
  await cp(join(root, 'worker.js'), join(source, 'worker.js'));
  const { page } = await open(await serve(await bundleByEsbuild(source, ['main.js', 'worker.js']), headers));
  await page.waitForFunction(() => document.title !== 'counting', undefined, { timeout: 20_000 });
  return page.title();
}

test("the page's own thread is refused to block, and can do what needs no waiting", async () => {
  const script = `
    import { Barrier, Event, Lock } from 'atomics-sync-free';
    const codeOf = (call) => {
      try {
        return String(call());
      } catch (error) {
        return error.code;
      }
    };
    const lock = new Lock();
    const titles = [() => lock.acquire(), () => lock.acquire(10), () => new Event().wait(), () => new Barrier(1).wait()];
    document.title = titles.map(codeOf).join(' ');
  `;
  const refused = 'ERR_BLOCKING_REFUSED';
  assert.is(await titleSetBy(script, ISOLATED), `true ${refused} ${refused} ${refused}`);
});

test('what a frame holds is abandoned when the frame is removed, although its thread lives on', async () => {
  const script = `
    import { attach, Lock, share } from 'atomics-sync-free';
    if (parent === window) {
      const lock = new Lock();
      window.shared = share(lock);
      const held = new Promise((resolve) => (window.begin = resolve));
      const frame = document.createElement('iframe');
      frame.src = '/';
      document.body.append(frame);
      await held;
      frame.remove();
      document.title = await lock.acquireAsync({ timeout: 5000 }).then(String, ({ code }) => code);
    } else {
      await attach(structuredClone(parent.shared)).acquireAsync();
      parent.begin();
    }
  `;
  assert.is(await titleSetBy(script, ISOLATED), 'ERR_OWNER_DIED');
});

test('a worker script without the header gives an error event without a message', async () => {
  const script = `
    const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    worker.onerror = (event) => (document.title = [event.type, event.message].join());
  `;
  const headers = (name: string) => (name === '/worker.js' ? {} : ISOLATED());
  assert.is(await titleSetBy(script, headers), 'error,');
});

test.run();
