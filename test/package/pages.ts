// What the guides show: blocks of code that are marked as files, and say what they print.
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Example {
  /** The path it is to be written to, which its comments in the page give. */
  readonly name: string;
  readonly code: string;
}

export interface Page {
  /** Its path in the package. */
  readonly path: string;
  readonly text: string;
  readonly examples: readonly Example[];
}

/** The README and all guides. */
export async function readPages(): Promise<Page[]> {
  const guides = (await readdir(join(ROOT, 'docs'))).filter((name) => name.endsWith('.md'));
  return Promise.all(['README.md', ...guides.map((name) => `docs/${name}`)].map(readPage));
}

/** One page, by its path in the package. */
export async function readPage(path: string): Promise<Page> {
  const text = await readFile(join(ROOT, path), 'utf8');
  const marked = text.matchAll(/^<!-- example: (\S+) -->\n```\w+\n([\s\S]*?)^```$/gm);
  return { path, text, examples: [...marked].map(([, name, code]) => ({ name, code })) };
}

/** Writes examples into a folder. */
export async function writeExamples(examples: readonly Example[], folder: string): Promise<void> {
  for (const { name, code } of examples) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, code);
  }
}

/** The lines that code says it prints, by the comments after its calls of console.log. */
export const promisedBy = (code: string): string =>
  [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line).join('\n');

/**
 * What a command prints in the end.
 *
 * @param timeout how long it may take, in ms: less than the test or the hook that awaits it
 */
export async function outputOf(
  command: string,
  args: readonly string[],
  cwd: string,
  timeout = 45_000,
): Promise<string> {
  const { NODE_V8_COVERAGE: _, ...env } = process.env; // What is installed is not our source.
  const { stdout } = await promisify(execFile)(command, args, { cwd, env, timeout });
  return stdout.trim();
}
