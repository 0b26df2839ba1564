// The page of a traced program in a real browser. Run by: node .build/test/run.js --suffix .browser.js
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { launchChromium } from '../support/chromium.js';
import { runCommand } from '../support/command.js';
import { suite } from '../support/suite.js';
import { openPage } from './open-page.js';

const test = suite('page of a trace in Chromium');
const folder = mkdtempSync(join(tmpdir(), 'trace-page-'));
const file = join(folder, 'trace.html');
let browser: Browser;

test.before(async () => {
  const program = fileURLToPath(new URL('./trace.program.js', import.meta.url));
  const { code, stderr } = await runCommand(['trace', '--out', join(folder, 'trace.json'), '--html', file, program]);
  assert.is(code, 3, stderr);
  browser = await launchChromium();
});
test.after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

const open = (options?: BrowserContextOptions) => openPage(browser, file, options);

/** From which ms to which the time line shows. */
async function windowOf(page: Page): Promise<readonly [from: number, to: number]> {
  const [from, to] = ((await page.locator('#window').textContent()) ?? '').split('–').map(Number.parseFloat);
  return [from, to];
}

test('it loads without a complaint, and loads nothing else', async () => {
  const { page, complaints } = await open();
  assert.is(await page.title(), 'Who waited for what');
  assert.ok((await page.locator('#tracks rect.hold').count()) > 0);
  assert.ok((await page.locator('#tracks rect.wait').count()) > 0);
  assert.ok((await page.locator('#tracks line.arrow').count()) > 0);
  assert.match(await page.locator('#blocking').innerText(), /main\s+Lock#\d+ \(accounts\)\s+Thread-1 \(work\)/);
  assert.equal(complaints, []);
});

test('keys and buttons move and zoom the time line, within its bounds', async () => {
  const { page } = await open();
  const [, whole] = await windowOf(page);
  await page.locator('.tracks').focus();
  await page.keyboard.press('ArrowLeft');
  assert.equal(await windowOf(page), [0, whole]);
  await page.keyboard.press('+');
  const [from, to] = await windowOf(page);
  assert.ok(Math.abs(from - whole / 4) < 0.01 && Math.abs(to - (3 * whole) / 4) < 0.01, `${from} – ${to} of ${whole}`);
  await page.keyboard.press('ArrowRight');
  assert.ok((await windowOf(page))[0] > from);
  await page.locator('[data-zoom="all"]').click();
  assert.equal(await windowOf(page), [0, whole]);
});

test('a bar is as long on the screen as its time is of the window', async () => {
  const { page } = await open({ viewport: { width: 1000, height: 900 } });
  const [, whole] = await windowOf(page);
  const bars = await page.locator('#tracks rect').evaluateAll((rects) => {
    const { width } = (document.getElementById('tracks') as unknown as SVGSVGElement).getBoundingClientRect();
    return rects.map((rect) => ({
      time: Number(rect.getAttribute('width')),
      share: rect.getBoundingClientRect().width / width,
    }));
  });
  for (const { time, share } of bars) assert.ok(Math.abs(share - time / whole) < 0.01, `${time} ms: ${share}`);
});

test('a narrow screen shows all of it without being scrolled sideways, except for tables and drawings', async () => {
  const { page } = await open({ viewport: { width: 360, height: 800 } });
  const [needed, there] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return [scrollWidth, clientWidth];
  });
  assert.is(needed, there);
});

test('what an agent does while it holds something leaves the hold visible', async () => {
  const { page } = await open();
  const heights = await page.locator('#tracks rect').evaluateAll((rects) => {
    const places = rects.map((rect) => rect.getBoundingClientRect());
    const middle = ({ top, bottom }: DOMRect): number => Math.round((top + bottom) / 2);
    return places.flatMap((outer, i) =>
      places
        .slice(i + 1)
        .filter((inner) => middle(inner) === middle(outer) && inner.left >= outer.left && inner.right <= outer.right)
        .map((inner) => [inner.height, outer.height]),
    );
  });
  assert.ok(heights.length > 0);
  for (const [inner, outer] of heights) assert.ok(inner < outer, `${inner} in ${outer}`);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`in ${colorScheme} mode holds, waits and the ground differ on the screenshot`, async () => {
    const { page } = await open({ colorScheme });
    const colours = await page.locator('#tracks').evaluate((svg) => {
      const fill = (selector: string): string => getComputedStyle(svg.querySelector(selector) as Element).fill;
      return [fill('.hold'), fill('.wait'), getComputedStyle(svg).backgroundColor];
    });
    assert.is(new Set(colours).size, 3, colours.join());
    assert.ok((await page.locator('.tracks').screenshot()).length > 0);
  });
}

test.run();
