// Bundles the command, and apart from it the packages that it needs, so that the package itself depends on nothing; their
// licences stand beside them, as they ask for.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const PACKAGES = ['commander', 'cli-table3'];

const common = { bundle: true, platform: 'node', format: 'esm', target: 'node20', metafile: true, logLevel: 'warning' };

const { metafile } = await build({
  ...common,
  entryPoints: PACKAGES,
  outdir: 'dist/cli/packages',
  minify: true,
  // CommonJS packages ask for node: modules by require.
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
});

await build({
  ...common,
  entryPoints: ['src/cli/main.ts'],
  outfile: 'dist/cli/main.js',
  sourcemap: true,
  sourcesContent: false,
  // The library is not copied into the command: its workers are files of their own.
  external: [
    '../bullmq/worker.js',
    '../compare/index.js',
    '../stress/index.js',
    '../trace/index.js',
    '../gil-lab/index.js',
    '../gil/index.js',
    '../gil/outcomes/index.js',
  ],
  plugins: [
    {
      name: 'packages',
      setup: ({ onResolve }) =>
        onResolve({ filter: new RegExp(`^(${PACKAGES.join('|')})$`) }, ({ path }) => ({
          path: `./packages/${path}.js`,
          external: true,
        })),
    },
  ],
});

const folders = Object.keys(metafile.inputs).flatMap((file) => file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []);
const notices = [...new Set(folders)].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[sc]e/i.test(entry));
  if (!file) throw new Error(`${name} is bundled but has no licence file`);
  return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`;
});
writeFileSync(
  'dist/cli/LICENSES.txt',
  `The files of the folder packages contain these.\n\n${notices.join(`\n${'-'.repeat(80)}\n\n`)}`,
);
