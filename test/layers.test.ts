import { posix } from 'node:path';
import ts from 'typescript';
import * as assert from 'uvu/assert';
import { nodes, parse, place, sources } from './support/sources.js';
import { suite } from './support/suite.js';

const test = suite('layers');

/** What each layer may import of the others, and whether it may import anything from outside of the package. */
const LAYERS: Readonly<Record<string, { readonly below: readonly string[]; readonly portable: boolean }>> = {
  core: { below: [], portable: true },
  sync: { below: ['core'], portable: true },
  index: { below: ['sync', 'core'], portable: true },
  check: { below: [], portable: true },
  gil: { below: ['index', 'sync', 'core', 'check'], portable: true },
  stress: { below: ['gil', 'index', 'sync', 'core', 'check'], portable: false },
  cli: { below: ['stress', 'gil', 'index', 'sync', 'core', 'check'], portable: false },
};

/** A path below src names its layer by its folder; the front door is a layer of its own. */
function layerOf(path: string): string {
  return path.split('/')[0].replace(/\.[jt]s$/, '');
}

/** The literal that names another module: in an import or export, type imports included, or a worker's URL. */
function specifier(node: ts.Node): ts.StringLiteralLike | undefined {
  let named: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) named = node.moduleSpecifier;
  else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) named = node.argument.literal;
  else if (ts.isCallExpression(node) && /^(import|require)$/.test(node.expression.getText())) named = node.arguments[0];
  else if (ts.isNewExpression(node) && node.expression.getText() === 'URL' && node.arguments?.length === 2)
    named = node.arguments[0];
  return named && ts.isStringLiteralLike(named) ? named : undefined;
}

/** One line for each import of the file that its layer does not allow. */
function violations(file: ts.SourceFile): string[] {
  const layer = layerOf(file.fileName);
  if (!LAYERS[layer]) return [`src/${file.fileName}: no layer is called ${layer}`];
  const { below, portable } = LAYERS[layer];
  const found: string[] = [];
  for (const node of nodes(file)) {
    const name = specifier(node)?.text;
    if (name === undefined) continue;
    if (!name.startsWith('.')) {
      if (portable) found.push(`${place(node)}: ${layer} runs anywhere and may not import ${name}`);
      continue;
    }
    const path = posix.join(posix.dirname(file.fileName), name);
    // The command tells the package's version.
    if (layer === 'cli' && path === '../package.json') continue;
    const other = layerOf(path);
    if (other !== layer && !below.includes(other)) found.push(`${place(node)}: ${layer} may not import ${other}`);
  }
  return found;
}

const judge = (path: string, text: string): string[] => violations(parse(path, text));

test('arrows go down only, and the portable layers import no host', () => {
  const files = sources();
  assert.ok(files.length > 0);
  assert.equal(files.flatMap(violations), []);
});

test('every form of an upward import is seen', () => {
  const upward = ['src/core/a.ts:1: core may not import sync'];
  assert.equal(judge('core/a.ts', "import { Lock } from '../sync/lock.js';"), upward);
  assert.equal(judge('core/a.ts', "import type { Lock } from '../sync/lock.js';"), upward);
  assert.equal(judge('core/a.ts', "import '../sync/lock.js';"), upward);
  assert.equal(judge('core/a.ts', "export * from '../sync/lock.js';"), upward);
  assert.equal(judge('core/a.ts', "let lock: import('../sync/lock.js').Lock;"), upward);
  assert.equal(judge('core/a.ts', "await import('../sync/lock.js');"), upward);
  assert.equal(judge('core/a.ts', "new URL('../sync/lock.js', import.meta.url);"), upward);
  assert.equal(judge('core/deep/a.ts', "import '../../sync/lock.js';"), [
    'src/core/deep/a.ts:1: core may not import sync',
  ]);
  assert.equal(judge('core/a.ts', "import '../index.js';"), ['src/core/a.ts:1: core may not import index']);
});

test('check stands alone, and what is below may be imported', () => {
  assert.equal(judge('check/a.ts', "import '../core/a.js';"), ['src/check/a.ts:1: check may not import core']);
  assert.equal(judge('gil/a.ts', "import '../check/a.js'; import './b.js'; import '../index.js';"), []);
  assert.equal(judge('gil/a.ts', "import '../stress/a.js';"), ['src/gil/a.ts:1: gil may not import stress']);
});

test('a host or a package is refused where the code runs anywhere', () => {
  assert.equal(judge('sync/a.ts', "\nimport 'node:fs';"), [
    'src/sync/a.ts:2: sync runs anywhere and may not import node:fs',
  ]);
  assert.equal(judge('check/a.ts', "await import('uvu');"), [
    'src/check/a.ts:1: check runs anywhere and may not import uvu',
  ]);
  assert.equal(judge('stress/a.ts', "import 'node:fs';"), []);
});

test('nothing leaves src, and no layer is unknown', () => {
  assert.equal(judge('cli/a.ts', "import '../../test/run.js';"), ['src/cli/a.ts:1: cli may not import ..']);
  assert.equal(judge('core/a.ts', "import '../../package.json';"), ['src/core/a.ts:1: core may not import ..']);
  assert.equal(judge('cli/a.ts', "import '../../package.json';"), []);
  assert.equal(judge('attic/a.ts', ''), ['src/attic/a.ts: no layer is called attic']);
});

test.run();
