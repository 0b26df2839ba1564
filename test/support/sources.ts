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

/** Every node below this one, itself included, in the order of the text. */
export function nodes(root: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

/** Where a node stands, as editors and terminals link it. */
export function place(node: ts.Node): string {
  const file = node.getSourceFile();
  return `src/${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}
