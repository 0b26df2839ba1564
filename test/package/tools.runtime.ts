// Threads where a tool loads the program: TypeScript as it is, and test runners. The tools come from npm, so it needs the
// network: node .build/test/run.js --suffix .runtime.js
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { outputOf, readPage } from './pages.js';
import { createProject, INSTALLS, installPackages, removeProject } from './project.js';

const test = suite('tools');

/** As docs/environments.md names them. */
const TOOLS = ['tsx@4.23.15', 'ts-node@10.9.2', 'typescript@5.9.3', 'vitest@4.1.12', 'jest@30.5.2'];

/** Loads the module of a task in a worker. */
const program = (tasks: string): string => `
import { Pool } from 'atomics-sync-free/multiprocessing';
import { Thread } from 'atomics-sync-free/threading';
import { double } from '${tasks}';

async function main(n: number): Promise<void> {
  for (const target of [(n: number): number => 2 * n, double]) {
    const thread = new Thread({ target, args: [n] });
    thread.start();
    await thread.joinAsync({ timeout: 30_000 });
    console.log(thread.result);
  }
  const pool = new Pool(1);
  console.log(await pool.applyAsync(double, [n]));
  pool.close();
}
main(21);
`;

const task = (type: string, module = 'import.meta.url'): string => `
import { task } from 'atomics-sync-free/threading';
export const double = task(${module}, 'double', (n${type}) => 2 * n);
`;

/** For a test runner: threads that are joined, blocking and not. */
const tests = (imports: string): string => `
${imports}
import { Thread } from 'atomics-sync-free/threading';
import { double } from './double.js';

for (const [name, target] of Object.entries({ plain: (n) => 2 * n, task: double })) {
  test(name + ', awaited', async () => {
    const thread = new Thread({ target, args: [21] });
    thread.start();
    await thread.joinAsync({ timeout: 30_000 });
    expect(thread.result).toBe(42);
  });
  test(name + ', joined', () => {
    const thread = new Thread({ target, args: [4] });
    thread.start();
    thread.join(30_000);
    expect(thread.result).toBe(8);
  });
}
`;

const files = [
  { name: 'package.json', code: '{ "private": true, "type": "module" }' },
  { name: 'tsconfig.json', code: '{ "compilerOptions": { "module": "nodenext", "target": "es2022" } }' },
  { name: 'as-it-is/main.ts', code: program('./double.ts') },
  { name: 'as-it-is/double.ts', code: task(': number') },
  // As ts-node wants them to be called.
  { name: 'compiled/main.ts', code: program('./double.js') },
  { name: 'compiled/double.ts', code: task(': number') },
  { name: 'commonjs/package.json', code: '{ "type": "commonjs" }' },
  { name: 'commonjs/main.ts', code: program('./double') },
  { name: 'commonjs/double.ts', code: task(': number', '__filename') },
  { name: 'tests/double.js', code: task('') },
  { name: 'typed/double.ts', code: task(': number') },
  { name: 'typed/vitest.test.js', code: tests("import { expect, test } from 'vitest';") },
  { name: 'tests/vitest.test.js', code: tests("import { expect, test } from 'vitest';") },
  { name: 'tests/jest.test.js', code: tests('') },
];

let project: string;

test.before(async () => {
  project = await createProject(files);
  await installPackages(join(project, '..'), '--ignore-scripts', ...TOOLS);
}, INSTALLS);
test.after(() => removeProject(project));

/** What Node prints in the project. */
const printed = (...args: string[]): Promise<string> => outputOf(process.execPath, ['--no-warnings', ...args], project);

test('the guide names these versions', async () => {
  const { text } = await readPage('docs/environments.md');
  for (const tool of TOOLS.filter((tool) => !tool.startsWith('typescript'))) {
    const [name, major, minor] = tool.split(/[@.]/);
    assert.match(text, new RegExp(`${name}[^;]* ${major}\\.${minor}\\b`, 'i'), `${tool} is in the guide`);
  }
});

const TSX = '../node_modules/tsx/dist';
const TS_NODE = '../node_modules/ts-node';

for (const [how, ...args] of [
  // Of the second, Node itself finds no file.
  ['tsx', `${TSX}/cli.mjs`, 'as-it-is/main.ts'],
  ['tsx', `${TSX}/cli.mjs`, 'compiled/main.ts'],
  ['--import tsx', '--import', `./${TSX}/loader.mjs`, 'compiled/main.ts'],
  ['--loader ts-node/esm', '--loader', `${TS_NODE}/esm/transpile-only.mjs`, 'compiled/main.ts'],
  ['-r ts-node/register', '-r', `./${TS_NODE}/register/transpile-only`, 'commonjs/main.ts'],
] as const) {
  test(`under ${how} tasks of TypeScript modules run: ${args.at(-1)}`, async () => {
    assert.is(await printed(...args), '42\n42\n42');
  });
}

const PASSED = /"numPassedTests":4\b/;
const FAILED = /"numFailedTests":0\b/;

for (const [name, args] of [
  ['vitest', ['vitest/vitest.mjs', 'run', '--reporter', 'json', 'tests/vitest']],
  [
    'vitest, of TypeScript',
    ['vitest/vitest.mjs', 'run', '--reporter', 'json', '--execArgv=--import=tsx', 'typed/vitest'],
  ],
  ['jest', ['jest/bin/jest.js', '--json', 'tests/jest']],
] as const) {
  test(`in a test of ${name} threads run`, async () => {
    const [runner, ...rest] = args;
    const text = await printed('--experimental-vm-modules', `../node_modules/${runner}`, ...rest);
    assert.match(text, PASSED);
    assert.match(text, FAILED);
  });
}

test.run();
