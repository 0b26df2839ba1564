// The portable checks in a project of somebody who has installed the package: what runs is what is shipped.
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeExamples } from '../package/pages.js';

const FILES = ['check.js', 'checks.js', 'tasks.js', 'main.js'];

/**
 * Writes the checks into a folder of the project; main.js is the program.
 *
 * @returns the folder
 */
export async function writePortable(project: string): Promise<string> {
  const folder = join(project, 'portable');
  const files = [
    { name: 'package.json', code: '{ "private": true, "type": "module" }' },
    {
      name: 'index.html',
      code: '<!DOCTYPE html><title>portable</title><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>',
    },
    // The polyfill is put into the module that the worker of a task loads, and asks for a page there.
    {
      name: 'vite.config.js',
      code: "export default { build: { modulePreload: { polyfill: false }, target: 'es2022' } };",
    },
  ];
  await writeExamples(files, folder);
  for (const name of FILES) await cp(fileURLToPath(new URL(name, import.meta.url)), join(folder, name));
  return folder;
}
