// The site in docs/api, as `npm run docs` made it, served by `npm run docs:serve` and looked at in a real browser.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { launchChromium } from '../support/chromium.js';
import { atTestEnd, suite } from '../support/suite.js';

const test = suite('site in Chromium');

const root = new URL('../../../', import.meta.url);
const site = new URL('docs/api/', root);
const TRY_IT = 'guides/try-it.html';
/** How long the tests of a race may take on a busy machine, in ms; each has 15 s to meet, and as long to be recorded. */
const RACES = 200_000;
/** How often a race is run until it shows itself. */
const TURNS = 5;

let server: ChildProcess;
let address: string;
let browser: Browser;

test.before(async () => {
  assert.ok(existsSync(site), 'docs/api is there; run `npm run docs` first');
  const script = fileURLToPath(new URL('docs/site/serve.mjs', root));
  server = spawn(process.execPath, [script, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  assert.ok(server.stdout);
  [address] = (await once(createInterface(server.stdout), 'line')) as [string];
  browser = await launchChromium();
});
test.after(async () => {
  await browser.close();
  server.kill();
});

/** Opens a page; whatever the browser complains of ends up in `complaints`. */
async function open(path: string, options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext(options);
  atTestEnd(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => void complaints.push(error.message));
  await page.goto(address + path);
  return { page, complaints };
}

const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.html'));
const textOf = (path: string): string => readFileSync(new URL(path, site), 'utf8');

/** The contents of a typedoc asset that holds an index: a script that sets one compressed string. */
function indexIn(asset: string): unknown {
  const [, data] = /"([\w+/=]+)"/.exec(textOf(asset)) ?? [];
  return JSON.parse(inflateSync(Buffer.from(data, 'base64')).toString());
}

/** The values of all properties of that name, at any depth. */
function* all(value: unknown, name: string): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    if (key === name && typeof item === 'string') yield item;
    yield* all(item, name);
  }
}

test('every link of the site, its navigation and its search leads somewhere, and to an anchor that is there', () => {
  const links = pages.flatMap((page) =>
    [...textOf(page).matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, link]) => ({ page, link })),
  );
  for (const link of all(indexIn('assets/navigation.js'), 'path')) links.push({ page: 'index.html', link });
  const { rows } = indexIn('assets/search.js') as { rows: unknown };
  for (const link of all(rows, 'url')) links.push({ page: 'index.html', link });

  const ids = new Map<string, Set<string>>();
  const idsOf = (path: string): Set<string> => {
    const known = ids.get(path) ?? new Set([...textOf(path).matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id));
    ids.set(path, known);
    return known;
  };
  const dead = new Set<string>();
  let inside = 0;
  for (const { page, link } of links) {
    const target = new URL(link.replaceAll('&amp;', '&'), new URL(page, site));
    if (target.protocol !== 'file:') continue;
    inside++;
    const { hash } = target;
    target.hash = '';
    if (target.pathname.endsWith('/')) target.pathname += 'index.html';
    const path = target.href.slice(site.href.length);
    const isThere = target.href.startsWith(site.href) && existsSync(target);
    if (!isThere || (hash !== '' && !idsOf(path).has(decodeURIComponent(hash.slice(1))))) dead.add(`${page}: ${link}`);
  }
  assert.ok(pages.length > 100 && inside > 1000, `${pages.length} pages, ${inside} links`);
  assert.equal([...dead], []);
});

test('nothing of it names a host of source code', () => {
  const named = pages.filter((page) => /(github|gitlab|bitbucket)\.(com|org)/.test(textOf(page)));
  assert.equal(named, []);
});

test(
  'pages of every sort load without a complaint',
  async () => {
    const sorts = new Map(pages.map((path) => [path.split('/')[0], path]));
    const { page, complaints } = await open('');
    for (const path of [...sorts.values(), ...pages.filter((each) => each.startsWith('guides/'))]) {
      await page.goto(address + path);
      assert.not.equal(await page.title(), '', path);
      assert.equal(complaints, [], path);
    }
  },
  { limit: 120_000 },
);

