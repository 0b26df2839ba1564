/**
 * Loading of modules in Node's workers. Node does not load the modules that its command line names to be loaded before a
 * program, such as a compiler's hooks, in workers made from source text, as this package's are.
 */
import { getEnvironmentData } from 'node:worker_threads';
import { type Host, type Module, PRELOAD } from './host.js';
import { isNode } from './node-itself.js';

/** From Node 22.1 on it has a compile cache. */
type NodeModule = typeof import('node:module') & {
  readonly enableCompileCache?: (directory: string) => void;
  readonly getCompileCacheDir?: () => string | undefined;
};

const modules = () => process.getBuiltinModule('node:module') as NodeModule;

export const compileCache: Host['compileCache'] = () => {
  // Node creates a subdirectory for the version in the directory that it is given. Bun and Deno cache nothing.
  const versions = modules().getCompileCacheDir?.();
  return versions && process.getBuiltinModule('node:path').dirname(versions);
};

export const preload: Host['preload'] = async (cache) => {
  if (cache !== undefined) modules().enableCompileCache?.(cache);
  const url = getEnvironmentData(PRELOAD);
  if (typeof url === 'string') await import(/* webpackIgnore: true */ url);
  // The workers of Deno and Bun load the modules that their command lines name.
  if (isNode) for (const name of namedFirst()) await import(/* webpackIgnore: true */ name);
};

/** @returns the modules that `--import` names, in the order in which Node loads them */
function namedFirst(): string[] {
  const options = process.env.NODE_OPTIONS?.match(/(?:"(?:\\.|[^"\\])*"|\S)+/g) ?? [];
  const plain = options.map((option) =>
    option.replace(/"((?:\\.|[^"\\])*)"/g, (_, text) => text.replace(/\\(.)/g, '$1')),
  );
  const all = [...plain, ...process.execArgv];
  return all.flatMap((option, at) => {
    if (option.startsWith('--import=')) return [option.slice('--import='.length)];
    return option === '--import' ? (all[at + 1] ?? []) : [];
  });
}

export const importUrl: Host['importUrl'] = async (url) => {
  try {
    return (await import(/* webpackIgnore: true */ url)) as Module;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // A CommonJS compiler may know an extension that Node does not: `-r ts-node/register`, and tsx in workers of Node 20.
    if (code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error;
    const require = modules().createRequire(url);
    const path = process.getBuiltinModule('node:url').fileURLToPath(url);
    const isKnown = Object.keys(require.extensions).some((extension) => path.endsWith(extension));
    if (!isKnown || !message.endsWith(path)) throw error;
    return require(path) as Module;
  }
};
