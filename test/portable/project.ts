// The portable checks as a project of somebody who has installed the package: what runs is what is shipped.
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProject } from '../package/project.js';

const FILES = ['check.js', 'checks.js', 'tasks.js', 'main.js'];

/** @returns its folder, where main.js is the program; for the caller to remove */
export async function createPortable(): Promise<string> {
  const project = await createProject([
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
  ]);
  for (const name of FILES) await cp(fileURLToPath(new URL(name, import.meta.url)), join(project, name));
  return project;
}
