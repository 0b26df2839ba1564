import * as assert from 'uvu/assert';
import { checksOf, Opcode, type OpcodeName, type Policy } from '#dist/gil/interpreter/opcodes.js';
import { suite } from '../../support/suite.js';

const test = suite('eval breaker');

const looksAfter = (policy: Policy, name: OpcodeName): boolean => checksOf(policy)[Opcode[name]] === 1;
const all = Object.keys(Opcode) as OpcodeName[];

test('from 3.11 on it is looked at on function entry, after calls and on jumps backward, and nowhere else', () => {
  for (const policy of ['3.11', '3.11-cold', '3.12'] as const) {
    assert.equal(all.filter((name) => looksAfter(policy, name)).sort(), ['CALL', 'JUMP_BACKWARD', 'RESUME']);
  }
});

test('on 3.9 it is looked at nearly everywhere, but not after loads and stores of locals and constants', () => {
  for (const name of ['LOAD_GLOBAL', 'BINARY_OP', 'STORE_GLOBAL', 'LOAD_ATTR', 'STORE_ATTR', 'FOR_ITER'] as const) {
    assert.ok(looksAfter('3.9', name), name);
  }
  for (const name of ['LOAD_FAST', 'LOAD_CONST', 'STORE_FAST', 'POP_TOP'] as const) {
    assert.not.ok(looksAfter('3.9', name), name);
  }
});

test('3.10 looks on conditional jumps, too', () => {
  const expected = ['CALL', 'JUMP_BACKWARD', 'POP_JUMP_IF_FALSE', 'POP_JUMP_IF_TRUE', 'RESUME'];
  assert.equal(all.filter((name) => looksAfter('3.10', name)).sort(), expected);
});

test('without a GIL only a loop is a place of its own', () => {
  assert.equal(
    all.filter((name) => looksAfter('free-threaded', name)),
    ['JUMP_BACKWARD'],
  );
});

test.run();
