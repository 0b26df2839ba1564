import * as assert from 'uvu/assert';
import { brokenRules } from './support/checkable.js';
import { parse, sources } from './support/sources.js';
import { suite } from './support/suite.js';

const test = suite('code that the checker can run');

/** What is said about a snippet, without the place. */
const judge = (text: string): string[] =>
  brokenRules(parse('snippet.ts', text)).map((line) => line.replace('src/snippet.ts:1: ', ''));

function refuses(rule: string, snippets: readonly string[]): void {
  for (const text of snippets) assert.equal(judge(text), [rule], text);
}

function allows(snippets: readonly string[]): void {
  for (const text of snippets) assert.equal(judge(text), [], text);
}

test('core and sync keep the rules', () => {
  assert.equal(sources(['core', 'sync']).flatMap(brokenRules), []);
});

test('a broken rule is named with its file and line', () => {
  assert.equal(brokenRules(parse('core/a.ts', '\n\nconst load = Atomics.load;')), [
    'src/core/a.ts:3: Atomics is used otherwise than by calling Atomics.x(…)',
  ]);
});

test('Atomics is only called, as Atomics.x(…)', () => {
  refuses('Atomics is used otherwise than by calling Atomics.x(…)', [
    'const { load } = Atomics;',
    'const load = Atomics.load;',
    'const A = Atomics;',
    'run(Atomics);',
    'run(Atomics.load);',
    'Atomics.load.call(null, words, 0);',
    "Atomics['load'](words, 0);",
    'globalThis.Atomics.load(words, 0);',
    "globalThis['Atomics'].load(words, 0);",
    "import { Atomics } from './mine.js';",
    'function f(Atomics) {}',
  ]);
  allows([
    'Atomics.load(words, 0);',
    'Atomics.pause?.();',
    "typeof Atomics.waitAsync === 'function';",
    'let a: typeof Atomics;',
    '// Atomics alone\n',
  ]);
});

test('no Atomics call in an async function', () => {
  refuses('an Atomics call in an async function', [
    'async function f() { Atomics.load(words, 0); }',
    'const f = async () => Atomics.load(words, 0);',
    'class A { async f() { Atomics.load(words, 0); } }',
    'async function* f() { Atomics.load(words, 0); }',
    'async function f() { all.forEach(() => Atomics.load(words, 0)); }',
  ]);
  allows([
    'async function f() { step(); } function step() { Atomics.load(words, 0); }',
    'async function f() { const step = () => Atomics.load(words, 0); step(); }',
    'function f() { Atomics.load(words, 0); return async () => g(); }',
  ]);
});

test('no Atomics call in a Promise executor', () => {
  refuses('an Atomics call in a Promise executor', [
    'new Promise((resolve) => { Atomics.load(words, 0); });',
    'new Promise(function (resolve) { Atomics.load(words, 0); });',
    'new Promise((resolve) => all.forEach(() => Atomics.load(words, 0)));',
  ]);
  allows(['new Promise((resolve) => step(resolve));', 'Atomics.load(words, 0); new Promise(() => {});']);
});

test('no Atomics call in a callback of a promise', () => {
  for (const method of ['then', 'catch', 'finally']) {
    refuses(`an Atomics call in a callback of .${method}()`, [
      `promise.${method}(() => Atomics.load(words, 0));`,
      `promise.${method}(function () { Atomics.load(words, 0); });`,
    ]);
  }
  refuses('an Atomics call in a callback of .then()', ['promise.then(done, () => Atomics.load(words, 0));']);
  allows(['promise.then(() => step());', 'promise.then(step);', 'Atomics.waitAsync(words, 0, 0).value.then(step);']);
});

test('no catch around an Atomics call', () => {
  refuses('a catch around an Atomics call', [
    'function f() { try { Atomics.load(words, 0); } catch {} }',
    'function f() { try { if (a) for (;;) b(Atomics.load(words, 0)); } catch (error) { throw error; } }',
    'function f() { try { all.forEach(() => Atomics.load(words, 0)); } catch {} }',
    'function f() { try { Atomics.load(words, 0); } catch {} finally { g(); } }',
    'function f() { try { Atomics.load(new Int32Array(buffer), 0); } catch {} }',
  ]);
  allows([
    'function f() { try { step(); } catch {} Atomics.load(words, 0); }',
    'function f() { try { const step = () => Atomics.load(words, 0); } catch {} }',
    'try { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0); } catch {}',
  ]);
});

test('no effect in finally around an Atomics call', () => {
  refuses('an effect in finally around an Atomics call', [
    'function f() { try { Atomics.load(words, 0); } finally { g(); } }',
    'function f() { try { Atomics.load(words, 0); } finally { busy = false; } }',
  ]);
  refuses('a using declaration around an Atomics call', [
    'function f() { using hold = lock.hold(); Atomics.load(words, 0); }',
  ]);
  allows([
    'function f() { try { g(); } finally { release(); } }',
    'function f() { using hold = lock.hold(); step(); }',
    'function f() { const hold = lock.hold(); Atomics.load(words, 0); }',
  ]);
});

test('no change of what the module remembers in a function that calls Atomics', () => {
  const rule = "the module's count changes in a function that calls Atomics";
  refuses(rule, [
    'let count = 0; function f() { count = Atomics.load(words, 0); }',
    'let count = 0; function f() { Atomics.load(words, 0); count++; }',
    'let count = 0; function f() { Atomics.load(words, 0); count += 1; }',
    'let count = 0; const f = () => { all.forEach(() => --count); Atomics.load(words, 0); };',
    'var count = 0; class A { f() { if (Atomics.load(words, 0)) count ||= 1; } }',
    'const count = { n: 0 }; function f() { count.n++; Atomics.load(words, 0); }',
    'export const count = []; function f() { count[0] = Atomics.load(words, 0); }',
    'const count = {}; function f() { delete count.n; Atomics.load(words, 0); }',
  ]);
  allows([
    'let count = 0; function f() { count++; }',
    'let count = 0; function f() { const own = count; Atomics.load(words, 0); }',
    'function f() { let count = 0; count = Atomics.load(words, 0); }',
    'let count = 0; function f() { Atomics.load(words, 0); } function g() { count++; f(); }',
  ]);
});

test.run();
