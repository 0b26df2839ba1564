/**
 * Mutants: copies of a compiled module in which one thing is left out or changed that an interleaving may need. They are
 * made by rules over the syntax tree, so that what the algorithms gain is mutated too.
 */
import ts from 'typescript';

export interface Mutant {
  /** The compiled module. */
  readonly file: string;
  /** What was done to which function; the same for the same code. */
  readonly name: string;
  /** The line of the compiled module. */
  readonly line: number;
  /** The module with the change. */
  readonly text: string;
}

/** Calls that change what others see, besides those of Atomics. */
const HELPERS = new Set([
  'wake',
  'wakeBlocked',
  'wakeAt',
  'free',
  'freeSlot',
  'setState',
  'append',
  'entitle',
  'withdrawWriter',
  'afterRelease',
  'afterWrite',
  'releaseRead',
  'putRecord',
  'giveBackAll',
  'settle',
  'orphan',
  'orphanShared',
  'freeRecord',
  'setUndo',
  'undo',
  'undoRecord',
  'unlink',
  'advance',
  'endWait',
  'endPhase',
  'open',
  'fail',
  'lapse',
  'handOver',
  'publish',
]);
const WRITES = new Set(['store', 'add', 'and', 'or', 'exchange', 'compareExchange', 'notify']);
/** Names of bits by which waiters, holders and wakers tell each other something. */
const BITS =
  /\b(BLOCKED|ASYNC|STARVING\w*|RESERVED\w*|WAITERS|EVIDENCE|evidence|owed|used|unused|others|TASK|LAPSED|LAST|SLEPT|WRITING|asks|EPOCHS?|reservation)\b/;
/** What a pass may answer, and what a mutant makes of it. */
const ANSWERS: Readonly<Record<string, string>> = { SLEEP: 'GOT', AGAIN: 'SLEEP', SLEEP_BRIEFLY: 'SLEEP' };

interface Edit {
  readonly rule: string;
  readonly node: ts.Node;
  readonly replacement: string;
}

/** What not to mutate, by the names of functions. */
export interface Exempt {
  /** Functions, or variables that hold them, that no scenario runs. */
  readonly unexplored?: readonly string[];
  /** Functions whose statements nobody sees one by one, so that their order is free. */
  readonly unseen?: readonly string[];
}

