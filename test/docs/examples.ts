// The examples of the doc comments in src, as the compiler and the runner of examples.test.ts take them.
import { readdirSync, readFileSync } from 'node:fs';

export interface Example {
  /** Where it stands, as editors and terminals link it. */
  readonly place: string;
  /** A file name for it. */
  readonly file: string;
  readonly code: string;
  /** What it says it prints: the comment after each console.log, in order. */
  readonly promised: readonly string[];
}

const src = new URL('../../../src/', import.meta.url);
const COMMENT = /\/\*\*[\s\S]*?\*\//g;
const BLOCK = /@example\s*\n[ \t]*\*[ \t]*```[tj]s\n([\s\S]*?)\n[ \t]*\*[ \t]*```/g;
const MARGIN = /^[ \t]*\* ?/gm;

/** Where the examples have their server. */
export const SERVER = 'redis://127.0.0.1';

/** Whether it needs no server. */
export const isAlone = ({ code }: Example): boolean => !code.includes(SERVER);

/** All examples, in the order of their files. */
export function examples(): Example[] {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  return files
    .sort()
    .flatMap((path) => examplesIn(path.replaceAll('\\', '/'), readFileSync(new URL(path, src), 'utf8')));
}

export function examplesIn(path: string, text: string): Example[] {
  return [...text.matchAll(COMMENT)].flatMap((comment) =>
    [...comment[0].matchAll(BLOCK)].map((block) => {
      const line = text.slice(0, comment.index + block.index).split('\n').length;
      const code = block[1].replace(MARGIN, '');
      const promised = [...code.matchAll(/console\.log\(.*\);(?: \/\/ (.*))?$/gm)].map(([, said = 'nothing']) => said);
      return { place: `src/${path}:${line}`, file: `${path.replace(/\W/g, '-')}-${line}.ts`, code, promised };
    }),
  );
}
