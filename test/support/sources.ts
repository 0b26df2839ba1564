// The project's source text, for the tests that read it.
import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';

const src = new URL('../../../src/', import.meta.url);

/** The source files below src, parsed, by their path in it; `folders` keeps those of some layers. */
export function sources(folders?: readonly string[]): ts.SourceFile[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && (!folders || folders.includes(path.split('/')[0])))
    .sort()
    .map((path) => parse(path, readFileSync(new URL(path, src), 'utf8')));
}

export function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** Every node below this one, itself included. */
export function* nodes(root: ts.Node): Generator<ts.Node> {
  yield root;
  const children: ts.Node[] = [];
  ts.forEachChild(root, (child) => void children.push(child));
  for (const child of children) yield* nodes(child);
}

/** Where a node stands, as editors and terminals link it. */
export function place(node: ts.Node): string {
  const file = node.getSourceFile();
  return `src/${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}
