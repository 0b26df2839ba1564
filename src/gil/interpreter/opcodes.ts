/**
 * The opcodes, named as CPython's, and where each version of it looks whether somebody has asked for the GIL.
 *
 * CPython's numbers are not kept: they change with every version, and nothing here depends on them.
 */
import { shown } from '../../core/arguments.js';

/**
 * What stands behind an opcode in a program.
 *
 * - `nothing`
 * - `local`: the name of a local variable
 * - `constant`: an integer, a string in single quotes, or `None`
 * - `global`: a declared name, or a native's
 * - `name`: that of an attribute
 * - `operator`: `+ - * // % & | ^`, with `=` behind it or not
 * - `comparison`: `< <= == != > >=`
 * - `count`: an integer of 0 or more
 * - `forward`, `backward`: a label further down, or further up, in the same function
 */
export type Operand =
  | 'nothing'
  | 'local'
  | 'constant'
  | 'global'
  | 'name'
  | 'operator'
  | 'comparison'
  | 'count'
  | 'forward'
  | 'backward';

/**
 * The opcodes, each with the kind of operand that it takes. They are named as CPython's, and work on a stack; *pops* and
 * *pushes* are from and to its top.
 *
 * @example
 * ```ts
 * import { OPERANDS } from 'atomics-sync-free/gil';
 * console.log(OPERANDS.LOAD_FAST, OPERANDS.FOR_ITER, OPERANDS.RETURN_VALUE); // local forward nothing
 * ```
 */
export const OPERANDS = {
  /** Where a function begins, and (but on 3.9) the eval breaker is looked at. */
  RESUME: 'nothing',
  /** Pushes a local. */
  LOAD_FAST: 'local',
  /** Pops into a local. */
  STORE_FAST: 'local',
  /** Pushes an integer, a string or None. */
  LOAD_CONST: 'constant',
  /** Pushes what a global name means; for a `global` declaration, the integer in its shared cell. */
  LOAD_GLOBAL: 'global',
  /** Pops an integer into a shared cell. */
  STORE_GLOBAL: 'global',
  /** Replaces an object by its attribute; calls the getter of a property. */
  LOAD_ATTR: 'name',
  /** Pops an object, then a value into its attribute; calls the setter of a property. */
  STORE_ATTR: 'name',
  /** Enters a `with` statement: acquires the lock on top, and replaces it by its `__exit__` and, above that, 1. */
  BEFORE_WITH: 'nothing',
  /** Replaces a dict and a key, or a list and an index, by the item. */
  BINARY_SUBSCR: 'nothing',
  /** Pops a key, a container, then a value into the item. */
  STORE_SUBSCR: 'nothing',
  /** Pops a value and appends it to the list that is then the n-th from the top. */
  LIST_APPEND: 'count',
  /** Replaces two integers by the result of + - * // % & | ^; `+=` and its like are the same. */
  BINARY_OP: 'operator',
  /** Replaces two integers by 1 or 0, as `< <= == != > >=` has it. */
  COMPARE_OP: 'comparison',
  /** Copies the n-th value from the top. */
  COPY: 'count',
  /** Exchanges the top and the n-th value from it. */
  SWAP: 'count',
  /** Pops a value, and forgets it. */
  POP_TOP: 'nothing',
  /** Goes on at a label further down. */
  JUMP_FORWARD: 'forward',
  /** Goes on at a label further up: the end of a loop, where the eval breaker is looked at. */
  JUMP_BACKWARD: 'backward',
  /** Pops a value, and goes on at the label if it is 0, None or an empty string. */
  POP_JUMP_IF_FALSE: 'forward',
  /** Pops a value, and goes on at the label unless it is 0, None or an empty string. */
  POP_JUMP_IF_TRUE: 'forward',
  /** Replaces an iterable by an iterator over it. */
  GET_ITER: 'nothing',
  /** Pushes the next value of the iterator on top, or pops it and jumps. */
  FOR_ITER: 'forward',
  /** Calls what stands under n arguments; replaces all by what it returns. */
  CALL: 'count',
  /** Ends the function with the value on top. */
  RETURN_VALUE: 'nothing',
} as const satisfies Record<string, Operand>;

/** An opcode's name: a key of {@link OPERANDS}. */
export type OpcodeName = keyof typeof OPERANDS;

const names = Object.keys(OPERANDS) as OpcodeName[];

