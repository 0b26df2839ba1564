// Fails unless the package that npm would publish holds every file that package.json promises and the README links to,
// nothing but what belongs there, and no script that npm would warn its users of.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

const { exports, imports, bin, scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']));
const packed = new Set(files.map(({ path }) => path));

const leaves = (value) => (typeof value === 'string' ? [value] : Object.values(value).flatMap(leaves));
const links = [...readFileSync('README.md', 'utf8').matchAll(/\]\((?!\w+:|#)([^)#]+)/g)].map(([, path]) => path);
// A pattern is for the tests, and promises no file.
const internal = leaves(imports).filter((path) => !path.includes('*'));
const promised = [...leaves(exports), ...internal, ...leaves(bin), 'README.md', 'CHANGELOG.md', 'LICENSE', ...links];

const BELONGS = [
  /^(README|CHANGELOG)\.md$|^LICENSE$|^package\.json$/,
  // The maps lead to the sources. The command is bundled, and has no types.
  /^src\/.*\.ts$/,
  /^dist\/(?!cli\/).*(\.js|\.d\.ts)(\.map)?$/,
  /^dist\/cli\/(main\.js(\.map)?|packages\/[^/]+\.js|LICENSES\.txt)$/,
  /^docs\/[^/]+\.(md|svg)$|^docs\/examples\/[^/]+\.(mjs|yaml)$/,
];
const problems = [
  ...['preinstall', 'install', 'postinstall', 'prepare']
    .filter((name) => name in scripts)
    .map((name) => `npm warns of the script ${name}`),
  ...promised.filter((path) => !packed.has(posix.normalize(path))).map((path) => `${path} is missing`),
  ...[...packed]
    .filter((path) => !BELONGS.some((pattern) => pattern.test(path)))
    .map((path) => `${path} does not belong there`),
];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
