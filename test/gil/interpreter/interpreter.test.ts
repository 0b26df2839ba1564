import { share } from 'atomics-sync-free';
import { attach, GIL, Interpreter, type Policy, ProgramError } from 'atomics-sync-free/gil';
import * as assert from 'uvu/assert';
import { sleep } from '#dist/gil/interpreter/natives.js';
import { suite } from '../../support/suite.js';

const test = suite('interpreter');

const body = (...lines: string[]): string => lines.map((line) => `    ${line}`).join('\n');
/** Runs `main` of a program whose `main` has this body. */
function run(lines: string[], declarations = '', ...args: number[]): number | string | null {
  const parameters = ['a', 'b', 'c'].slice(0, args.length).join(', ');
  const source = `${declarations}\ndef main(${parameters}):\n${body('RESUME', ...lines, 'RETURN_VALUE')}`;
  return new Interpreter({ source }).call('main', ...args);
}
const binary = (operator: string, a: number, b: number): unknown =>
  run(['LOAD_FAST a', 'LOAD_FAST b', `BINARY_OP ${operator}`], '', a, b);
const compared = (operator: string, a: number, b: number): unknown =>
  run(['LOAD_FAST a', 'LOAD_FAST b', `COMPARE_OP ${operator}`], '', a, b);

/** Asserts that the run ends with an error at a line of the program. */
function stops(source: string, line: number, message: RegExp): void {
  const interpreter = new Interpreter({ source });
  try {
    interpreter.call('main');
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    assert.is(error.line, line, error.message);
    assert.match(error.message, message);
    assert.is(interpreter.gil.locked, false, 'the GIL is dropped');
    return;
  }
  assert.unreachable(`ran: ${source}`);
}

test('calculates with integers as Python does', () => {
  assert.equal([binary('+', 2, 3), binary('-', 2, 3), binary('*=', 2, 3)], [5, -1, 6]);
  assert.equal([binary('//', 7, 2), binary('//', -7, 2), binary('//', 7, -2)], [3, -4, -4]);
  assert.equal([binary('%', 7, 3), binary('%', -7, 3), binary('%', 7, -3)], [1, 2, -2]);
  assert.equal([binary('&', 6, 3), binary('|', 6, 3), binary('^', 6, 3)], [2, 7, 5]);
  assert.throws(() => binary('//', 1, 0), /division by zero/);
  assert.throws(() => binary('+', 2 ** 31 - 1, 1), /does not fit into 32 bits/);
});

test('compares integers', () => {
  for (const [operator, ...expected] of [
    ['<', 1, 0, 0],
    ['<=', 1, 1, 0],
    ['==', 0, 1, 0],
    ['!=', 1, 0, 1],
    ['>', 0, 0, 1],
    ['>=', 0, 1, 1],
  ] as const) {
    assert.equal([compared(operator, 1, 2), compared(operator, 2, 2), compared(operator, 3, 2)], expected, operator);
  }
});

test('copies, exchanges and drops values of the stack', () => {
  const numbers = ['LOAD_CONST 1', 'LOAD_CONST 2', 'LOAD_CONST 3'];
  assert.is(run([...numbers, 'COPY 3']), 1);
  assert.is(run([...numbers, 'SWAP 3']), 1);
  assert.is(run([...numbers, 'SWAP 3', 'POP_TOP']), 2);
  assert.is(run([...numbers, 'POP_TOP']), 2);
});

test('loops over a range, forward and backward jumps included', () => {
  const lines = [
    'LOAD_CONST 0',
    'STORE_FAST sum',
    'LOAD_GLOBAL range',
    'LOAD_FAST a',
    'CALL 1',
    'GET_ITER',
    'again:',
    'FOR_ITER done',
    'STORE_FAST i',
    'LOAD_FAST i',
    'LOAD_CONST 3',
    'COMPARE_OP ==',
    'POP_JUMP_IF_TRUE skip',
    'LOAD_FAST sum',
    'LOAD_FAST i',
    'BINARY_OP +=',
    'STORE_FAST sum',
    'skip:',
    'JUMP_BACKWARD again',
    'done:',
    'LOAD_FAST sum',
  ];
  assert.is(run(lines, '', 6), 0 + 1 + 2 + 4 + 5);
  assert.is(run(lines, '', 0), 0);
});

test('reads and writes globals, attributes, items and properties', () => {
  const source = `
global g = 1
object o: v = 2, p = property(get, set)
dict d: k = 3
list l[4]
count n
def get(self):
    RESUME
    LOAD_FAST self
    LOAD_ATTR v
    LOAD_CONST 10
    BINARY_OP *
    RETURN_VALUE
def set(self, value):
    RESUME
    LOAD_FAST value
    LOAD_CONST 10
    BINARY_OP //
    LOAD_FAST self
    STORE_ATTR v
    LOAD_CONST None
    RETURN_VALUE
def main():
    RESUME
    LOAD_GLOBAL o
    COPY 1
    LOAD_ATTR p
    LOAD_CONST 30
    BINARY_OP +=
    SWAP 2
    STORE_ATTR p
    LOAD_GLOBAL l
    LOAD_CONST 7
    LIST_APPEND 1
    LOAD_CONST 8
    LIST_APPEND 1
    LOAD_CONST 1
    BINARY_SUBSCR
    STORE_GLOBAL g
    LOAD_CONST 9
    LOAD_GLOBAL d
    LOAD_CONST 'k'
    STORE_SUBSCR
    LOAD_GLOBAL next
    LOAD_GLOBAL n
    CALL 1
    RETURN_VALUE
`;
  const interpreter = new Interpreter({ source });
  assert.is(interpreter.call('main'), 0);
  assert.equal(
    ['o.v', 'g', 'd.k', 'l', 'n'].map((path) => interpreter.read(path)),
    [5, 8, 9, 2, 1],
  );
  interpreter.write('g', 42);
  assert.is(interpreter.read('g'), 42);
  for (const path of ['nothing', 'o', 'o.w', 'o.p', 'main', 'd.v'])
    assert.throws(() => interpreter.read(path), RangeError);
});

