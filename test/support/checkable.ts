// The rules that let the checker run core and sync as they are compiled, by suspension and re-execution: it suspends a
// call by throwing out of an Atomics operation, and resumes it by calling it again.
import ts from 'typescript';
import { nodes, place } from './sources.js';

/** One line for each place that breaks a rule. */
export function brokenRules(file: ts.SourceFile): string[] {
  return nodes(file).flatMap((node) => {
    const rule = indirect(node) ?? swallowed(node) ?? caught(node) ?? remembered(node);
    return rule ? [`${place(node)}: ${rule}`] : [];
  });
}

/** The simulated Atomics takes the place of the global, so code that keeps a reference goes on with the real one. */
function indirect(node: ts.Node): string | undefined {
  const named = (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) && node.text === 'Atomics';
  if (!named || ts.isTypeQueryNode(node.parent)) return undefined;
  const member = node.parent;
  if (ts.isPropertyAccessExpression(member) && member.expression === node) {
    // `typeof Atomics.pause` only looks whether it is there.
    if (ts.isCallExpression(member.parent) && member.parent.expression === member) return undefined;
    if (ts.isTypeOfExpression(member.parent)) return undefined;
  }
  return 'Atomics is used otherwise than by calling Atomics.x(…)';
}

/** What is thrown there becomes a rejection, and suspends nothing. */
function swallowed(node: ts.Node): string | undefined {
  if (!isSharedOperation(node)) return undefined;
  for (const around of enclosing(node)) {
    if (isAsync(around)) return 'an Atomics call in an async function';
    const call = around.parent;
    if (ts.isNewExpression(call) && call.expression.getText() === 'Promise') {
      return 'an Atomics call in a Promise executor';
    }
    if (ts.isCallExpression(call) && isPromiseMethod(call.expression)) {
      return `an Atomics call in a callback of .${call.expression.name.text}()`;
    }
  }
  return undefined;
}

/** A suspension must pass through: not be caught, and change nothing on its way out. */
function caught(node: ts.Node): string | undefined {
  if (ts.isTryStatement(node) && performs(node.tryBlock)) {
    if (node.catchClause) return 'a catch around an Atomics call';
    if (node.finallyBlock?.statements.length) return 'an effect in finally around an Atomics call';
  }
  if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.Using) === ts.NodeFlags.Using) {
    if (performs(node.parent.parent)) return 'a using declaration around an Atomics call';
  }
  return undefined;
}

/** What the module remembers, a second execution of the call would find changed. */
function remembered(node: ts.Node): string | undefined {
  const target = assigned(node);
  if (!target) return undefined;
  const root = rootOf(target);
  if (!ts.isIdentifier(root) || !moduleVariables(node.getSourceFile()).has(root.text)) return undefined;
  const around = [...enclosing(node)].find((fn) => performs(fn));
  return around && `the module's ${root.text} changes in a function that calls Atomics`;
}

/** An Atomics call, save on memory made in its own argument, which nobody shares. */
function isSharedOperation(node: ts.Node): node is ts.CallExpression {
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    node.expression.expression.getText() === 'Atomics' &&
    !/^new \w+\(new SharedArrayBuffer\(/.test(node.arguments[0]?.getText() ?? '')
  );
}

/**
 * The functions whose execution a node is part of, from the inside: up to the first that has a name of its own, since
 * that is called, at another time perhaps.
 */
function* enclosing(node: ts.Node): Generator<ts.SignatureDeclaration> {
  for (let at = node.parent; at; at = at.parent) {
    if (!ts.isFunctionLike(at)) continue;
    yield at;
    if (hasName(at)) return;
  }
}

function hasName(fn: ts.SignatureDeclaration): boolean {
  if (!ts.isArrowFunction(fn) && !ts.isFunctionExpression(fn)) return true;
  return (
    ts.isVariableDeclaration(fn.parent) || ts.isPropertyDeclaration(fn.parent) || ts.isPropertyAssignment(fn.parent)
  );
}

/** Whether executing this node's code, without what it calls by name, calls Atomics on shared memory. */
function performs(node: ts.Node): boolean {
  if (isSharedOperation(node)) return true;
  return (
    ts.forEachChild(node, (child) =>
      ts.isFunctionLike(child) && hasName(child) ? undefined : performs(child) || undefined,
    ) ?? false
  );
}

function isAsync(fn: ts.SignatureDeclaration): boolean {
  return ts.canHaveModifiers(fn) && !!ts.getModifiers(fn)?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);
}

function isPromiseMethod(called: ts.Expression): called is ts.PropertyAccessExpression {
  return ts.isPropertyAccessExpression(called) && /^(then|catch|finally)$/.test(called.name.text);
}

/** What an assignment, an update or a delete changes. */
function assigned(node: ts.Node): ts.Node | undefined {
  const { FirstAssignment, LastAssignment, PlusPlusToken, MinusMinusToken } = ts.SyntaxKind;
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    return kind >= FirstAssignment && kind <= LastAssignment ? node.left : undefined;
  }
  if (ts.isDeleteExpression(node)) return node.expression;
  if (!ts.isPrefixUnaryExpression(node) && !ts.isPostfixUnaryExpression(node)) return undefined;
  return node.operator === PlusPlusToken || node.operator === MinusMinusToken ? node.operand : undefined;
}

function rootOf(target: ts.Node): ts.Node {
  let root = target;
  while (ts.isPropertyAccessExpression(root) || ts.isElementAccessExpression(root)) root = root.expression;
  return root;
}

function moduleVariables(file: ts.SourceFile): Set<string> {
  const names = file.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => declarationList.declarations.map(({ name }) => name.getText()));
  return new Set(names);
}
