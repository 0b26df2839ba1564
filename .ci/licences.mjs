// Fails unless what users get, or are asked to install, is under a permissive licence, and tells which one: the packages whose
// code is in the package, its dependencies, and its optional peers, each with all that it depends on.
import { readFileSync } from 'node:fs';

const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const { license, dependencies = {}, peerDependencies } = packages[''];

/** The folder in which a package finds another one. */
function resolve(from, name) {
  for (let folder = from; ; folder = folder.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    const path = `${folder}${folder && '/'}node_modules/${name}`;
    if (path in packages || folder === '') return path;
  }
}

/** The folders of packages, and of all that they need. */
function closure(names) {
  const found = new Set(names.map((name) => resolve('', name)));
  for (const path of found) {
    const { dependencies, optionalDependencies } = packages[path];
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) found.add(resolve(path, name));
  }
  return [...found];
}

/** An expression without parentheses: of alternatives one is enough, of a conjunction each has to be permissive. */
const isPermissive = (expression = '') =>
  expression.split(' OR ').some((choice) => choice.split(' AND ').every((name) => PERMISSIVE.includes(name)));

// The build has found them, and copied their licences.
const bundled = [...readFileSync('dist/cli/LICENSES.txt', 'utf8').matchAll(/^(\S+) \d\S* \(.+\)$/gm)].map(
  ([, name]) => name,
);
const groups = {
  'in the package': bundled.map((name) => resolve('', name)),
  dependencies: closure(Object.keys(dependencies)),
  'optional peers': closure(Object.keys(peerDependencies)),
};

if (!isPermissive(license)) throw new Error(`the package itself is under ${license}`);
if (bundled.length === 0) throw new Error('dist/cli/LICENSES.txt names no package');
for (const [group, paths] of Object.entries(groups)) {
  console.log(`${group}:`);
  for (const path of paths.sort()) {
    const { version, license } = packages[path];
    console.log(`  ${path.replace(/^.*node_modules\//, '')} ${version}: ${license}`);
    if (isPermissive(license)) continue;
    console.error(`${path} is under ${license}, which is not among ${PERMISSIVE.join(', ')}`);
    process.exitCode = 1;
  }
}
