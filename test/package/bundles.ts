// The two samples of docs/getting-started.md, a main file and a worker each, bundled as the guide says.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import webpack, { type Configuration } from 'webpack';
import { atTestEnd } from '../support/suite.js';
import { type Example, outputOf, readPage } from './pages.js';

/** The files of the guide: `node/…` for Node, `page/…` for browsers. */
export const samples = async (): Promise<readonly Example[]> => (await readPage('docs/getting-started.md')).examples;

/** As `esbuild main worker --bundle --format=esm --outdir=…`. */
export async function bundleByEsbuild(folder: string, entries: string[], options: BuildOptions = {}): Promise<string> {
  const outdir = join(folder, 'by-esbuild');
  const entryPoints = entries.map((name) => join(folder, name));
  await build({ entryPoints, bundle: true, format: 'esm', outdir, logLevel: 'error', ...options });
  return outdir;
}

/** As webpack does it by the sample's configuration. */
export async function bundleByWebpack(folder: string): Promise<string> {
  const path = join(folder, 'by-webpack');
  const file = pathToFileURL(join(folder, 'webpack.config.mjs')).href;
  // `devServer` is for another package, which webpack itself does not know.
  const { devServer: _, ...configuration } = (
    (await import(file)) as { default: Configuration & { devServer?: unknown } }
  ).default;
  await new Promise<void>((resolve, reject) => {
    const output = { ...configuration.output, path };
    webpack({ mode: 'production', context: folder, ...configuration, output }, (error, stats) => {
      if (error) reject(error);
      else if (!stats || stats.hasErrors() || stats.hasWarnings()) reject(new Error(stats?.toString() ?? 'no result'));
      else resolve();
    });
  });
  return path;
}

/** Runs a file of a bundle in Node, where there is nothing else. */
export async function runAlone(bundle: string, name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  atTestEnd(() => rm(folder, { recursive: true }));
  await cp(bundle, folder, { recursive: true });
  return outputOf(process.execPath, [join(folder, name)], folder);
}