/** The opcodes' numbers in this machine, by name. */
export const Opcode = Object.fromEntries(names.map((name, number) => [name, number])) as Record<OpcodeName, number>;
export const opcodeName = (opcode: number): OpcodeName => names[opcode];

/** @returns what the opcode takes as its operand; undefined where there is no such opcode */
export const operandOf = (name: string): Operand | undefined =>
  Object.hasOwn(OPERANDS, name) ? OPERANDS[name as OpcodeName] : undefined;

export const OPERATORS = ['+', '-', '*', '//', '%', '&', '|', '^'] as const;
export const COMPARISONS = ['<', '<=', '==', '!=', '>', '>='] as const;

/**
 * Whose rules a program runs under: where CPython of that version lets another thread in.
 *
 * - `'3.9'` (and before): before nearly every instruction; only loads of locals and constants, stores of locals and
 *   the like go straight on to the next.
 * - `'3.10'`: where a function begins, after a call, on a jump backward, and on a conditional jump forward that is taken.
 *   So never between the load, the addition and the store of `x += 1`.
 * - `'3.11'`: where a function begins, after a call of C code, and on a jump backward; but not after the calls that the
 *   interpreter has an instruction of its own for, once code has run some times: here `len` and a list's `append`.
 * - `'3.11-cold'`: as 3.11 runs code for the first few times: after those calls, too.
 * - `'3.12'`: where 3.11 does; but the GIL is one interpreter's, and several interpreters have several (PEP 684). 3.13
 *   does the same.
 * - `'free-threaded'`: there is no GIL (PEP 703). Objects have locks of their own, so that a list's append is whole;
 *   a statement is not.
 */
export type Policy = '3.9' | '3.10' | '3.11' | '3.11-cold' | '3.12' | 'free-threaded';

/** All policies, oldest first. */
export const POLICIES: readonly Policy[] = ['3.9', '3.10', '3.11', '3.11-cold', '3.12', 'free-threaded'];

/** @throws RangeError when it is none */
export function checkPolicy(policy: Policy): void {
  if (!POLICIES.includes(policy)) throw new RangeError(`policy is one of ${POLICIES.join(', ')}, not ${shown(policy)}`);
}

/** What 3.9 runs with FAST_DISPATCH: on to the next instruction, without a look. */
const STRAIGHT_ON: ReadonlySet<OpcodeName> = new Set([
  'LOAD_FAST',
  'STORE_FAST',
  'LOAD_CONST',
  'POP_TOP',
  'COPY',
  'SWAP',
  'JUMP_FORWARD',
  'POP_JUMP_IF_FALSE',
  'POP_JUMP_IF_TRUE',
]);
const SINCE_3_11: ReadonlySet<OpcodeName> = new Set(['RESUME', 'CALL', 'JUMP_BACKWARD']);
const IN_3_10: ReadonlySet<OpcodeName> = new Set([...SINCE_3_11, 'POP_JUMP_IF_FALSE', 'POP_JUMP_IF_TRUE']);
/** Without a GIL nobody is let in, but a loop that waits for another thread is a place where a run can be told apart. */
const WITHOUT_GIL: ReadonlySet<OpcodeName> = new Set(['JUMP_BACKWARD']);

/**
 * After which opcodes the eval breaker is looked at: 1 by the opcode's number. A conditional jump must be taken for it.
 * CALL stands for the return from C code: a function of the program has its RESUME.
 */
export function checksOf(policy: Policy): Uint8Array {
  const checked = (name: OpcodeName): boolean => {
    switch (policy) {
      case '3.9':
        return !STRAIGHT_ON.has(name);
      case '3.10':
        return IN_3_10.has(name);
      case 'free-threaded':
        return WITHOUT_GIL.has(name);
      default:
        return SINCE_3_11.has(name);
    }
  };
  return Uint8Array.from(names, (name) => (checked(name) ? 1 : 0));
}

/** Up to 3.10 a call is one instruction of the caller, which looks when it is over; later the callee's end is a jump. */
export const looksAfterReturn = (policy: Policy): boolean => policy === '3.10';

/** Up to 3.10 nothing may come between a lock's being on the stack and its being taken by `with`. */
export const spareWith = (policy: Policy): boolean => policy === '3.9' || policy === '3.10';

/** Whether calls that the interpreter has instructions of its own for look at nothing. */
export const isSpecialized = (policy: Policy): boolean => policy === '3.11' || policy === '3.12';
