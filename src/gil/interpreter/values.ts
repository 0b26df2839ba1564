/** The machine's operations on values, and its errors when they are impossible. */
import { withArticle } from '../../core/article.js';
import { COMPARISONS, OPERATORS } from './opcodes.js';
import type { Thing, Value } from './program.js';

/**
 * A program reached an instruction that cannot be carried out, as a Python program raises a TypeError.
 *
 * @example
 * ```ts
 * import { Interpreter, ProgramError } from 'atomics-sync-free/gil';
 * const interpreter = new Interpreter({ source: 'def main():\n    LOAD_FAST x\n    RETURN_VALUE' });
 * try {
 *   interpreter.call('main');
 * } catch (error) {
 *   if (!(error instanceof ProgramError)) throw error;
 *   console.log(error.line); // 2
 * }
 * ```
 */
export class ProgramError extends Error {
  /** `'ProgramError'` */
  override readonly name = 'ProgramError';

  /**
   * @param line the instruction's line in the program, from 1
   * @param problem what is wrong
   */
  constructor(
    /** The instruction's line in the program, from 1. */
    readonly line: number,
    problem: string,
  ) {
    super(`line ${line}: ${problem}`);
  }
}

/** @returns whether the value is neither an integer, a string nor None */
export const isThing = (value: Value | undefined): value is Thing => typeof value === 'object' && value !== null;

/** Division rounds down and its remainder has the divisor's sign, as Python's do; by 0 it gives NaN. */
export function calculate(operator: number, left: number, right: number): number {
  switch (OPERATORS[operator]) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '//':
      return right === 0 ? Number.NaN : Math.floor(left / right);
    case '%':
      return right === 0 ? Number.NaN : left - right * Math.floor(left / right);
    case '&':
      return left & right;
    case '|':
      return left | right;
    case '^':
      return left ^ right;
  }
}

export function compare(comparison: number, left: number, right: number): number {
  switch (COMPARISONS[comparison]) {
    case '<':
      return Number(left < right);
    case '<=':
      return Number(left <= right);
    case '==':
      return Number(left === right);
    case '!=':
      return Number(left !== right);
    case '>':
      return Number(left > right);
    case '>=':
      return Number(left >= right);
  }
}

/** @returns how a value is shown in an error */
export function describe(value: Value): string {
  if (value === null) return 'None';
  if (typeof value !== 'object') return typeof value === 'string' ? `'${value}'` : String(value);
  if (value.kind === 'range') return `range(${value.next}, ${value.stop})`;
  return 'name' in value ? `${value.kind} ${value.name}` : withArticle(value.kind);
}
