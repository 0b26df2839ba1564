// Fails unless the package that npm would publish holds every file that package.json promises, and nothing of the tests.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

const { exports, bin } = JSON.parse(readFileSync('package.json', 'utf8'));
const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']));
const packed = new Set(files.map(({ path }) => path));

const leaves = (value) => (typeof value === 'string' ? [value] : Object.values(value).flatMap(leaves));
const promised = [...leaves(exports), ...leaves(bin), 'README.md', 'CHANGELOG.md', 'LICENSE'];
const problems = [
  ...promised.filter((path) => !packed.has(posix.normalize(path))).map((path) => `${path} is missing`),
  ...[...packed].filter((path) => /^(test|\.)|tsbuildinfo/.test(path)).map((path) => `${path} does not belong there`),
];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
