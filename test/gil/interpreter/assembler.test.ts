import { AssemblyError, assemble } from 'atomics-sync-free/gil';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.js';

const test = suite('assembler');

/** Asserts that the text is refused with an error that names the line. */
function refused(source: string, line: number, message: RegExp): void {
  try {
    assemble(source);
  } catch (error) {
    if (!(error instanceof AssemblyError)) throw error;
    assert.is(error.line, line, error.message);
    assert.match(error.message, new RegExp(`^line ${line}: `));
    assert.match(error.message, message);
    return;
  }
  assert.unreachable(`accepted: ${source}`);
}

const main = (...body: string[]): string => `def main():\n${body.map((line) => `    ${line}`).join('\n')}`;

test('takes comments, empty lines, labels at any depth and declarations in any order', () => {
  const program = assemble(`
# a comment
def main(a, b):   # another

    RESUME
  again:
    LOAD_FAST a
    POP_JUMP_IF_FALSE done
    JUMP_BACKWARD again
done:
    LOAD_GLOBAL x
    RETURN_VALUE
global x = -3
`);
  assert.equal([...program.functions.keys()], ['main']);
  assert.is(program.functions.get('main')?.parameters, 2);
  assert.equal(program.functions.get('main')?.lines, [5, 7, 8, 9, 11, 12]);
  assert.is(program.cells, 1);
  assert.equal([...program.initial], [[0, -3]]);
});

test('gives lists cells for their items, and objects one for each attribute', () => {
  const program = assemble('list items[10]\nobject o: a = 1, b = 0\ndict d: k = 2\ncount n\nlock l');
  assert.is(program.cells, 11 + 2 + 1 + 1);
  assert.is(program.locks, 1);
});

test('a program may give a built-in name another meaning', () => {
  assert.is(assemble('global range = 1').globals.get('range'), 0);
});

test('names the line of what is wrong in a declaration', () => {
  refused('\nvariable x = 1', 2, /'variable' is not a declaration/);
  refused('global x = y', 1, /not a declaration of a global/);
  refused('global x = 2147483648', 1, /32-bit/);
  refused('global x = 1\nlock x', 2, /already declared/);
  refused('object o: v', 1, /name = integer/);
  refused('object o: p = property(get, set)', 1, /'get' is not a function of 1/);
  refused('list items[99999999]', 1, /at most/);
  refused('def main(a, a):\n    RETURN_VALUE', 1, /two parameters/);
  refused('def main(1):\n    RETURN_VALUE', 1, /not a parameter/);
});

test('names the line of what is wrong in a function', () => {
  refused('    RESUME', 1, /outside of any function/);
  refused(main('RESUME', 'FROBNICATE 3', 'RETURN_VALUE'), 3, /'FROBNICATE' is not an opcode/);
  refused(main('RESUME 1', 'RETURN_VALUE'), 2, /takes no operand/);
  refused(main('LOAD_FAST', 'RETURN_VALUE'), 2, /takes a local/);
  refused(main('LOAD_CONST 1.5', 'RETURN_VALUE'), 2, /32-bit integer/);
  refused(main('LOAD_GLOBAL nowhere', 'RETURN_VALUE'), 2, /no global 'nowhere'/);
  refused(main('STORE_GLOBAL range', 'RETURN_VALUE'), 2, /not an integer/);
  refused(main('BINARY_OP **', 'RETURN_VALUE'), 2, /not one of/);
  refused(main('COMPARE_OP in', 'RETURN_VALUE'), 2, /not one of/);
  refused(main('COPY -1', 'RETURN_VALUE'), 2, /below 0/);
  refused(main('RESUME'), 2, /without RETURN_VALUE/);
});

test('jumps go where their names say', () => {
  refused(main('JUMP_FORWARD nowhere', 'RETURN_VALUE'), 2, /no label 'nowhere'/);
  refused(main('a:', 'JUMP_FORWARD a'), 3, /not forward/);
  refused(main('JUMP_BACKWARD a', 'a:', 'RETURN_VALUE'), 2, /not backward/);
  refused(main('a:', 'RESUME', 'a:', 'RETURN_VALUE'), 4, /two labels/);
  refused(main('RETURN_VALUE', 'a:'), 1, /nothing follows/);
});

test.run();
