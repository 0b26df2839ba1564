// Keeps the table of joblib's tests in docs/conformance.md in agreement with the tests.
import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { suite, testsIn } from '../support/suite.js';

const page = readFileSync(new URL('../../../docs/conformance.md', import.meta.url), 'utf8');
const [, section] = page.split('\n## joblib\n');

const test = suite("the list of joblib's tests");

test('the page names every test, and every test is on the page', async () => {
  const files = ['joblib', 'joblib-parallel', 'joblib-config', 'joblib-arrays'].map(
    (name) => new URL(`./${name}.test.js`, import.meta.url),
  );
  const declared = await testsIn(files);
  const rows = [...section.matchAll(/^\| (joblib [\w ]+) \| (\w+) \|/gm)];
  assert.equal(
    rows.map(([, name, property]) => `${name} › ${property}`),
    declared,
  );
  assert.match(section, new RegExp(`by the same names: ${declared.length} tests,`));
});

test.run();
