/**
 * The opcodes, named as CPython's, and where each of its versions checks whether somebody has asked for the GIL.
 *
 * CPython's numbers are not kept, because they change with every version and nothing here depends on them.
 */
import { shown } from '../../core/arguments.js';

/**
 * The operand of an opcode in a program.
 *
 * - `nothing`
 * - `local`: the name of a local variable
 * - `constant`: an integer, a string in single quotes, or `None`
 * - `global`: a declared name, or a native's
 * - `name`: an attribute's name
 * - `operator`: `+ - * // % & | ^`, optionally followed by `=`
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
 * The opcodes, each with the kind of operand that it takes. They are named as CPython's, and work on a stack; they
 * *pop* from its top and *push* to it.
 *
 * @example
 * ```ts
 * import { OPERANDS } from 'atomics-sync-free/gil';
 * console.log(OPERANDS.LOAD_FAST, OPERANDS.FOR_ITER, OPERANDS.RETURN_VALUE); // local forward nothing
 * ```
 */
export const OPERANDS = {
  /** The beginning of a function, where the eval breaker is checked (except on 3.9). */
  RESUME: 'nothing',
  /** Pushes a local. */
  LOAD_FAST: 'local',
  /** Pops into a local. */
  STORE_FAST: 'local',
  /** Pushes an integer, a string or None. */
  LOAD_CONST: 'constant',
  /** Pushes the value of a global name; for a `global` declaration, the integer in its shared cell. */
  LOAD_GLOBAL: 'global',
  /** Pops an integer into a shared cell. */
  STORE_GLOBAL: 'global',
  /** Replaces an object with its attribute; calls the getter of a property. */
  LOAD_ATTR: 'name',
  /** Pops an object, then a value into its attribute; calls the setter of a property. */
  STORE_ATTR: 'name',
  /** Enters a `with` statement: acquires the lock on top, and replaces it with its `__exit__` and, above that, 1. */
  BEFORE_WITH: 'nothing',
  /** Replaces a dict and a key, or a list and an index, with the item. */
  BINARY_SUBSCR: 'nothing',
  /** Pops a key, a container, then a value into the item. */
  STORE_SUBSCR: 'nothing',
  /** Pops a value and appends it to the list that is then the n-th from the top. */
  LIST_APPEND: 'count',
  /** Replaces two integers with the result of + - * // % & | ^; `+=` and its like do the same. */
  BINARY_OP: 'operator',
  /** Replaces two integers with 1 or 0, the result of `< <= == != > >=`. */
  COMPARE_OP: 'comparison',
  /** Pushes a copy of the n-th value from the top. */
  COPY: 'count',
  /** Exchanges the top and the n-th value from the top. */
  SWAP: 'count',
  /** Pops and discards a value. */
  POP_TOP: 'nothing',
  /** Continues at a label further down. */
  JUMP_FORWARD: 'forward',
  /** Continues at a label further up: the end of a loop, where the eval breaker is checked. */
  JUMP_BACKWARD: 'backward',
  /** Pops a value, and continues at the label if it is 0, None or an empty string. */
  POP_JUMP_IF_FALSE: 'forward',
  /** Pops a value, and continues at the label unless it is 0, None or an empty string. */
  POP_JUMP_IF_TRUE: 'forward',
  /** Replaces an iterable with an iterator over it. */
  GET_ITER: 'nothing',
  /** Pushes the next value of the iterator on top, or pops it and jumps. */
  FOR_ITER: 'forward',
  /** Calls the value below n arguments; replaces them all with its result. */
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

/** @returns what the opcode takes as its operand; undefined if there is no such opcode */
export const operandOf = (name: string): Operand | undefined =>
  Object.hasOwn(OPERANDS, name) ? OPERANDS[name as OpcodeName] : undefined;

export const OPERATORS = ['+', '-', '*', '//', '%', '&', '|', '^'] as const;
export const COMPARISONS = ['<', '<=', '==', '!=', '>', '>='] as const;

/**
 * The rules that a program runs under: where CPython of that version lets another thread in.
 *
 * - `'3.9'` (and before): before nearly every instruction; only loads of locals and constants, stores of locals and the
 *   like go straight on to the next instruction.
 * - `'3.10'`: at the start of a function, after a call, on a backward jump, and on a conditional forward jump that is
 *   taken. So never between the load, the addition and the store of `x += 1`.
 * - `'3.11'`: at the start of a function, after a call of C code, and on a backward jump; but not after calls for which
 *   the interpreter has a specialized instruction, once code has run several times: here `len` and a list's `append`.
 * - `'3.11-cold'`: as 3.11 runs code for the first few times: after those calls, too.
 * - `'3.12'`: where 3.11 does; but each interpreter has its own GIL (PEP 684). 3.13 does the same.
 * - `'free-threaded'`: there is no GIL (PEP 703). Objects have locks of their own, so that a list's append is atomic; a
 *   statement is not.
 */
export type Policy = '3.9' | '3.10' | '3.11' | '3.11-cold' | '3.12' | 'free-threaded';

/** All policies, oldest first. */
export const POLICIES: readonly Policy[] = ['3.9', '3.10', '3.11', '3.11-cold', '3.12', 'free-threaded'];

/** @throws RangeError when it is not a policy */
export function checkPolicy(policy: Policy): void {
  if (!POLICIES.includes(policy))
    throw new RangeError(`policy must be one of ${POLICIES.join(', ')}, not ${shown(policy)}`);
}

/** What 3.9 runs with FAST_DISPATCH: on to the next instruction, without a check. */
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
/** Without a GIL there is nothing to drop, but a loop that waits for another thread is a point where runs can be distinguished. */
const WITHOUT_GIL: ReadonlySet<OpcodeName> = new Set(['JUMP_BACKWARD']);

/**
 * After which opcodes the eval breaker is checked: 1 at the opcode's number. A conditional jump is checked only if
 * taken. CALL stands for the return from C code, because a function of the program has its RESUME.
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

/** Up to 3.10 a call is one instruction of the caller, which checks when it is over; later the callee's end is a jump. */
export const looksAfterReturn = (policy: Policy): boolean => policy === '3.10';

/** Up to 3.10 nothing may come between a lock's being on the stack and its being taken by `with`. */
export const spareWith = (policy: Policy): boolean => policy === '3.9' || policy === '3.10';

/** Whether calls for which the interpreter has specialized instructions check nothing. */
export const isSpecialized = (policy: Policy): boolean => policy === '3.11' || policy === '3.12';