test('calls natives: int, next, spin, hash, sleep, and the methods of a lock', () => {
  assert.is(run(['LOAD_GLOBAL int', "LOAD_CONST '17'", 'CALL 1']), 17);
  assert.throws(() => run(['LOAD_GLOBAL int', "LOAD_CONST ''", 'CALL 1']), /int\(\) cannot be called/);
  assert.is(run(['LOAD_GLOBAL spin', 'LOAD_CONST 10', 'CALL 1']), null);
  // The published FNV-1a of one zero byte.
  assert.is(run(['LOAD_GLOBAL hash', 'LOAD_CONST 1', 'CALL 1']), 0x050c5d1f);
  assert.is(run(['LOAD_GLOBAL sleep', 'LOAD_CONST 0', 'CALL 1']), null);
  assert.is(
    run(
      ['LOAD_GLOBAL guard', 'LOAD_ATTR acquire', 'CALL 0', 'LOAD_GLOBAL guard', 'LOAD_ATTR release', 'CALL 0'],
      'lock guard',
    ),
    null,
  );
});

test('sleep(0) lasts at least 50 µs', () => {
  const start = performance.now();
  for (let i = 0; i < 100; i++) sleep(0);
  assert.ok(performance.now() - start >= 100 * 0.05);
});

test('names the line where a program cannot go on, and drops the GIL', () => {
  const main = (...lines: string[]): string => `def main():\n${body(...lines, 'RETURN_VALUE')}`;
  stops(main('LOAD_FAST x'), 2, /LOAD_FAST in main: 'x' has no value yet/);
  stops(main('POP_TOP'), 2, /stack is empty/);
  stops(main('LOAD_CONST 1', 'LOAD_CONST None', 'BINARY_OP +'), 4, /an integer, not None/);
  stops(main('LOAD_CONST 1', 'CALL 0'), 3, /1 is not a function/);
  stops(main('LOAD_GLOBAL main', 'LOAD_CONST 1', 'CALL 1'), 4, /takes 0 arguments/);
  stops(main('LOAD_GLOBAL int', 'LOAD_CONST None', 'CALL 1'), 4, /int\(\) cannot be called with \(None\)/);
  stops(main('LOAD_GLOBAL main', 'LOAD_ATTR v'), 3, /no attribute 'v'/);
  stops(main('LOAD_CONST 1', 'GET_ITER'), 3, /not iterable/);
  stops(main('LOAD_GLOBAL main', 'CALL 0'), 3, /nested calls/);
  stops(`list l[1]\n${main('LOAD_GLOBAL l', 'LOAD_CONST 0', 'BINARY_SUBSCR')}`, 5, /list l has no item 0/);
  stops(`list l[0]\n${main('LOAD_GLOBAL l', 'LOAD_CONST 0', 'LIST_APPEND 1')}`, 5, /room for 0/);
});

test('refuses bad options, the memory of another program, unknown functions and constants beyond 32 bits', () => {
  const source = 'global x = 0';
  assert.throws(() => new Interpreter({ source: 1 as unknown as string }), TypeError);
  assert.throws(() => new Interpreter({ source, policy: '2.7' as Policy }), RangeError);
  assert.throws(() => new Interpreter({ source, gil: {} as GIL }), TypeError);
  assert.throws(() => new Interpreter({ source, policy: 'free-threaded', gil: new GIL() }), RangeError);
  assert.throws(() => new Interpreter({ source, gil: new GIL({ enabled: false }) }), RangeError);
  const { memory } = new Interpreter({ source: 'global x = 0\nglobal y = 0' }).parts;
  assert.throws(() => new Interpreter({ source, memory }), /another program/);
  for (const other of [{}, 5, null]) {
    assert.throws(
      () => new Interpreter({ source, memory: other as unknown as typeof memory }),
      /memory must be that of/,
    );
  }
  assert.throws(() => new Interpreter({ source }).call('main'), /no function 'main'/);
  assert.throws(() => run(['LOAD_CONST 1'], '', 0.5), /32-bit/);
});

test('is shared by its parts: both views have one memory, one GIL and the same rules', () => {
  const source = `global x = 1\nlock l\ndef main():\n${body('LOAD_GLOBAL x', 'RETURN_VALUE')}`;
  const interpreter = new Interpreter({ source, policy: '3.9' });
  const other = new Interpreter(attach(structuredClone(share(interpreter.parts))));
  interpreter.write('x', 5);
  assert.is(other.call('main'), 5);
  assert.is(other.policy, '3.9');
  assert.is(interpreter.gil.statistics().total.acquisitions, 1);
});

test.run();
