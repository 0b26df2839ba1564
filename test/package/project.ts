// A user's project: an empty one, with what `npm publish` would publish installed into it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Example, outputOf, ROOT, writeExamples } from './pages.js';

/** Limits a hook or a test in which npm installs something, which takes the longer the busier the machine and the network. */
export const INSTALLS = { limit: 180_000 };

/** A folder far from this repository and its node_modules; for the caller to remove. */
export const createFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'atomics-sync-free-'));

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true });

/**
 * Packs what was built.
 *
 * @param folder - where the file is put
 * @returns its path
 */
export async function pack(folder: string): Promise<string> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(await outputOf('npm', args, ROOT)) as [{ filename: string }];
  return join(folder, filename);
}

/**
 * Makes the project, without the network.
 *
 * @param files - what is in it besides
 * @returns its folder, in one of its own; for the caller to remove
 */
export async function createProject(files: readonly Example[] = []): Promise<string> {
  const folder = await createFolder();
  const tarball = await pack(folder);
  const project = join(folder, 'project');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "private": true }');
  await outputOf('npm', ['install', '--offline', '--no-audit', '--ignore-scripts', tarball], project);
  await writeExamples(files, project);
  return project;
}

/**
 * Installs packages from npm, in a hook or a test with the limit of `INSTALLS`.
 *
 * @param folder - where its node_modules will be
 * @param args - the packages, and options of `npm install`
 */
export async function installPackages(folder: string, ...args: readonly string[]): Promise<void> {
  const command = ['install', '--no-audit', '--no-save', '--prefix', folder, ...args];
  await outputOf('npm', command, folder, INSTALLS.limit - 10_000);
}

/** Removes what `createProject` has made. */
export const removeProject = (project: string): Promise<void> => removeFolder(join(project, '..'));
