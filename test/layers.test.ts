import { posix } from 'node:path';
import ts from 'typescript';
import * as assert from 'uvu/assert';
import { nodes, parse, place, sources } from './support/sources.js';
import { suite } from './support/suite.js';

const test = suite('layers');

interface Layer {
  /** The layers that it may import. */
  readonly below: readonly string[];
  /** The modules from outside of the package that it may import: `all`, or those of some files. A portable layer has none. */
  readonly outside: 'all' | Readonly<Record<string, readonly string[]>>;
}

const PORTABLE = {};

/**
 * Every layer by its folder, or by its file where it is one. gil/outcomes is a floor above gil, since it imports the
 * checker. `#host` is the layer host: it means one of two files there.
 */
const LAYERS: Readonly<Record<string, Layer>> = {
  core: { below: [], outside: PORTABLE },
  sync: { below: ['core'], outside: PORTABLE },
  recover: { below: ['core'], outside: PORTABLE },
  trace: { below: ['recover', 'sync', 'core', 'host'], outside: PORTABLE },
  index: { below: ['trace', 'recover', 'sync', 'core'], outside: PORTABLE },
  check: { below: [], outside: PORTABLE },
  gil: { below: ['sync', 'core'], outside: PORTABLE },
  'gil/outcomes': { below: ['gil', 'check', 'core'], outside: PORTABLE },
  // What the build writes, declared.
  'programs.d': { below: [], outside: PORTABLE },
  // What needs the host stands in one file a host; web.ts needs only globals.
  host: {
    below: ['core'],
    outside: {
      'host/node.ts': ['node:async_hooks', 'node:console', 'node:tty', 'node:os', 'node:timers', 'node:worker_threads'],
      'host/node-load.ts': ['node:module', 'node:worker_threads'],
      'host/node-stock.ts': ['node:async_hooks', 'node:worker_threads'],
      'host/node-child.ts': ['node:child_process', 'node:net', 'node:os'],
      'host/node-cores.ts': ['node:child_process'],
    },
  },
  // The programs are texts, which the build makes of files of host and tasks.
  tasks: {
    below: ['gil', 'sync', 'trace', 'recover', 'core', 'host'],
    outside: {
      'tasks/client.ts': ['#programs'],
      'tasks/keep.ts': ['#programs'],
      'tasks/supervision.ts': ['#programs'],
    },
  },
  threading: { below: ['tasks', 'host', 'index', 'core'], outside: PORTABLE },
  // Only what runs the machine's Python needs more than workers.
  'gil-lab': {
    below: ['gil', 'index', 'trace', 'host'],
    outside: { 'gil-lab/python.ts': ['node:child_process'], 'gil-lab/cores.ts': ['node:os'] },
  },
  multiprocessing: { below: ['sync', 'index', 'core', 'tasks', 'host'], outside: PORTABLE },
  // As host: `#files` means one of two files.
  joblib: {
    below: ['multiprocessing', 'tasks', 'host', 'sync', 'index', 'core'],
    outside: { 'joblib/files/node.ts': ['node:crypto', 'node:os', 'node:url', 'node:zlib'] },
  },
  // Leases go by Node's clock; only one file knows the client of the server.
  distributed: {
    below: ['tasks', 'host', 'core'],
    outside: {
      'distributed/connect.ts': ['node:crypto'],
      'distributed/server.ts': ['node:crypto', 'ioredis'],
    },
  },
  // The client of the queue is loaded when it is asked for.
  bullmq: {
    below: ['joblib', 'distributed', 'multiprocessing', 'tasks', 'host', 'sync', 'core'],
    outside: {
      'bullmq/batches.ts': ['bullmq'],
      'bullmq/courier-main.ts': ['node:crypto', 'bullmq'],
      'bullmq/worker.ts': ['node:url', 'bullmq'],
    },
  },
  stress: { below: ['gil', 'index', 'host', 'check'], outside: PORTABLE },
  compare: { below: ['gil-lab', 'multiprocessing', 'threading', 'gil'], outside: PORTABLE },
  cli: { below: ['bullmq', 'compare', 'stress', 'trace', 'gil-lab', 'gil/outcomes', 'gil'], outside: 'all' },
};

