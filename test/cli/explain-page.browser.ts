// The page of `gil explain --html` in a real browser. Run by: node .build/test/run.js --suffix .browser.js
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainPython } from 'atomics-sync-free/gil/outcomes';
import * as assert from 'uvu/assert';
import { explainPageOf } from '#dist/cli/page/explain-page.js';
import { VERSIONS } from '../gil/python/recorded.js';
import { launchChromium } from '../support/chromium.js';
import { atTestEnd, suite } from '../support/suite.js';
import { openPage } from './open-page.js';

const test = suite('page of gil explain in Chromium');

test('the arrow keys choose the version; it is dark where the browser is, and as wide as a phone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'explain-'));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'page.html');
  const versions = VERSIONS.map(({ python, listings }) => ({ title: python, lines: explainPython(listings.add) }));
  writeFileSync(file, explainPageOf('add.py', VERSIONS[0].listings.add.source, versions));
  const browser = await launchChromium();
  atTestEnd(() => browser.close());
  const { page, complaints } = await openPage(browser, file, {
    colorScheme: 'dark',
    viewport: { width: 360, height: 740 },
  });
  const shown = (): Promise<string[]> => page.locator('section.program:visible h2').allTextContents();
  assert.equal(await shown(), ['Python 3.9.18']);
  await page.getByLabel('3.9.18', { exact: true }).focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await shown(), ['Python 3.10.13']);
  const ground = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const [red] = (ground.match(/[\d.]+/g) ?? []).map(Number);
  assert.ok(red < 128, ground);
  assert.is(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  assert.equal(complaints, []);
});

test.run();
