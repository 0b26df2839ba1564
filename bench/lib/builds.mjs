// Where a contender loads the package from: this checkout, or another one to compare with.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NAME = 'atomics-sync-free';
export const THIS = fileURLToPath(new URL('../..', import.meta.url));

/**
 * @param {string} folder a checkout of the package that has been built
 * @param {string} [entry] what follows the package's name: '', '/gil'
 * @returns {string} the file that the checkout's own `exports` name
 * @throws if there is no such package
 */
export const fileOf = (folder, entry = '') => createRequire(join(folder, 'package.json')).resolve(NAME + entry);

/**
 * @param {string} [folder] as above; this checkout by default
 * @param {string} [entry] as above
 * @returns {Promise<any>} the module
 */
export const load = (folder = THIS, entry = '') => import(pathToFileURL(fileOf(folder, entry)).href);

/** @returns {boolean} whether a folder is a checkout of the package that has been built */
export function isBuild(folder) {
  try {
    // Inside a checkout, its name would be found from subfolders, too.
    return existsSync(join(folder, 'package.json')) && existsSync(fileOf(folder));
  } catch {
    return false;
  }
}