/** The layer of a path below src: the longest name in the table that the path begins with. */
function layerOf(path: string): string {
  const parts = path.replace(/\.[jt]s$/, '').split('/');
  const names = parts.map((_, at) => parts.slice(0, at + 1).join('/'));
  return names.findLast((name) => LAYERS[name]) ?? parts[0];
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

/** The path below src that a file's import leads to; undefined for a module from outside of the package. */
function target(file: ts.SourceFile, name: string): string | undefined {
  if (name === '#host') return 'host/node.js';
  if (name === '#files') return 'joblib/files/node.js';
  return name.startsWith('.') ? posix.join(posix.dirname(file.fileName), name) : undefined;
}

/** One line for each import of the file that its layer does not allow. */
function violations(file: ts.SourceFile): string[] {
  const layer = layerOf(file.fileName);
  if (!LAYERS[layer]) return [`src/${file.fileName}: no layer is called ${layer}`];
  const { below, outside } = LAYERS[layer];
  const found: string[] = [];
  for (const node of nodes(file)) {
    const name = specifier(node)?.text;
    if (name === undefined) continue;
    const path = target(file, name);
    if (path === undefined) {
      if (outside !== 'all' && !outside[file.fileName]?.includes(name))
        found.push(`${place(node)}: ${file.fileName} may not import ${name}`);
      continue;
    }
    // The command prints the package's version.
    if (layer === 'cli' && path === '../package.json') continue;
    const other = layerOf(path);
    if (other !== layer && !below.includes(other)) found.push(`${place(node)}: ${layer} may not import ${other}`);
  }
  return found;
}

/** The groups of files that import each other in a circle, by whatever form of import, each group in one line. */
function circles(files: readonly ts.SourceFile[]): string[] {
  const imports = new Map(files.map((file) => [file.fileName, importsOf(file)]));
  // The files that a file leads to, directly or not.
  const reach = new Map<string, Set<string>>();
  for (const start of imports.keys()) {
    const seen = new Set<string>();
    const next = [...(imports.get(start) ?? [])];
    for (let path = next.pop(); path !== undefined; path = next.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      next.push(...(imports.get(path) ?? []));
    }
    reach.set(start, seen);
  }
  const leads = (from: string, to: string): boolean => reach.get(from)?.has(to) ?? false;
  const groups = [...imports.keys()]
    .filter((path) => leads(path, path))
    .map((path) => [...imports.keys()].filter((other) => leads(path, other) && leads(other, path)).sort());
  return [...new Set(groups.map((group) => group.join(' ↔ ')))];
}

function importsOf(file: ts.SourceFile): string[] {
  return nodes(file).flatMap((node) => {
    const name = specifier(node)?.text;
    const path = name === undefined ? undefined : target(file, name);
    return path === undefined ? [] : [path.replace(/\.js$/, '.ts')];
  });
}

/** What bundlers write where a module has `import.meta.url` or is loaded, as Vite `self.location.href`. */
const WRITTEN = new Set([
  'self',
  'document',
  'location',
  'URL',
  'Worker',
  'require',
  'module',
  'exports',
  '__filename',
]);

/** One line for each binding of a module that hides such a name in a bundle, whose modules have one scope. */
function hidden(file: ts.SourceFile): string[] {
  const bindings = file.statements.flatMap((statement): ts.NamedDeclaration[] => {
    // The compiler leaves nothing of what is only declared.
    if (
      ts.canHaveModifiers(statement) &&
      statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword)
    )
      return [];
    if (ts.isVariableStatement(statement)) return [...statement.declarationList.declarations];
    return ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) ? [statement] : [];
  });
  return bindings
    .filter(({ name }) => name !== undefined && ts.isIdentifier(name) && WRITTEN.has(name.text))
    .map((binding) => `${place(binding)}: ${binding.name?.getText()} is a name that bundlers write`);
}

const judge = (path: string, text: string): string[] => violations(parse(path, text));
const circlesIn = (texts: Readonly<Record<string, string>>): string[] =>
  circles(Object.entries(texts).map(([path, text]) => parse(path, text)));

const files = sources();

