/**
 * Where each version of CPython checks whether somebody has asked for the GIL (the eval breaker), by its own
 * instructions (Python/ceval.c; from 3.12 on Python/bytecodes.c).
 *
 * - **3.9** checks before each instruction, unless the previous one went straight on to it.
 * - **3.10** checks where a function begins and where an exception is caught, after a call, and on jumps: on
 *   JUMP_ABSOLUTE, and on conditional jumps that are taken.
 * - **3.11** and later check at RESUME, on backward jumps, and after calls of C code; but not after those that the
 *   adaptive interpreter has replaced by a specialized instruction, once the code is hot.
 *
 * 3.9 and 3.10 do not check if SETUP_FINALLY, SETUP_WITH or YIELD_FROM comes next.
 */
import { shown } from '../../core/arguments.js';
import type { PythonVersion } from './listing.js';

/** Whether code has run several times and the adaptive interpreter, introduced in 3.11, has specialized it (`'hot'`), or not. */
export type Heat = 'hot' | 'cold';

/** @throws RangeError when it is neither hot nor cold */
export function checkHeat(heat: Heat): void {
  if (heat !== 'hot' && heat !== 'cold') throw new RangeError(`heat must be 'hot' or 'cold', not ${shown(heat)}`);
}

/** The rules that a program runs under. */
export interface Rules {
  readonly version: PythonVersion;
  readonly heat: Heat;
  /** 3.13 built without a GIL: a thread may be anywhere while another goes on. */
  readonly freeThreaded: boolean;
}

/** What 3.9 runs with FAST_DISPATCH: on to the next instruction, without a check. */
const STRAIGHT_ON = new Set(
  (
    'NOP LOAD_FAST LOAD_CONST STORE_FAST POP_TOP ROT_TWO ROT_THREE ROT_FOUR DUP_TOP DUP_TOP_TWO LOAD_ASSERTION_ERROR ' +
    'IS_OP CONTAINS_OP JUMP_FORWARD POP_JUMP_IF_FALSE POP_JUMP_IF_TRUE JUMP_IF_FALSE_OR_POP JUMP_IF_TRUE_OR_POP EXTENDED_ARG'
  ).split(' '),
);
const SPARED = new Set(['SETUP_FINALLY', 'SETUP_WITH', 'YIELD_FROM']);
const CALLS = new Set(['CALL_FUNCTION', 'CALL_METHOD', 'CALL_FUNCTION_KW', 'CALL_FUNCTION_EX', 'CALL', 'CALL_KW']);
/** C functions that hot code calls by an instruction without a check. */
const SPECIALIZED = new Set(['len', 'isinstance', 'type', 'list.append']);

/** Where a check is, for people. */
export type Reason =
  | 'a function begins'
  | 'a call is over'
  | 'a jump backward'
  | 'a jump is taken'
  | 'an exception is caught'
  | 'between instructions'
  | 'no GIL';

const isOld = ({ version }: Rules): boolean => version === '3.9' || version === '3.10';

/** @returns whether there is no check before that instruction, whatever came before it */
export const isSpared = (rules: Rules, next: string): boolean => isOld(rules) && SPARED.has(next);

/** The check where a function begins or resumes, before its first instruction; from 3.11 on RESUME does that. */
export const atEntry = (rules: Rules): Reason | undefined => (isOld(rules) ? 'a function begins' : undefined);

/** The check where an exception was caught. */
export const atHandler = (rules: Rules): Reason | undefined => (isOld(rules) ? 'an exception is caught' : undefined);

/**
 * The check after an instruction that called nothing.
 *
 * @param argument the instruction's argument
 * @param jumped whether it was a jump that was taken
 */
export function after(rules: Rules, name: string, argument: number | null, jumped: boolean): Reason | undefined {
  if (rules.freeThreaded) return 'no GIL';
  switch (rules.version) {
    case '3.9':
      if (name === 'JUMP_ABSOLUTE') return 'a jump backward';
      return STRAIGHT_ON.has(name) ? undefined : 'between instructions';
    case '3.10':
      if (name === 'JUMP_ABSOLUTE') return 'a jump backward';
      return jumped && name.startsWith('POP_JUMP_IF_') ? 'a jump is taken' : undefined;
    default:
      if (name === 'RESUME') return ((argument ?? 0) & 3) < 2 ? 'a function begins' : undefined;
      if (name === 'JUMP_BACKWARD') return 'a jump backward';
      return jumped && name.startsWith('POP_JUMP_BACKWARD') ? 'a jump backward' : undefined;
  }
}

/** What was called: C code by its name, a class with an `__init__` of bytecode, or a function of bytecode. */
export type Callee = { readonly native: string } | 'class' | 'function';

/** The check in the caller after a call that an instruction has made. */
export function afterCall(rules: Rules, name: string, callee: Callee): Reason | undefined {
  if (rules.freeThreaded) return 'no GIL';
  if (!CALLS.has(name)) return after(rules, name, null, false);
  if (isOld(rules)) return 'a call is over';
  if (callee === 'function') return undefined;
  if (callee === 'class') return rules.heat === 'hot' && rules.version !== '3.11' ? undefined : 'a call is over';
  const specialized = rules.heat === 'hot' && SPECIALIZED.has(callee.native) && name === 'CALL';
  return specialized ? undefined : 'a call is over';
}
