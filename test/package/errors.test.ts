// docs/errors.md and the code name the same errors.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { ROOT, readPage } from './pages.js';

const test = suite('the page of errors');

const { text: page } = await readPage('docs/errors.md');
const code = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join(ROOT, 'src', path), 'utf8'))
  .join('\n');

const unique = (texts: Iterable<RegExpMatchArray>): string[] => [...new Set([...texts].map(([, name]) => name))].sort();

test('every code of the package has its row, and no row is left over', () => {
  assert.equal(unique(page.matchAll(/^\| `(ERR_\w+)` \|/gm)), unique(code.matchAll(/'(ERR_\w+)'/g)));
});

test('what is said elsewhere in the page is one of them', () => {
  assert.equal(unique(page.matchAll(/(ERR_\w+)/g)), unique(code.matchAll(/'(ERR_\w+)'/g)));
});

test('every class of errors that users can meet is named', () => {
  // Errors of the command end as its message and exit code.
  const classes = unique(code.matchAll(/^export class (\w+) extends \w*Error\b/gm)).filter(
    (name) => name !== 'UsageError',
  );
  assert.ok(classes.length > 3);
  assert.equal(
    classes.filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
});

test.run();
