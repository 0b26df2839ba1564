/** The comment at the head of a test's module, for `stress --explain` and the page. */
import { readFile } from 'node:fs/promises';
import type { StressTest } from '../stress/index.js';

/** A block comment before any code; lines of other comments may precede it. */
const HEAD = /^(?:\s*(?:#!|\/\/).*\n)*\s*\/\*\*?([\s\S]*?)\*\//;

/**
 * The comment at the head of the module that defines a test, without its stars: what races, and why it is or is not
 * prevented.
 *
 * @param test - a test of the catalogue, or of the user
 * @returns the text, or undefined if the module has no such comment
 */
export async function headOf(test: StressTest): Promise<string | undefined> {
  const [, comment] = HEAD.exec(await readFile(new URL(test.module), 'utf8')) ?? [];
  return comment
    ?.split('\n')
    .map((line) => line.replace(/^ *\* ?/, '').trimEnd())
    .join('\n')
    .trim();
}

/** The heads of all modules that define these tests, each once. */
export async function explain(tests: readonly StressTest[]): Promise<string> {
  const modules = new Map(tests.map((test) => [test.module, test]));
  const heads = await Promise.all([...modules.values()].map(headOf));
  const names = [...modules.keys()].map((module) =>
    tests.flatMap((test) => (test.module === module ? [`  ${test.name}`] : [])).join('\n'),
  );
  return heads
    .map((head, at) => `${head ?? 'Its module does not begin with a comment.'}\n\n${names[at]}`)
    .join('\n\n\n');
}
