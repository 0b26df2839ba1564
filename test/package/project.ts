// A project of somebody who uses the package: an empty one, with what `npm publish` would publish installed into it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Example, outputOf, ROOT, writeExamples } from './pages.js';

/**
 * Makes the project, without the network.
 *
 * @param files - what is in it besides
 * @returns its folder, far from this repository and its node_modules; for the caller to remove
 */
export async function createProject(files: readonly Example[] = []): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'atomics-sync-free-'));
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(await outputOf('npm', pack, ROOT)) as [{ filename: string }];
  const project = join(folder, 'project');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "private": true }');
  await outputOf('npm', ['install', '--offline', '--no-audit', '--ignore-scripts', `../${filename}`], project);
  await writeExamples(files, project);
  return project;
}

/** Removes what `createProject` has made. */
export const removeProject = (project: string): Promise<void> => rm(join(project, '..'), { recursive: true });
