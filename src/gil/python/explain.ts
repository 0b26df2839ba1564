/** A program beside its bytecode, with a mark wherever a switch may come. */
import { after, afterCall, atEntry, checkHeat, type Heat, isSpared, type Rules } from './checks.js';
import {
  checkListing,
  type ListedCode,
  type ListedInstruction,
  type Listing,
  UnsupportedError,
  versionOf,
} from './listing.js';

/** An instruction of a program, and whether another thread may come in after it. */
export interface ExplainedInstruction {
  /** The instruction as Python's `dis` shows it, with the meaning of its argument. */
  readonly text: string;
  /** Why another thread may come in after it, and under which condition; undefined if none may. */
  readonly why: string | undefined;
}

/** A line of a program. */
export interface ExplainedLine {
  /** Its number, from 1. */
  readonly line: number;
  /** Its text. */
  readonly source: string;
  /** The function that its instructions belong to. */
  readonly code: string;
  /** Its instructions, in the order of the bytecode. */
  readonly instructions: readonly ExplainedInstruction[];
}

/**
 * Shows where, in a program, a version of CPython lets other threads in.
 *
 * @param listing the program, as `LISTING_SCRIPT` printed it
 * @param heat whether code is specialized; `'hot'` by default, and irrelevant up to 3.10
 * @returns the lines that have instructions, function by function
 * @throws UnsupportedError when the listing's version is not known; TypeError when it is not a listing; RangeError when
 *   `heat` is neither
 *
 * @example
 * ```ts
 * import { explainPython } from 'atomics-sync-free/gil/outcomes';
 * const module = {
 *   name: '<module>', line: 1, arguments: [0, 0, 0], flags: 0, locals: [], cells: [], free: [], constants: [], handlers: [],
 *   instructions: [['RESUME', 0, null, 1], ['LOAD_CONST', 0, null, 1], ['RETURN_VALUE', null, null, 1]],
 * } as const;
 * const [line] = explainPython({ python: '3.11.7', file: 'prog.py', source: 'pass', module });
 * console.log(line?.instructions.map(({ text, why }) => why ?? text)); // [ 'a function begins', 'LOAD_CONST 0', 'RETURN_VALUE' ]
 * ```
 */
export function explainPython(listing: Listing, heat: Heat = 'hot'): ExplainedLine[] {
  checkListing(listing);
  checkHeat(heat);
  const version = versionOf(listing.python);
  if (version === undefined) throw new UnsupportedError(listing.file, `bytecode of Python ${listing.python}`);
  const rules = { version, heat, freeThreaded: false };
  const source = listing.source.split('\n');
  return allListed(listing.module).flatMap((code) => linesOf(code, rules, source));
}

const allListed = (code: ListedCode): ListedCode[] => [
  code,
  ...code.constants.flatMap((constant) =>
    typeof constant === 'object' && constant !== null && 'code' in constant ? allListed(constant.code) : [],
  ),
];

function linesOf(code: ListedCode, rules: Rules, source: readonly string[]): ExplainedLine[] {
  const lines: { line: number; source: string; code: string; instructions: ExplainedInstruction[] }[] = [];
  const entry = atEntry(rules);
  for (const [at, instruction] of code.instructions.entries()) {
    const line = instruction[3];
    if (lines.at(-1)?.line !== line) {
      lines.push({ line, source: source[line - 1] ?? '', code: code.name, instructions: [] });
    }
    const { instructions } = lines[lines.length - 1];
    if (at === 0 && entry !== undefined) instructions.push({ text: '(entry)', why: entry });
    const next = code.instructions[at + 1]?.[0] ?? '';
    instructions.push({
      text: textOf(instruction),
      why: isSpared(rules, next) ? undefined : whyAfter(rules, instruction),
    });
  }
  return lines;
}

function textOf([name, argument, meaning]: ListedInstruction): string {
  if (meaning === null) return argument === null ? name : `${name} ${argument}`;
  return `${name} ${Array.isArray(meaning) ? meaning.join(', ') : String(meaning)}`;
}

/** Why the eval breaker may be checked after an instruction, whatever it calls and whether or not it jumps. */
function whyAfter(rules: Rules, [name, argument]: ListedInstruction): string | undefined {
  const native = afterCall(rules, name, { native: '' });
  if (native === 'a call is over' && afterCall(rules, name, 'function') === undefined) {
    const specialized = afterCall(rules, name, { native: 'len' }) === undefined;
    return specialized
      ? 'a call of C code is over, but for len, isinstance, type, list.append'
      : 'a call of C code is over';
  }
  if (native === 'a call is over') return native;
  return after(rules, name, argument, false) ?? after(rules, name, argument, true);
}
