// The steps of somebody new to the package: an empty folder, one command, and the examples of the README as they stand.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type Example, readPage, writeExamples } from './pages.js';

/** Steps of the way, each with the seconds that it took. */
export class Way {
  readonly #steps: string[] = [];

  async step<T>(name: string, take: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const result = await take();
    this.#steps.push(`${name} ${((performance.now() - began) / 1000).toFixed(1)} s`);
    return result;
  }

  toString(): string {
    return this.#steps.join(', ');
  }
}

export const readmeExamples = async (): Promise<readonly Example[]> => (await readPage('README.md')).examples;

/**
 * Installs what was packed, as a user does, and writes the examples; fails if npm has a word of warning, brings anything
 * besides, or finds a script to run.
 *
 * @param folder - to be made
 * @param tarball - what `npm pack` has made
 */
export async function install(folder: string, tarball: string, examples: readonly Example[]): Promise<void> {
  await mkdir(folder);
  // npm asks for known flaws and for newer versions of itself besides, which is no concern of the package.
  const command = ['install', '--no-audit', '--no-update-notifier', tarball];
  const { code, said, warned } = await whatNpmSays(command, folder);
  assert.is(warned, '');
  assert.is(code, 0);
  assert.match(said, /^added 1 package in /);
  const lock = JSON.parse(await readFile(join(folder, 'node_modules/.package-lock.json'), 'utf8')) as Lock;
  const installed = Object.entries(lock.packages);
  assert.equal(
    installed.map(([path, { hasInstallScript = false }]) => [path, hasInstallScript]),
    [['node_modules/atomics-sync-free', false]],
  );
  await writeExamples(examples, folder);
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
}

async function whatNpmSays(
  args: readonly string[],
  cwd: string,
): Promise<{ code: number; said: string; warned: string }> {
  const npm = spawn('npm', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let warned = '';
  npm.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  npm.stderr.setEncoding('utf8').on('data', (text: string) => {
    warned += text;
  });
  const [code] = (await once(npm, 'close')) as [number];
  return { code, said: said.trim(), warned };
}