test('search finds Condition.waitFor and goes there', async () => {
  const { page } = await open('');
  await page.keyboard.press('/');
  const found = page.locator('#tsd-search-results a[href$="Condition.html#waitfor"]');
  for (const words of ['waitFor', 'Condition.waitFor']) {
    await page.locator('#tsd-search-input').fill(words);
    await found.waitFor();
  }
  await found.click();
  await page.waitForURL(/Condition\.html#waitfor$/i);
  assert.match((await page.locator('h1').textContent()) ?? '', /Condition/);
});

test('a declaration leads to its line in the source', async () => {
  const { page } = await open('classes/atomics-sync-free.Condition.html');
  await page
    .getByRole('link', { name: /^src\/sync\/condition\.ts:\d+$/ })
    .first()
    .click();
  assert.match((await page.locator('.line:target').textContent()) ?? '', /export class Condition/);
});

test('what is outside the site is not served', async () => {
  for (const path of [
    '../package.json',
    '%2e%2e/site/serve.mjs',
    '..%2fsite%2fserve.mjs',
    '%00',
    '%',
    'nothing.html',
  ]) {
    assert.is((await fetch(address + path)).status, 404, path);
  }
  assert.is((await fetch(address, { method: 'POST' })).status, 405);
  const { headers } = await fetch(address);
  assert.is(headers.get('cross-origin-opener-policy'), 'same-origin');
  assert.is(headers.get('cross-origin-embedder-policy'), 'require-corp');
});

/** Runs a race by keyboard alone, and waits for the end. */
async function runRace(page: Page, race: string): Promise<void> {
  await page.getByLabel('Race').selectOption(race);
  await page.getByLabel('Seconds for each test').fill('0.2');
  await page.getByRole('button', { name: 'Run' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText(/^Running /).waitFor();
  assert.is(await page.evaluate(() => document.activeElement?.textContent), 'Stop');
  await page.getByText(/^Done: /).waitFor({ timeout: RACES });
}

/** How often a test of the page has seen a result. */
async function samples(page: Page, name: string, result: string): Promise<number> {
  const row = page.getByRole('region', { name }).getByRole('row', { name: new RegExp(`^${result} `) });
  return Number((await row.getByRole('cell').first().textContent())?.replaceAll(',', ''));
}

test(
  'the page "Try it" shows a lost update and how it came about, and none under a Lock',
  async () => {
    const { page, complaints } = await open(TRY_IT);
    const timeline = page
      .getByRole('region', { name: 'lost-update/unprotected' })
      .getByRole('img', { name: /^Timeline of an iteration with the result lost,/ });
    // On a busy machine workers may not meet, neither to be counted nor to be recorded.
    for (let turn = 0; turn < TURNS; turn++) {
      await runRace(page, 'lost-update');
      if ((await timeline.count()) === 1) break;
    }
    assert.match(
      (await page.getByRole('status').textContent()) ?? '',
      /^Done: (8 passed|[1-7] passed, \d not seen)\.$/,
    );
    assert.ok((await samples(page, 'lost-update/unprotected', 'lost')) > 0);
    assert.ok((await samples(page, 'lost-update/lock', 'exact')) > 0);
    assert.is(await samples(page, 'lost-update/lock', 'lost'), 0);
    assert.is(await timeline.getByText('read counter → 0').count(), 2);
    assert.equal(complaints, []);
  },
  { limit: TURNS * RACES },
);

test(
  'it sees workers that wait for each other hang, and goes on',
  async () => {
    const { page, complaints } = await open(TRY_IT);
    await runRace(page, 'deadlock');
    assert.ok((await samples(page, 'deadlock/opposite-order', 'hang')) > 0);
    assert.ok((await samples(page, 'deadlock/same-order', 'done')) > 0);
    assert.is(await samples(page, 'deadlock/same-order', 'hang'), 0);
    assert.equal(complaints, []);
  },
  { limit: RACES },
);

test('a run can be watched, and stopped', async () => {
  const { page } = await open(TRY_IT);
  await page.getByLabel('Seconds for each test').fill('60');
  await page.getByRole('button', { name: 'Run' }).click();
  const first = page.getByRole('region', { name: 'lost-update/unprotected' });
  await first.locator('tr.seen').first().waitFor();
  assert.match((await first.getByRole('heading').textContent()) ?? '', /running$/);
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText(/^Stopped: 1 /).waitFor();
});

test('every race leads to its source, and every table has a name', async () => {
  const { page } = await open(TRY_IT);
  const select = page.getByLabel('Race');
  const races = await select.locator('option').allTextContents();
  assert.ok(races.length >= 25, `${races.length} races`);
  for (const race of races) {
    await select.selectOption(race);
    const link = await page.getByRole('link', { name: 'What races there, and why' }).getAttribute('href');
    assert.ok(existsSync(new URL(`guides/${link}`, site)), `${race}: ${link}`);
    const tests = page.locator('section.race');
    assert.ok((await tests.count()) > 0, race);
    assert.is(await page.getByRole('table', { name: new RegExp(`^${race}/`) }).count(), await tests.count(), race);
  }
});

test('programs in Python stand beside their bytecode, with all their possible outcomes in the chosen version', async () => {
  const { page, complaints } = await open(TRY_IT);
  const bench = page.locator('#python');
  await bench.getByLabel('Program').selectOption('add');
  await bench.getByLabel('CPython').selectOption('3.12.1');
  await bench.getByText('there is one outcome').waitFor();
  assert.equal(await bench.locator('li.switch').allTextContents(), Array(2).fill('RESUME 0 a function begins'));
  await bench.getByLabel('CPython').selectOption('3.9.18');
  await bench.getByText('there are 2 outcomes').waitFor();
  assert.equal(await bench.locator('> ul code').allTextContents(), ['x = 1', 'x = 2']);
  assert.ok((await bench.locator('li.switch').count()) > 4);
  assert.equal(complaints, []);
});

test('where memory cannot be shared, it says why and what to do', async () => {
  const context = await browser.newContext();
  atTestEnd(() => context.close());
  await context.route('**', async (route) => {
    const response = await route.fetch();
    const headers = Object.entries(response.headers()).filter(([name]) => !name.startsWith('cross-origin-'));
    await route.fulfill({ response, headers: Object.fromEntries(headers) });
  });
  const page = await context.newPage();
  await page.goto(address + TRY_IT);
  await page.getByText(/served without the headers Cross-Origin-Opener-Policy/).waitFor();
  assert.ok(await page.getByRole('button', { name: 'Run' }).isDisabled());
});

test('on a phone only what scrolls by itself is wider than the screen', async () => {
  const { page } = await open('', { viewport: { width: 360, height: 740 } });
  const paths = ['index.html', TRY_IT, 'guides/conformance.html', 'classes/atomics-sync-free.Condition.html'];
  for (const path of [...paths, 'source/src/sync/condition.ts.html']) {
    await page.goto(address + path);
    assert.is(await page.evaluate(() => document.documentElement.scrollWidth), 360, path);
  }
});

test('on a phone the tables of races show everything without being scrolled', async () => {
  const { page } = await open(TRY_IT, { viewport: { width: 360, height: 740 } });
  const cut = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('#bench .wide')].map((each) => each.scrollWidth - each.clientWidth),
    );
  const wider = await cut();
  assert.ok(wider.length > 0);
  assert.equal(
    wider.filter((by) => by > 0),
    [],
  );
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`its own parts are ${colorScheme} where the browser is`, async () => {
    const { page } = await open(TRY_IT, { colorScheme });
    for (const path of [TRY_IT, 'source/src/sync/lock.ts.html']) {
      await page.goto(address + path);
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const [red] = (ground.match(/[\d.]+/g) ?? []).map(Number);
      assert.is(red < 128, colorScheme === 'dark', `${path}: ${ground}`);
    }
  });
}

test.run();
