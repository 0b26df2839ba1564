// The page of a real run in a real browser. Run by: node .build/test/run.js --suffix .browser.js
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestReport } from 'atomics-sync-free/stress';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import * as assert from 'uvu/assert';
import { launchChromium } from '../support/chromium.js';
import { runCommand } from '../support/command.js';
import { suite } from '../support/suite.js';
import { openPage } from './open-page.js';

const test = suite('page in Chromium');

/** A race that is seen, one that hangs, and tests that hold. */
const RACES = ['lost-update', 'reentry', 'phases'];

const folder = mkdtempSync(join(tmpdir(), 'stress-page-'));
const file = join(folder, 'report.html');
let browser: Browser;
let reports: readonly TestReport[];

test.before(async () => {
  const { code, stdout, stderr } = await runCommand(['stress', ...RACES, '--seconds', '0.3', '--json', '--html', file]);
  assert.is(code, 0, stderr);
  reports = (JSON.parse(stdout) as { tests: TestReport[] }).tests;
  browser = await launchChromium();
});
test.after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

const open = (options?: BrowserContextOptions) => openPage(browser, file, options);

test('it loads without a complaint, and loads nothing else', async () => {
  const { page, complaints } = await open();
  assert.match(await page.title(), /^Races/);
  assert.is(await page.locator('section.test').count(), reports.length);
  assert.equal(complaints, []);
});

test('every outcome of every test has a bar as long as its samples say', async () => {
  const { page } = await open();
  const drawn = await page.locator('section.test').evaluateAll((sections) =>
    sections.map((section) =>
      [...section.querySelectorAll('svg.bar')].map((bar) => {
        const [rect] = bar.children;
        return rect.getBoundingClientRect().width / bar.getBoundingClientRect().width;
      }),
    ),
  );
  const expected = reports.map(({ outcomes }) => {
    const most = Math.max(...outcomes.map(({ samples }) => samples));
    return outcomes.map(({ samples }) => Math.log(1 + samples) / Math.log(1 + most));
  });
  assert.equal(
    drawn.map(({ length }) => length),
    expected.map(({ length }) => length),
  );
  drawn.flat().forEach((width, at) => {
    assert.ok(Math.abs(width - expected.flat()[at]) < 0.01, `bar ${at}: ${width}, not ${expected.flat()[at]}`);
  });
});

test('every link leads to something on the page, and following it goes there', async () => {
  const { page } = await open();
  const links = await page.locator('a').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
  assert.ok(links.length > reports.length);
  for (const link of new Set(links)) {
    assert.ok(await page.evaluate((id) => document.getElementById(id) !== null, link.slice(1)), link);
  }
  await page.locator('a[href="#phases/barrier"]').first().click();
  // The last section cannot be scrolled to the top; a part of a pixel may be beyond it.
  const top = await page.evaluate(() => document.getElementById('phases/barrier')?.getBoundingClientRect().top ?? NaN);
  assert.ok(top > -1 && top < 720, `at ${top}`);
});

test('a hang and a race that were seen have a timeline', async () => {
  const { page } = await open();
  const hang = page.locator('section[id="reentry/lock"] svg.timeline');
  assert.is(await hang.count(), 1);
  assert.ok((await hang.locator('.span').count()) >= 1);
  assert.match((await hang.textContent()) ?? '', /lock\.acquire\(\)/);
  const race = page.locator('section[id="phases/unprotected"] svg.timeline');
  assert.match((await race.textContent()) ?? '', /store\(left, 1\)/);
});

test('on a phone only what scrolls by itself is wider than the screen', async () => {
  const { page } = await open({ viewport: { width: 360, height: 740 } });
  assert.is(await page.evaluate(() => document.documentElement.scrollWidth), 360);
});

test('it can be used by keyboard alone', async () => {
  const { page } = await open();
  await page.keyboard.press('Tab');
  assert.is(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the races');
  await page.keyboard.press('Enter');
  assert.match(page.url(), /#races$/);
  const list = page.locator('summary').first();
  await list.focus();
  await page.keyboard.press('Enter');
  assert.ok(await page.locator('ol.steps').first().isVisible());
  const scrollable = await page
    .locator('.wide, pre')
    .evaluateAll((all) => all.map((each) => (each as HTMLElement).tabIndex));
  assert.ok(scrollable.length > 0 && scrollable.every((index) => index === 0));
});

test('a screen reader finds tables, headings, and a name for every drawing', async () => {
  const { page } = await open();
  assert.is(await page.getByRole('table').count(), reports.length + 1);
  assert.is(await page.getByRole('heading', { level: 1 }).count(), 1);
  assert.is(await page.getByRole('main').count(), 1);
  assert.is(await page.getByRole('region', { name: 'lost-update/lock' }).count(), 1);
  assert.is(
    await page.getByRole('img', { name: /^Timeline of an iteration with the result/ }).count(),
    await page.locator('svg:not(.bar)').count(),
  );
  const exact = reports.flatMap(({ outcomes }) => outcomes).filter(({ result }) => result === 'exact');
  assert.is(await page.getByRole('rowheader', { name: /^exact/ }).count(), exact.length);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every text stands out from its background, ${colorScheme}`, async () => {
    const { page } = await open({ colorScheme });
    const pairs = await page.evaluate(() => {
      const groundOf = (element: Element | null): string => {
        for (let at = element; at; at = at.parentElement) {
          const { backgroundColor } = getComputedStyle(at);
          if (backgroundColor !== 'rgba(0, 0, 0, 0)') return backgroundColor;
        }
        return 'rgb(255, 255, 255)';
      };
      return [...document.querySelectorAll('body *:not(style)')]
        .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()))
        .map((element) => {
          const { color, fill } = getComputedStyle(element);
          return { color: element.closest('svg') ? fill : color, ground: groundOf(element), text: element.textContent };
        });
    });
    assert.ok(pairs.length > 100);
    for (const { color, ground, text } of pairs) {
      assert.ok(contrast(color, ground) >= 4.5, `${color} on ${ground}: ${text}`);
    }
    const dark = luminance(pairs[0].ground) < 0.5;
    assert.is(dark, colorScheme === 'dark');
  });
}

test('in print everything is there', async () => {
  const { page } = await open();
  await page.emulateMedia({ media: 'print' });
  const visible = await page.locator('ol.steps').evaluateAll((lists) => lists.map((list) => list.checkVisibility()));
  assert.ok(visible.length > 0 && visible.every(Boolean));
  assert.ok((await page.pdf({ format: 'A4' })).length > 10_000);
});

/** Relative luminance of a colour, as WCAG 2 defines it. */
function luminance(color: string): number {
  const [red, green, blue] = (color.match(/[\d.]+/g) ?? []).map((part) => {
    const value = Number(part) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast ratio of two colours, as WCAG 2 defines it. */
function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

test.run();
