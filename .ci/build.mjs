// Builds the package: `npm run build`.
//
// dist holds what is published. What workers of the package load is bundled there in a chunk a floor, which the entries
// share: each further file costs every worker that starts some 2 ms. The layers above take the others by their entries
// only, and stay as they are.
//
// .build/test/dist is the same for the tests, which start workers, too: there every module is an entry, by which a test can
// take it. .build/test/modules has what the compiler made of each file.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { build } from 'esbuild';
import { rolldown } from 'rolldown';

const MODULES = '.build/test/modules';
const FOR_TESTS = '.build/test/dist';
const INFO = 'dist/.tsbuildinfo';

/** The layers that are not bundled. Of the command the tests take the modules; dist has it as one file. */
const APART = /^(check|stress|gil-lab|compare)\//;
const APART_FOR_TESTS = /^(check|stress|gil-lab|compare|cli)\//;

const { name, type, exports, imports } = JSON.parse(readFileSync('package.json', 'utf8'));

/** The package's entries, by their paths in src. */
const ENTRIES = Object.values(exports).flatMap((target) => target.default?.match(/^\.\/dist\/(.*)\.js$/)[1] ?? []);
/** What is bundled together: those entries, and what starts or loads them. */
const BUNDLED = [
  ...ENTRIES.filter((path) => !APART.test(path)),
  'trace/preload',
  // These two are for the layers above.
  'gil/attach',
  'gil/interpreter/loop',
  'host/node',
  'host/web',
  'joblib/files/node',
  'joblib/files/web',
  'bullmq/courier-main',
  'bullmq/worker',
  'distributed/keeper-main',
  'tasks/bootstrap',
];
/**
 * The chunks, from the ground up, and what of src is in them with all that it imports and no chunk before has, if several
 * entries use it; what one alone does is in that one's file.
 */
const CHUNKS = {
  // Of host only what knows no host.
  primitives: /^(core\/|sync\/|recover\/|gil\/gil\.ts|trace\/statistics\.ts|host\/(host|link)\.ts)/,
  main: /^index\.ts$/,
  gil: /^gil\/(?!outcomes|python)/,
  outcomes: /^gil\/(outcomes|python)\//,
  workers: /^(host|tasks)\//,
  trace: /^trace\//,
  threading: /^threading\//,
  multiprocessing: /^multiprocessing\//,
  joblib: /^joblib\//,
  server: /^distributed\//,
};
/** In dist one file less matters more than that whoever takes a primitive by another entry has what the main one does. */
const CHUNKS_OF_DIST = { ...CHUNKS, primitives: new RegExp(`${CHUNKS.primitives.source}|${CHUNKS.main.source}`) };
/** What a host or a worker loads by itself. */
const ALONE =
  /^(host\/(node|web|channels|supervisor)|tasks\/(bootstrap|loader|child)\.|joblib\/files\/|trace\/preload|distributed\/keeper-main)/;
/** What workers run first, each as one text that imports nothing: a bundler can move it, and a worker is soon up. */
const PROGRAMS = { supervisor: 'src/host/supervisor.ts', loader: 'src/tasks/loader.ts', child: 'src/tasks/child.ts' };
/** What workers may load next, as one file, whose frames people see. */
const SMALL = 'src/tasks/small.ts';
/** Every module of src, by its path there. */
const SOURCES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /(?<!\.d)\.ts$/.test(path));

/** What other steps of the build put into dist. */
const KEPT = /^dist.cli.|.programs.(small-)?(node|web)\.js$/;

function compile() {
  // What the compiler has written before must be there for it to write only what has changed.
  if (!existsSync(MODULES)) rmSync(INFO, { force: true });
  const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** The scope of the tests: there, the package's own name and its internal ones lead to what is built for them. */
function writeScope() {
  mkdirSync('.build/test', { recursive: true });
  writeFileSync('.build/test/package.json', JSON.stringify({ name, type, exports, imports }, undefined, 2));
}

/** The programs of each host, for dist and for the tests: modules that export their texts, and a file beside each. */
async function embed() {
  for (const host of ['node', 'web']) {
    const file = `small-${host}.js`;
    const texts = Object.entries(PROGRAMS).map(async ([name, entry]) => {
      const text = await textOf(entry, host, { minify: true, format: 'iife' });
      return `export const ${name} = ${JSON.stringify(text)};\n`;
    });
    const module = `${(await Promise.all(texts)).join('')}export const small = ${JSON.stringify(file)};\n`;
    const small = await textOf(SMALL, host, {
      minifySyntax: true,
      minifyWhitespace: true,
      lineLimit: 160,
      format: 'esm',
      external: ['node:*'],
    });
    for (const folder of ['dist', FOR_TESTS, MODULES]) {
      mkdirSync(join(folder, 'programs'), { recursive: true });
      writeFileSync(join(folder, 'programs', `${host}.js`), module);
      writeFileSync(join(folder, 'programs', file), small);
    }
  }
}

/** A module and all that it imports, as one text. */
async function textOf(entry, host, options) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    target: 'es2022',
    write: false,
    logLevel: 'warning',
    plugins: [{ name: 'host', setup: (setup) => resolveHost(setup, host, options.format) }],
    ...options,
  });
  return outputFiles[0].text;
}