/** All mutants of a compiled module. */
export function mutantsOf(file: string, text: string, { unexplored = [], unseen = [] }: Exempt = {}): Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (isAsync(node) || unexplored.includes(nameOf(node))) return;
    if (!isSetUp(node)) edits.push(...editsOf(node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  const names = new Map<string, number>();
  const seen = edits.filter(({ rule, node }) => rule !== 'swap' || !unseen.includes(functionOf(node)));
  return seen.map(({ rule, node, replacement }) => {
    const base = `${file} ${functionOf(node)}: ${rule}: ${short(node.getText())}`;
    const count = (names.get(base) ?? 0) + 1;
    names.set(base, count);
    return {
      file,
      name: count === 1 ? base : `${base} (${count})`,
      line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1,
      text: text.slice(0, node.getStart()) + replacement + text.slice(node.getEnd()),
    };
  });
}

function editsOf(node: ts.Node): Edit[] {
  return [
    ...leaveOut(node),
    ...swap(node),
    ...overwrite(node),
    ...bits(node),
    ...negate(node),
    ...answer(node),
    ...count(node),
  ];
}

/** A statement that changes shared words, or wakes. */
function leaveOut(node: ts.Node): Edit[] {
  return ts.isExpressionStatement(node) && changes(node.expression)
    ? [{ rule: 'leave out', node, replacement: ';' }]
    : [];
}

/** Two such statements that follow each other. */
function swap(node: ts.Node): Edit[] {
  if (!ts.isBlock(node) && !ts.isSourceFile(node)) return [];
  return node.statements.slice(1).flatMap((second, i): Edit[] => {
    const first = node.statements[i];
    if (!changesIn(first) || !changesIn(second)) return [];
    if (ts.isVariableStatement(first) && uses(second, declaredIn(first))) return [];
    // The edit covers both; anything between them is a comment.
    const both = ts.factory.createBlock([]);
    ts.setTextRange(both, { pos: first.pos, end: second.end });
    return [{ rule: 'swap', node: spanning(first, second), replacement: `${second.getText()}\n${first.getText()}` }];
  });
}

/** A compare-and-swap becomes a store that always succeeds. */
function overwrite(node: ts.Node): Edit[] {
  if (!isAtomics(node, 'compareExchange')) return [];
  const [words, at, expected, next] = node.arguments.map((argument) => argument.getText());
  return [{ rule: 'overwrite', node, replacement: `(Atomics.store(${words}, ${at}, ${next}), ${expected})` }];
}

/** One side of a combination of bits. */
function bits(node: ts.Node): Edit[] {
  if (!ts.isBinaryExpression(node)) return [];
  const { kind } = node.operatorToken;
  if (isOnlyCost(node)) return [];
  const combines = kind === ts.SyntaxKind.BarToken || kind === ts.SyntaxKind.AmpersandToken;
  if (!combines || isConstant(node)) return [];
  const right = node.right.getText();
  if (!BITS.test(right)) return [];
  const clears = kind === ts.SyntaxKind.AmpersandToken && !/^\(?~/.test(right);
  // To test for a bit is a condition, and negated as such.
  return clears
    ? []
    : [{ rule: `drop ${node.operatorToken.getText()} ${short(right)}`, node, replacement: `(${node.left.getText()})` }];
}

function negate(node: ts.Node): Edit[] {
  if (!ts.isIfStatement(node) || refuses(node.thenStatement)) return [];
  const condition = node.expression;
  return [{ rule: 'negate', node: condition, replacement: `!(${condition.getText()})` }];
}

function answer(node: ts.Node): Edit[] {
  if (!ts.isIdentifier(node) || !(node.text in ANSWERS)) return [];
  const { parent } = node;
  const isAnswer = ts.isReturnStatement(parent) || (ts.isConditionalExpression(parent) && parent.condition !== node);
  return isAnswer ? [{ rule: `answer ${ANSWERS[node.text]} for`, node, replacement: ANSWERS[node.text] }] : [];
}

/** How many are woken: none instead of one, one instead of all. */
function count(node: ts.Node): Edit[] {
  const wakes = isAtomics(node, 'notify') || (ts.isCallExpression(node) && node.expression.getText() === 'wake');
  if (!wakes) return [];
  const last = node.arguments[node.arguments.length - 1];
  if (node.arguments.length === 2) {
    const text = `${node.getText().slice(0, -1)}, 1)`;
    return [{ rule: 'wake 1 by', node, replacement: text }];
  }
  if (last.getText() === '1') return [];
  const text = `${node.getText().slice(0, last.getStart() - node.getStart())}1)`;
  return [{ rule: 'wake 1 by', node, replacement: text }];
}

// --- looking at code ----------------------------------------------------------------------------------------------

function isAtomics(node: ts.Node, ...methods: readonly string[]): node is ts.CallExpression {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  return node.expression.expression.getText() === 'Atomics' && methods.includes(node.expression.name.text);
}

function changes(node: ts.Node): boolean {
  if (isAtomics(node, ...WRITES)) return true;
  if (ts.isBinaryExpression(node)) return changes(node.right);
  if (!ts.isCallExpression(node)) return false;
  const called = node.expression;
  const name = ts.isPropertyAccessExpression(called) ? called.name.text.replace('#', '') : called.getText();
  return HELPERS.has(name);
}

/** Whether a statement is one that changes shared words, and nothing more. */
function changesIn(node: ts.Statement): boolean {
  if (ts.isExpressionStatement(node)) return changes(node.expression);
  if (!ts.isVariableStatement(node)) return false;
  return node.declarationList.declarations.every(
    ({ initializer }) => initializer !== undefined && changes(initializer),
  );
}

/** Whether a branch is there to refuse a bad call. */
const refuses = (branch: ts.Statement): boolean => /\bthrow\b|\bcheck[A-Z]|\breturn refused\b/.test(branch.getText());

const declaredIn = (statement: ts.VariableStatement): readonly string[] =>
  statement.declarationList.declarations.map(({ name }) => name.getText());

const uses = (node: ts.Node, names: readonly string[]): boolean =>
  names.some((name) => new RegExp(`\\b${name}\\b`).test(node.getText()));

/** Something that reaches from one node to another, for an edit of both. */
function spanning(first: ts.Node, second: ts.Node): ts.Node {
  const source = first.getSourceFile();
  return {
    ...first,
    parent: first.parent,
    getStart: () => first.getStart(),
    getEnd: () => second.getEnd(),
    getText: () => source.text.slice(first.getStart(), second.getEnd()),
  } as unknown as ts.Node;
}

/** Whether it is a constructor's own statement: nobody else knows the object yet. */
function isSetUp(node: ts.Node): boolean {
  let at = node.parent;
  while (at !== undefined && !ts.isFunctionLike(at)) at = at.parent;
  return at !== undefined && ts.isConstructorDeclaration(at);
}

/** What an async function does hangs on the engine's own promises, which the explorer does not follow. */
const isAsync = (node: ts.Node): boolean =>
  ts.isFunctionLike(node) && ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(isAsyncKeyword);
const isAsyncKeyword = ({ kind }: ts.Modifier): boolean => kind === ts.SyntaxKind.AsyncKeyword;

/** What decides between BUSY and SLEEP: whether it is worth spinning. */
function isOnlyCost(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node; at !== undefined && !ts.isFunctionLike(at); at = at.parent) {
    if (ts.isConditionalExpression(at) && at.whenTrue.getText() === 'BUSY') return true;
  }
  return false;
}

/** A constant of the module: a wrong layout is not what interleavings can show. */
function isConstant(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent) {
    if (ts.isFunctionLike(at)) return false;
  }
  return true;
}

/** The name of a function or of a variable, or nothing. */
function nameOf(node: ts.Node): string {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  const isNamed = ts.isFunctionLike(node) || ts.isVariableDeclaration(node);
  return isNamed ? (node.name?.getText() ?? '') : '';
}

function functionOf(node: ts.Node): string {
  for (let at: ts.Node | undefined = node.parent; at !== undefined; at = at.parent) {
    if (ts.isConstructorDeclaration(at)) return 'constructor';
    if (ts.isFunctionLike(at) && at.name !== undefined) return at.name.getText();
  }
  return '';
}

const short = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= 90 ? line : `${line.slice(0, 88)}…`;
};
