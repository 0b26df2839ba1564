/** What the assembler makes and the interpreter runs. */

/** A function of a program. */
export interface Code {
  readonly name: string;
  readonly parameters: number;
  /** The names of its locals, parameters first. */
  readonly locals: readonly string[];
  /** Two words an instruction: opcode and operand. Jumps are to an index in here. */
  readonly instructions: Int32Array;
  /** The line of each instruction. */
  readonly lines: readonly number[];
}

/** What a property consists of. */
export interface Property {
  readonly get: Code;
  readonly set: Code;
}

/** What a name that is no integer means; the same for all agents and never changed. */
export type Thing =
  | { readonly kind: 'function'; readonly code: Code }
  | { readonly kind: 'native'; readonly name: string }
  /** Each attribute's cell, or the property that stands for it. */
  | { readonly kind: 'object'; readonly name: string; readonly attributes: ReadonlyMap<string, number | Property> }
  /** Each item's cell. */
  | { readonly kind: 'dict'; readonly name: string; readonly items: ReadonlyMap<string, number> }
  /** The cell of its length; its items' cells follow. */
  | { readonly kind: 'list'; readonly name: string; readonly cell: number; readonly capacity: number }
  /** The cell of the number that comes next. */
  | { readonly kind: 'count'; readonly cell: number }
  /** Its place among the program's locks. */
  | { readonly kind: 'lock'; readonly index: number }
  /** What `acquire` or `release` of a lock is. */
  | { readonly kind: 'method'; readonly name: string; readonly self: Thing }
  /** A range, and its iterator: private to who made it. */
  | { readonly kind: 'range'; next: number; readonly stop: number };

/** What the stack and locals hold: Python's int (32 bits here), str, None, and everything else. */
export type Value = number | string | null | Thing;

/** A program, assembled. */
export interface Program {
  /** The text it was made from. */
  readonly source: string;
  readonly functions: ReadonlyMap<string, Code>;
  /** What a global name means: the cell of an integer, or a thing. */
  readonly globals: ReadonlyMap<string, number | Thing>;
  /** What an operand of LOAD_GLOBAL below 0 means: the thing at its complement. */
  readonly things: readonly Thing[];
  /** What an operand of LOAD_CONST means. */
  readonly constants: readonly (number | string | null)[];
  /** What an operand of LOAD_ATTR and STORE_ATTR means. */
  readonly names: readonly string[];
  /** How many shared cells it has. */
  readonly cells: number;
  /** What the cells hold at first that do not hold 0. */
  readonly initial: ReadonlyMap<number, number>;
  readonly locks: number;
}

/**
 * @param path a global integer, list or count `x`, or an attribute or item `o.x`
 * @returns its cell: of a list the length's, of a count the next number's
 * @throws RangeError when nothing of that name has one
 */
export function cellAt(program: Program, path: string): number {
  const [name, member] = path.split('.');
  const meaning = program.globals.get(name);
  const cell = member === undefined ? cellOf(meaning) : memberCell(meaning, member);
  if (typeof cell !== 'number') throw new RangeError(`'${path}' is no integer, list or count of the program`);
  return cell;
}

function cellOf(meaning: number | Thing | undefined): number | undefined {
  if (typeof meaning !== 'object') return meaning;
  return meaning.kind === 'list' || meaning.kind === 'count' ? meaning.cell : undefined;
}

function memberCell(meaning: number | Thing | undefined, member: string) {
  if (typeof meaning !== 'object') return undefined;
  if (meaning.kind === 'object') return meaning.attributes.get(member);
  return meaning.kind === 'dict' ? meaning.items.get(member) : undefined;
}