test('arrows go down only, and nothing from outside is imported except where the table says', () => {
  assert.ok(files.length > 0);
  assert.equal(files.flatMap(violations), []);
});

test('no module hides a name that bundlers write', () => {
  assert.equal(files.flatMap(hidden), []);
  assert.equal(
    hidden(parse('a.ts', 'export function self(): void {}\nconst a = 1, URL = 2;\ndeclare const module: 1;')),
    ['src/a.ts:1: self is a name that bundlers write', 'src/a.ts:2: URL is a name that bundlers write'],
  );
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
  assert.equal(judge('gil/a.ts', "import '../sync/a.js'; import './b.js'; import './interpreter/c.js';"), []);
  assert.equal(judge('gil/a.ts', "import '../stress/a.js';"), ['src/gil/a.ts:1: gil may not import stress']);
});

test('gil/outcomes is a layer of its own, which gil may not import', () => {
  assert.equal(judge('gil/outcomes/a.ts', "import '../gil.js'; import '../../check/index.js'; import './b.js';"), []);
  for (const path of ['gil/a.ts', 'gil/index.ts'])
    assert.equal(judge(path, "import './outcomes/index.js';"), [`src/${path}:1: gil may not import gil/outcomes`]);
  assert.equal(judge('gil/interpreter/a.ts', "import '../../check/index.js';"), [
    'src/gil/interpreter/a.ts:1: gil may not import check',
  ]);
});

test('#host is the layer host', () => {
  assert.equal(judge('stress/a.ts', "import { start } from '#host';"), []);
  assert.equal(judge('gil/a.ts', "import { start } from '#host';"), ['src/gil/a.ts:1: gil may not import host']);
});

test('a host or a package is refused except in the files that the table names', () => {
  assert.equal(judge('sync/a.ts', "\nimport 'node:fs';"), ['src/sync/a.ts:2: sync/a.ts may not import node:fs']);
  assert.equal(judge('check/a.ts', "await import('uvu');"), ['src/check/a.ts:1: check/a.ts may not import uvu']);
  assert.equal(judge('stress/a.ts', "import 'node:os';"), ['src/stress/a.ts:1: stress/a.ts may not import node:os']);
  assert.equal(judge('host/web.ts', "import 'node:os';"), ['src/host/web.ts:1: host/web.ts may not import node:os']);
  assert.equal(judge('host/node.ts', "import 'node:os';"), []);
  assert.equal(judge('host/node.ts', "import 'node:path';"), [
    'src/host/node.ts:1: host/node.ts may not import node:path',
  ]);
  assert.equal(judge('cli/a.ts', "import 'node:fs'; import 'commander';"), []);
});

test('no file of src imports itself by way of others', () => {
  assert.equal(circles(files), []);
});

test('a circle is seen whatever its length and the form of its imports', () => {
  const types = {
    'core/a.ts': "import type { B } from './b.js';",
    'core/b.ts': "export type { C } from '../sync/c.js';",
    'sync/c.ts': "let a: import('../core/a.js').A;",
    'sync/d.ts': "import './c.js';",
  };
  assert.equal(circlesIn(types), ['core/a.ts ↔ core/b.ts ↔ sync/c.ts']);
  assert.equal(circlesIn({ ...types, 'sync/c.ts': '' }), []);
  const worker = { 'gil-lab/a.ts': "new URL('./b.js', import.meta.url);", 'gil-lab/b.ts': "import './a.js';" };
  assert.equal(circlesIn(worker), ['gil-lab/a.ts ↔ gil-lab/b.ts']);
  assert.equal(circlesIn({ 'core/a.ts': "import './a.js';" }), ['core/a.ts']);
});

test('nothing leaves src, and no layer is unknown', () => {
  assert.equal(judge('cli/a.ts', "import '../../test/run.js';"), ['src/cli/a.ts:1: cli may not import ..']);
  assert.equal(judge('core/a.ts', "import '../../package.json';"), ['src/core/a.ts:1: core may not import ..']);
  assert.equal(judge('cli/a.ts', "import '../../package.json';"), []);
  assert.equal(judge('attic/a.ts', ''), ['src/attic/a.ts: no layer is called attic']);
});

test.run();
