// A newcomer's way to a page by Vite, in Chromium.
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import * as assert from 'uvu/assert';
import * as vite from 'vite';
import { launchChromium } from '../support/chromium.js';
import { note } from '../support/notes.js';
import { atTestEnd, suite } from '../support/suite.js';
import { samples } from './bundles.js';
import { install, readmeExamples, Way } from './newcomer.js';
import { promisedBy } from './pages.js';
import { createFolder, INSTALLS, pack, removeFolder } from './project.js';

const test = suite("a newcomer's way");

/** How long a page may take, in ms. */
const LIMIT = 30_000;

let folder: string;
let home: string;
let pages: readonly Printing[];
let browser: Browser;
test.before(async () => {
  folder = await createFolder();
  home = join(folder, 'home');
  const tarball = await pack(folder);
  const way = new Way();
  pages = await way.step('npm install of the packed file', () => installPages(tarball));
  note(`a newcomer with Vite: ${way}`);
  browser = await launchChromium();
}, INSTALLS);
test.after(async () => {
  await browser.close();
  await removeFolder(folder);
});

const VITE = { logLevel: 'error', clearScreen: false } as const;
const LOCAL = { port: 0, host: '127.0.0.1' };

/** The two ways in which Vite serves a page, with what the folder's own configuration says. */
const SERVERS = {
  'its development server': async (root: string): Promise<string> => {
    const server = await vite.createServer({ ...VITE, root, server: LOCAL });
    atTestEnd(() => server.close());
    await server.listen();
    return server.resolvedUrls?.local[0] ?? '';
  },
  'its build': async (root: string): Promise<string> => {
    await vite.build({ ...VITE, root });
    const server = await vite.preview({ ...VITE, root, preview: LOCAL });
    atTestEnd(() => server.close());
    return server.resolvedUrls?.local[0] ?? '';
  },
};

for (const [name, serve] of Object.entries(SERVERS)) {
  test(
    `from an empty folder to what the README promises, in Chromium by Vite: ${name}`,
    async () => {
      const way = new Way();
      for (const { path, promised } of pages) {
        const printed = await way.step(path, async () => printedBy(await serve(join(home, path)), promised));
        assert.equal(printed, promised, path);
      }
      note(`a newcomer in Chromium by Vite, ${name}: ${way}`);
    },
    INSTALLS,
  );
}

/** A folder in the project that is a page, and the lines that it prints. */
interface Printing {
  readonly path: string;
  readonly promised: readonly string[];
}

/** Makes a page of each example, with the configuration of the guide; what is of Node has its counterpart there. */
async function installPages(tarball: string): Promise<Printing[]> {
  const shown = (await samples()).filter(({ name }) => name.startsWith('page/'));
  const configuration = shown.find(({ name }) => name === 'page/vite.config.js');
  assert.ok(configuration);
  const examples = (await readmeExamples()).filter(({ code }) => !code.includes("'node:"));
  assert.ok(examples.length >= 2, `${examples.length} examples`);
  const pages = examples.flatMap((example) => [
    { name: `${example.name}/main.mjs`, code: example.code },
    { name: `${example.name}/index.html`, code: '<!doctype html><script type="module" src="./main.mjs"></script>' },
    { name: `${example.name}/vite.config.js`, code: configuration.code },
  ]);
  await install(home, tarball, [...shown, ...pages]);
  return [
    { path: 'page', promised: ['counted to 40000'] },
    ...examples.map(({ name, code }) => ({ path: name, promised: promisedBy(code).split('\n') })),
  ];
}

/** What a page prints, as many lines as are promised; the sample of the guide says it by its title. */
async function printedBy(url: string, promised: readonly string[]): Promise<string[]> {
  const page = await browser.newPage();
  atTestEnd(() => page.close());
  const printed: string[] = [];
  page.on('console', (message) => void (message.type() === 'log' && printed.push(message.text())));
  page.on('pageerror', (error) => void printed.push(String(error)));
  await page.goto(url);
  const end = performance.now() + LIMIT;
  while (printed.length < promised.length && performance.now() < end) {
    const title = await page.title();
    if (title.startsWith('counted')) printed.push(title);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return printed;
}

test.run();
