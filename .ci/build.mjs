// Builds the package: `npm run build`.
//
// dist holds what is published. What workers of the package load is bundled there in a chunk a floor, which the entries
// share: each further file costs every worker that starts some 2 ms. The layers above take the others by their entries
// only, and stay as they are. .build/test/modules has everything file by file, for the tests: its package.json makes the
// package's name mean that there.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { rolldown } from 'rolldown';

const MODULES = '.build/test/modules';
const INFO = 'dist/.tsbuildinfo';

/** The entries that are bundled together, by their paths in src. */
const BUNDLED = [
  'index',
  'trace/index',
  'trace/preload',
  'gil/index',
  'gil/outcomes/index',
  // These two are for the layers above.
  'gil/attach',
  'gil/interpreter/loop',
  'host/node',
  'host/web',
  'threading/index',
  'multiprocessing/index',
  'joblib/index',
  'joblib/files/node',
  'joblib/files/web',
  'bullmq/index',
  'bullmq/courier-main',
  'bullmq/worker',
  'distributed/index',
  'distributed/keeper-main',
  'tasks/bootstrap',
];
/**
 * The chunks, from the ground up, and what of src is in them with all that it imports and no chunk before has. What is in
 * none of them, and used by one entry only, is in that one's file.
 */
const CHUNKS = [
  // Of host only what knows no host.
  {
    name: 'primitives',
    holds: /^(index\.ts|core\/|sync\/|recover\/|gil\/gil\.ts|trace\/statistics\.ts|host\/(host|link)\.ts)/,
  },
  { name: 'workers', holds: /^(host\/(?!node|web|channels)|tasks\/(?!bootstrap))/ },
  { name: 'multiprocessing', holds: /^multiprocessing\/(?!index)/ },
  { name: 'joblib', holds: /^joblib\/(?!index|files)/ },
  { name: 'server', holds: /^distributed\//, minShareCount: 2 },
];
/** What workers run first, each as one text that imports nothing: a bundler can move it, and a worker is soon up. */
const PROGRAMS = { supervisor: 'src/host/supervisor.ts', loader: 'src/tasks/loader.ts', child: 'src/tasks/child.ts' };
/** The layers that are not. */
const APART = /^(check|stress|gil-lab|compare)\//;

/** What other steps of the build put into dist. */
const KEPT = /^dist.(cli|programs)./;

function compile() {
  // What the compiler has written before must be there for it to write only what has changed.
  if (!existsSync(MODULES)) rmSync(INFO, { force: true });
  const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** The scope of the tests: the package's own name and its internal ones lead to the modules. */
function writeScope() {
  const { name, type, exports, imports } = JSON.parse(readFileSync('package.json', 'utf8'));
  const scope = JSON.stringify({ name, type, exports, imports }, undefined, 2).replaceAll('./dist/', './modules/');
  mkdirSync('.build/test', { recursive: true });
  writeFileSync('.build/test/package.json', scope);
}

/** The programs of each host, for dist and for the tests: modules that export their texts. */
async function embed() {
  for (const host of ['node', 'web']) {
    const texts = Object.entries(PROGRAMS).map(async ([name, entry]) => {
      const { outputFiles } = await build({
        entryPoints: [entry],
        bundle: true,
        minify: true,
        format: 'iife',
        target: 'es2022',
        write: false,
        logLevel: 'warning',
        plugins: [{ name: 'host', setup: (setup) => resolveHost(setup, host) }],
      });
      return `export const ${name} = ${JSON.stringify(outputFiles[0].text)};\n`;
    });
    const module = (await Promise.all(texts)).join('');
    for (const folder of ['dist', MODULES]) {
      mkdirSync(join(folder, 'programs'), { recursive: true });
      writeFileSync(join(folder, 'programs', `${host}.js`), module);
    }
  }
}

/** In a text that is run as a script or as a module, as the command line says, Node's own modules come by a call. */
function resolveHost(setup, host) {
  setup.onResolve({ filter: /^#host$/ }, () => ({ path: resolve(`src/host/${host}.ts`) }));
  setup.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin' }));
  setup.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
    contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
  }));
}

async function bundle() {
  const sources = new Set(
    readdirSync('src', { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/')),
  );
  const bundled = await bundleEntries();
  const apart = readdirSync(MODULES, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter(
      (path) => APART.test(path) && /\.js(\.map)?$/.test(path) && sources.has(path.replace(/\.js(\.map)?$/, '.ts')),
    );
  for (const path of apart) copyModule(path);
  const written = new Set([...bundled, ...apart].map((path) => join('dist', path)));
  for (const path of readdirSync('dist', { recursive: true, encoding: 'utf8' })) {
    const file = join('dist', path);
    // Declarations are the compiler's, which leaves behind those of a source that is gone.
    const source = path.replaceAll('\\', '/').replace(/\.d\.ts(\.map)?$/, '.ts');
    const isLeft = source.endsWith('.ts') ? !sources.has(source) : /\.js(\.map)?$/.test(file) && !written.has(file);
    if (isLeft && !KEPT.test(file)) rmSync(file);
  }
}

/** Types stand in the declarations, with their documentation: the code goes without comments. */
async function bundleEntries() {
  const bundler = await rolldown({
    input: Object.fromEntries(BUNDLED.map((entry) => [entry, `src/${entry}.ts`])),
    external: [/^(#|node:)/, 'bullmq', 'ioredis', /\/check\/index\.js$/],
    platform: 'neutral',
    tsconfig: true,
    transform: { target: 'es2022' },
    // The calls of the main entry are marked as pure for users' bundlers only.
    treeshake: { annotations: false },
  });
  const { output } = await bundler.write({
    dir: 'dist',
    chunkFileNames: 'chunks/[name].js',
    sourcemap: true,
    sourcemapExcludeSources: true,
    comments: { legal: false, jsdoc: false },
    codeSplitting: {
      groups: CHUNKS.map(({ holds, ...group }, place) => ({
        ...group,
        priority: CHUNKS.length - place,
        test: (id) => holds.test(relative('src', id).replaceAll('\\', '/')),
      })),
    },
  });
  return output.map(({ fileName }) => fileName);
}

/** As the compiler wrote it, with its comments: the command prints those at the heads of races. */
function copyModule(path) {
  const target = join('dist', path);
  mkdirSync(dirname(target), { recursive: true });
  const text = readFileSync(join(MODULES, path), 'utf8');
  // A source map leads from another folder now.
  writeFileSync(
    target,
    path.endsWith('.map') ? text.replace(/"sources":\["(\.\.\/)+src/, `"sources":["${toRoot(path)}src`) : text,
  );
}

/** The way from a file of dist to the root. */
const toRoot = (path) => '../'.repeat(path.split('/').length);

compile();
writeScope();
await embed();
await bundle();