/** In a text that is run as a script or as a module, as the command line says, Node's own modules come by a call. */
function resolveHost(setup, host, format) {
  setup.onResolve({ filter: /^#host$/ }, () => ({ path: resolve(`src/host/${host}.ts`) }));
  if (format === 'esm') return;
  setup.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin' }));
  setup.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
    contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
  }));
}

/** Fills a folder, and empties it of what another build has left there. */
async function fill(folder, entries, chunks, apart) {
  const bundled = await bundle(folder, entries, chunks);
  const copied = SOURCES.filter((path) => apart.test(path)).flatMap((path) => {
    const module = path.replace(/ts$/, 'js');
    return [module, `${module}.map`];
  });
  for (const path of copied) copyModule(folder, path);
  const written = new Set([...bundled, ...copied].map((path) => join(folder, path)));
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, path);
    // Declarations are the compiler's, which leaves behind those of a source that is gone.
    const source = path.replaceAll('\\', '/').replace(/\.d\.ts(\.map)?$/, '.ts');
    const isLeft = source.endsWith('.ts')
      ? !SOURCES.includes(source)
      : /\.js(\.map)?$/.test(file) && !written.has(file);
    if (isLeft && !KEPT.test(file)) rmSync(file);
  }
}

/** Types stand in the declarations, with their documentation: the code goes without comments. */
async function bundle(folder, entries, chunks) {
  const bundler = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])),
    external: [/^(#|node:)/, 'bullmq', 'ioredis', /\/check\/index\.js$/],
    platform: 'neutral',
    tsconfig: true,
    transform: { target: 'es2022' },
    plugins: [CONSTANTS_FIRST],
    experimental: { nativeMagicString: true },
    treeshake: {
      // The calls of the main entry are marked as pure for users' bundlers only: here they are what it is imported for.
      annotations: false,
      moduleSideEffects: [{ test: /[\\/]src[\\/]index\.ts$/, sideEffects: true }],
    },
  });
  const pathOf = (id) => relative('src', id).replaceAll(sep, '/');
  const { output } = await bundler.write({
    dir: folder,
    chunkFileNames: 'chunks/[name].js',
    sourcemap: true,
    sourcemapExcludeSources: true,
    comments: { legal: false, jsdoc: false },
    codeSplitting: {
      minShareCount: 2,
      groups: Object.entries(chunks).map(([name, holds], place, { length }) => ({
        name,
        priority: length - place,
        test: (id) => holds.test(pathOf(id)) && !ALONE.test(pathOf(id)),
      })),
    },
  });
  let kept = 0;
  for (const { type, fileName } of output) if (type === 'chunk') kept += finish(join(folder, fileName));
  if (kept !== PURE_CALLS) throw new Error(`${kept} of the ${PURE_CALLS} pure calls of src/index.ts are in ${folder}`);
  return output.map(({ fileName }) => fileName);
}

/**
 * Puts constants that are numbers before all else in a file: from there esbuild writes them wherever a bundle uses them, which is
 * 4 % of one, while of those that something stands before it makes variables.
 */
const CONSTANTS_FIRST = {
  name: 'constants-first',
  renderChunk(code, _chunk, _options, { magicString }) {
    const moved = new Set();
    for (const { index, 0: line, 1: name, 2: value } of code.matchAll(
      /^const ([A-Z_\d$]+) = ([-+*<|&~()\w$. ]+);\n/gm,
    )) {
      // One that hangs on others follows them.
      const others = value.match(/(?<![\w$.])[A-Za-z_$][\w$.]*/g) ?? [];
      if (!others.every((other) => moved.has(other))) continue;
      moved.add(name);
      magicString.move(index, index + line.length, 0);
    }
    return magicString;
  },
};

/** How many calls the main entry makes when it is loaded. */
const PURE_CALLS = 3;

/**
 * Writes a file anew, where it has
 *
 * - pure calls: Bun leaves one out when it loads a module, if nothing takes its result; bundlers leave out an unused constant as well
 * - characters beyond ASCII, which stand in texts alone: for one of them V8 keeps the whole file in twice the memory, which is
 *   0.4 MB of each worker of a pool
 *
 * @returns how many pure calls there were
 */
function finish(file) {
  let count = 0;
  const text = readFileSync(file, 'utf8');
  const finished = text
    .replace(/^\/\* @__PURE__ \*\/ (\w+)\(\);$/gm, (_, name) => {
      count++;
      return `const ${name}Result = /* @__PURE__ */ ${name}();`;
    })
    .replace(/[^\0-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  if (finished !== text) writeFileSync(file, finished);
  return count;
}

/** As the compiler wrote it, with its comments: the command prints those at the heads of races. */
function copyModule(folder, path) {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  const text = readFileSync(join(MODULES, path), 'utf8');
  // A source map leads from another folder now.
  writeFileSync(
    target,
    path.endsWith('.map') ? text.replace(/"sources":\["(\.\.\/)+src/, `"sources":["${toRoot(target)}src`) : text,
  );
}

/** The way from a file to the root. */
const toRoot = (file) => '../'.repeat(file.split(sep).length - 1);

compile();
writeScope();
await embed();
await fill('dist', BUNDLED, CHUNKS_OF_DIST, APART);
const modules = SOURCES.filter((path) => !APART_FOR_TESTS.test(path)).map((path) => path.replace(/\.ts$/, ''));
await fill(FOR_TESTS, modules, CHUNKS, APART_FOR_TESTS);
