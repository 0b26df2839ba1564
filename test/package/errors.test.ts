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

/** Codes of Node's own errors, which the code asks for and never gives. */
const FOREIGN = new Set(['ERR_MODULE_NOT_FOUND', 'ERR_UNKNOWN_FILE_EXTENSION']);

const unique = (texts: Iterable<RegExpMatchArray>): string[] => [...new Set([...texts].map(([, name]) => name))].sort();

const own = unique(code.matchAll(/'(ERR_\w+)'/g)).filter((name) => !FOREIGN.has(name));

test('every code of the package has its row, and no row is left over', () => {
  assert.equal(unique(page.matchAll(/^\| `(ERR_\w+)` \|/gm)), own);
});

test('every code mentioned elsewhere in the page is one of them', () => {
  assert.equal(unique(page.matchAll(/(ERR_\w+)/g)), own);
});

test('every class of errors that users can meet is named', () => {
  // Errors of the command end as its message and exit code, those of the machine for Python as outcomes and UnsupportedError.
  const within = ['UsageError', 'OutputError', 'Raised', 'Unsupported'];
  const classes = unique(code.matchAll(/^export class (\w+) extends \w*Error\b/gm)).filter(
    (name) => !within.includes(name),
  );
  assert.ok(classes.length > 3);
  assert.equal(
    classes.filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
});

test.run();
