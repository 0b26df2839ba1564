// Fails unless the package that npm would publish holds every file that package.json promises and the README links to, nothing but
// what belongs there, nothing that is larger than its kind may be, no script that would run where it is installed, and no
// dependency that would be installed with it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const { exports, imports, bin, scripts } = manifest;
const [{ files, size }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']));
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
// What is large is code that workers load: one file for each floor, since each more costs every worker that starts some 2 ms.
// It is not minified, for its stacks are read; its maps lead to the sources, which they do not repeat.
const KB = 1000;
const limitOf = (path) => (/^dist\/.*\.js(\.map)?$/.test(path) ? 250 : 100) * KB;
const DOWNLOAD = 2500 * KB;

const required = ['dependencies', 'optionalDependencies', 'bundleDependencies', 'bundledDependencies'];
const peers = Object.keys(manifest.peerDependencies);
const problems = [
  ...['preinstall', 'install', 'postinstall', 'prepare']
    .filter((name) => name in scripts)
    .map((name) => `npm runs or warns of the script ${name}`),
  ...required.filter((name) => name in manifest).map((name) => `package.json has ${name}`),
  ...peers
    .filter((name) => !manifest.peerDependenciesMeta[name]?.optional)
    .map((name) => `${name} is no optional peer`),
  ...files
    .filter(({ path, size }) => size > limitOf(path))
    .map(({ path, size }) => `${path} has ${size} bytes, more than ${limitOf(path)}`),
  ...(size > DOWNLOAD ? [`the packed file has ${size} bytes, more than ${DOWNLOAD}`] : []),
  ...promised.filter((path) => !packed.has(posix.normalize(path))).map((path) => `${path} is missing`),
  ...[...packed]
    .filter((path) => !BELONGS.some((pattern) => pattern.test(path)))
    .map((path) => `${path} does not belong there`),
];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
