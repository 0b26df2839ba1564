/** Where agents wait: to know of every wait, a trace or the detection of deadlocks needs one place of each kind. */
import type ts from 'typescript';
import * as assert from 'uvu/assert';
import { nodes, parse, place, sources } from './support/sources.js';
import { suite } from './support/suite.js';

const test = suite('where agents wait');

/**
 * Code whose waits are nobody's: the checker's own, what only the checker runs, the actors of stress runs, and those of the
 * interpreter for its lists, which stand for CPython's.
 */
const APART = /^(check|stress|gil-lab)\/|^gil\/outcomes\b|^gil\/interpreter\/natives\b/;

type Waiting = 'wait' | 'waitAsync';

/** Where a file waits in this way: a call of it, or a use that may become one; to ask whether it is there is neither. */
function waitsIn(file: ts.SourceFile, how: Waiting): string[] {
  const found = nodes(file).filter((node) => {
    const isUse = node.getText() === `Atomics.${how}` || node.getText() === `Atomics['${how}']`;
    return isUse && !node.parent.getText().startsWith('typeof ');
  });
  return found.map(place);
}

const filesThatWait = (files: readonly ts.SourceFile[], how: Waiting): string[] =>
  files.filter((file) => waitsIn(file, how).length > 0).map(({ fileName }) => fileName);

test('agents block in one file, and are told of changes in another', () => {
  const files = sources().filter(({ fileName }) => !APART.test(fileName));
  assert.equal(filesThatWait(files, 'wait'), ['core/wait/sleep.ts']);
  assert.equal(filesThatWait(files, 'waitAsync'), ['core/wait/watch.ts']);
});

test('every use is seen, and nothing else', () => {
  const places = (text: string, how: Waiting) => waitsIn(parse('core/a.ts', text), how);
  for (const text of [
    'Atomics.wait(words, 0, 0);',
    'const { value } = f(Atomics.wait(words, 0, 0));',
    'const sleep = Atomics.wait;',
    "Atomics['wait'](words, 0, 0);",
    'globalThis.f = () => Atomics.wait.call(null, words, 0, 0);',
  ]) {
    assert.equal(places(text, 'wait'), ['src/core/a.ts:1'], text);
    assert.equal(places(text, 'waitAsync'), [], text);
  }
  assert.equal(places('\nif (Atomics.waitAsync(words, 0, 0).async) f();', 'waitAsync'), ['src/core/a.ts:2']);
  for (const text of [
    "typeof Atomics.waitAsync === 'function';",
    'Atomics.notify(words, 0);',
    '// Atomics.waitAsync(words, 0, 0)\n',
    'lock.wait(5);',
  ]) {
    for (const how of ['wait', 'waitAsync'] as const) assert.equal(places(text, how), [], text);
  }
});

test.run();
