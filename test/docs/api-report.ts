// The public API as text: what each entry of package.json exports, by name, without comments and without what is internal.
// Run by itself it writes test/docs/api.txt, with which api.test.ts compares the build: npm run api.
import { readFileSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../../', import.meta.url));
export const COMMITTED = new URL('../../../test/docs/api.txt', import.meta.url);

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

/** The report on the declarations in dist. */
export function apiReport(): string {
  const { name, exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as Manifest;
  const entries = Object.entries(exports).flatMap(([path, target]) =>
    typeof target === 'string' ? [] : [{ specifier: posix.join(name, path), file: posix.join(root, target.types) }],
  );
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, skipLibCheck: true, types: [] },
  );
  return new Report(program.getTypeChecker()).of(
    entries.map(({ specifier, file }) => [specifier, program.getSourceFile(file)] as const),
  );
}

const printer = ts.createPrinter({ removeComments: true });

/** What the entries export, and what that is made of but is exported by none. */
class Report {
  readonly #checker: ts.TypeChecker;
  readonly #exported = new Set<ts.Symbol>();
  readonly #hidden = new Set<ts.Symbol>();

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  of(entries: readonly (readonly [specifier: string, source: ts.SourceFile | undefined])[]): string {
    const exports = entries.map(([specifier, source]) => {
      const module = source && this.#checker.getSymbolAtLocation(source);
      if (!module) throw new Error(`${specifier} is no module; has the package been built?`);
      return this.#checker.getExportsOfModule(module).map((symbol) => this.#original(symbol));
    });
    for (const symbol of exports.flat()) this.#exported.add(symbol);
    const sections = entries.map(([specifier], at) => [
      `# ${specifier}`,
      '',
      ...exports[at].flatMap((each) => this.#declarations(each)).sort(),
    ]);
    // The set grows while it is iterated: a hidden declaration may be made of more hidden ones.
    const hidden: string[] = [];
    for (const symbol of this.#hidden) hidden.push(...this.#declarations(symbol));
    sections.push(['# exported by none of them', '', ...hidden.sort()]);
    return sections.map((lines) => lines.join('\n')).join('\n');
  }

  #original(symbol: ts.Symbol): ts.Symbol {
    return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : this.#checker.getAliasedSymbol(symbol);
  }

  #declarations({ declarations = [] }: ts.Symbol): string[] {
    return declarations.map((each) => this.#print(each));
  }

  #print(declaration: ts.Declaration): string {
    const node = this.#publicPart(ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration);
    this.#note(node);
    const text = printer.printNode(ts.EmitHint.Unspecified, node, declaration.getSourceFile());
    return `${text.replace(/^(export |declare )*/, '')}\n`;
  }

  /** A class or interface without its internal members, the others by name; overloads keep their order. */
  #publicPart(node: ts.Node): ts.Node {
    if (ts.isClassDeclaration(node)) {
      const { modifiers, name, typeParameters, heritageClauses } = node;
      const members = sorted(node.members);
      return ts.factory.updateClassDeclaration(node, modifiers, name, typeParameters, heritageClauses, members);
    }
    if (ts.isInterfaceDeclaration(node)) {
      const { modifiers, name, typeParameters, heritageClauses } = node;
      const members = sorted(node.members);
      return ts.factory.updateInterfaceDeclaration(node, modifiers, name, typeParameters, heritageClauses, members);
    }
    return node;
  }

  /** Notes the package's own types that a declaration names and no entry exports. */
  #note(node: ts.Node): void {
    if (ts.isIdentifier(node)) {
      const found = this.#checker.getSymbolAtLocation(node);
      const symbol = found && this.#original(found);
      const own = symbol?.declarations?.some(
        (each) => ts.isSourceFile(each.parent) && each.getSourceFile().fileName.startsWith(posix.join(root, 'dist/')),
      );
      if (symbol && own && !this.#exported.has(symbol)) this.#hidden.add(symbol);
    }
    ts.forEachChild(node, (child) => this.#note(child));
  }
}

function sorted<M extends ts.ClassElement | ts.TypeElement>(members: ts.NodeArray<M>): M[] {
  const nameOf = (member: M): string => member.name?.getText() ?? '';
  return members
    .filter((member) => !isInternal(member) && !nameOf(member).startsWith('#'))
    .sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : nameOf(one) > nameOf(other) ? 1 : 0));
}

const isInternal = (node: ts.Node): boolean => ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal');

if (argv[1] === fileURLToPath(import.meta.url)) writeFileSync(COMMITTED, apiReport());
