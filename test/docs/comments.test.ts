/** What editors show of the public API says what it does, takes and returns, and in which unit; typedoc asks for less. */
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('doc comments');

const root = fileURLToPath(new URL('../../../', import.meta.url));
const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  exports: Readonly<Record<string, string | { readonly types: string }>>;
};
const entries = Object.values(exports).flatMap((target) =>
  typeof target === 'string' ? [] : [posix.join(root, target.types)],
);
const program = ts.createProgram(entries, {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  skipLibCheck: true,
  types: [],
});
const checker = program.getTypeChecker();

/** Numbers of these names are times or sizes. */
const MEASURES =
  /^(timeout|\w*[iI]nterval|lease|lockTimeout|grace|patience|ms|seconds\w*|duration|elapsed|remaining|time|since|waited|held|longest\w+|p99|(byte|age|bytes|time)L\w+|\w+Mb|maxNbytes)$/;
const UNITS = /\b(ms|milliseconds|seconds?|bytes|MB)\b/;

/** What is wrong with the comments, by the names of what they are on. */
const faults: string[] = [];
let looked = 0;

function lookAtCall(name: string, declaration: ts.SignatureDeclaration): void {
  const signature = checker.getSignatureFromDeclaration(declaration);
  if (signature === undefined) return;
  looked++;
  const tags = signature.getJsDocTags();
  const named = tags.filter((tag) => tag.name === 'param').map((tag) => tag.text?.[0]?.text);
  if (tags.length === 0 && signature.getDocumentationComment(checker).length === 0) faults.push(`${name}: no comment`);
  for (const parameter of declaration.parameters)
    if (ts.isIdentifier(parameter.name) && !named.includes(parameter.name.text))
      faults.push(`${name}: nothing of ${parameter.name.text}`);
  const given = checker.typeToString(signature.getReturnType());
  const givesNothing = ts.isConstructorDeclaration(declaration) || /^(void|this|Promise<void>)$/.test(given);
  if (!givesNothing && !tags.some((tag) => tag.name === 'returns')) faults.push(`${name}: nothing of what it returns`);
}

function lookAtMember(owner: string, member: ts.ClassElement | ts.TypeElement): void {
  const name = `${owner}.${member.name?.getText() ?? 'new'}`;
  if (ts.isMethodDeclaration(member) || ts.isMethodSignature(member) || ts.isConstructorDeclaration(member)) {
    lookAtCall(name, member);
    return;
  }
  const symbol = member.name && checker.getSymbolAtLocation(member.name);
  if (symbol === undefined || member.name === undefined) return;
  looked++;
  const comment = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  if (comment === '') faults.push(`${name}: no comment`);
  const isNumber = /\bnumber\b/.test(checker.typeToString(checker.getTypeAtLocation(member)));
  if (isNumber && MEASURES.test(member.name.getText()) && !UNITS.test(comment)) faults.push(`${name}: no unit`);
}

const isPublic = (member: ts.ClassElement | ts.TypeElement): boolean =>
  (ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) === 0 &&
  !(member.name !== undefined && ts.isPrivateIdentifier(member.name)) &&
  !ts.getJSDocTags(member).some(({ tagName }) => tagName.text === 'internal');

/** What every entry exports, once. */
function exported(): Set<ts.Symbol> {
  const modules = entries.map((file) => checker.getSymbolAtLocation(program.getSourceFile(file) as ts.SourceFile));
  const symbols = modules.flatMap((module) => (module === undefined ? [] : checker.getExportsOfModule(module)));
  const isAlias = (symbol: ts.Symbol): boolean => (symbol.flags & ts.SymbolFlags.Alias) !== 0;
  return new Set(symbols.map((symbol) => (isAlias(symbol) ? checker.getAliasedSymbol(symbol) : symbol)));
}

test('every export, overload, parameter, result and unit is documented', () => {
  for (const symbol of exported()) {
    if (symbol.getDocumentationComment(checker).length === 0) faults.push(`${symbol.name}: no comment`);
    for (const declaration of symbol.declarations ?? []) {
      if (ts.isFunctionDeclaration(declaration)) lookAtCall(symbol.name, declaration);
      if (!ts.isClassDeclaration(declaration) && !ts.isInterfaceDeclaration(declaration)) continue;
      for (const member of declaration.members) if (isPublic(member)) lookAtMember(symbol.name, member);
    }
  }
  assert.ok(looked > 500, `${looked} comments`);
  assert.equal(faults, []);
});

test.run();
