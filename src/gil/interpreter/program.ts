/** What the assembler produces and the interpreter runs. */
import { shown } from '../../core/arguments.js';

/** A function of a program. */
export interface Code {
  /** Its name in the program. */
  readonly name: string;
  /** How many arguments it takes. */
  readonly parameters: number;
  /** The names of its locals, parameters first. */
  readonly locals: readonly string[];
  /** Two words per instruction: opcode and operand. Jumps are to an index in this array. */
  readonly instructions: Int32Array;
  /** The line of each instruction. */
  readonly lines: readonly number[];
}

/** The functions of a property. */
export interface Property {
  /** Called with the object to read it. */
  readonly get: Code;
  /** Called with the object and a value to write it. */
  readonly set: Code;
}

/** The meaning of a name that is not an integer; the same for all agents and immutable, except for a range. */
export type Thing =
  | FunctionThing
  | NativeThing
  | ObjectThing
  | DictThing
  | ListThing
  | CountThing
  | LockThing
  | MethodThing
  | RangeThing;

/** A function of the program. */
export interface FunctionThing {
  /** Which kind of thing it is. */
  readonly kind: 'function';
  /** Its instructions. */
  readonly code: Code;
}

/** A C function, such as `sleep`. */
export interface NativeThing {
  /** Which kind of thing it is. */
  readonly kind: 'native';
  /** Its name. */
  readonly name: string;
}

/** What `object` declares. */
export interface ObjectThing {
  /** Which kind of thing it is. */
  readonly kind: 'object';
  /** Its name. */
  readonly name: string;
  /** Each attribute's cell, or its property. */
  readonly attributes: ReadonlyMap<string, number | Property>;
}

/** What `dict` declares. */
export interface DictThing {
  /** Which kind of thing it is. */
  readonly kind: 'dict';
  /** Its name. */
  readonly name: string;
  /** Each item's cell. */
  readonly items: ReadonlyMap<string, number>;
}

/** What `list` declares. */
export interface ListThing {
  /** Which kind of thing it is. */
  readonly kind: 'list';
  /** Its name. */
  readonly name: string;
  /** The cell of its length; its items' cells follow. */
  readonly cell: number;
  /** How many items it has room for. */
  readonly capacity: number;
}

/** What `count` declares. */
export interface CountThing {
  /** Which kind of thing it is. */
  readonly kind: 'count';
  /** The cell of the next number. */
  readonly cell: number;
}

/** What `lock` declares. */
export interface LockThing {
  /** Which kind of thing it is. */
  readonly kind: 'lock';
  /** Its index among the program's locks. */
  readonly index: number;
}

/** The `acquire` or `release` of a lock. */
export interface MethodThing {
  /** Which kind of thing it is. */
  readonly kind: 'method';
  /** Its name. */
  readonly name: string;
  /** The object whose method it is. */
  readonly self: Thing;
}

/** A range, and its iterator: private to its creator. */
export interface RangeThing {
  /** Which kind of thing it is. */
  readonly kind: 'range';
  /** The next number. */
  next: number;
  /** The first number not included. */
  readonly stop: number;
}

/** What the stack and locals hold: Python's int (32 bits here), str, None, and everything else. */
export type Value = number | string | null | Thing;

/** An assembled program. */
export interface Program {
  /** The text it was made from. */
  readonly source: string;
  /** Its functions by name. */
  readonly functions: ReadonlyMap<string, Code>;
  /** The meaning of a global name: the cell of an integer, or a thing. */
  readonly globals: ReadonlyMap<string, number | Thing>;
  /** The meaning of an operand of LOAD_GLOBAL below 0: the thing at its complement. */
  readonly things: readonly Thing[];
  /** The meanings of the operands of LOAD_CONST. */
  readonly constants: readonly (number | string | null)[];
  /** The meanings of the operands of LOAD_ATTR and STORE_ATTR. */
  readonly names: readonly string[];
  /** How many shared cells it has. */
  readonly cells: number;
  /** The initial values of the cells that do not start at 0. */
  readonly initial: ReadonlyMap<number, number>;
  /** How many locks it declares. */
  readonly locks: number;
}

/**
 * @param args the arguments of a call of it
 * @returns a function of a program
 * @throws RangeError when there is no such function, or it takes other arguments
 */
export function functionOf(program: Program, name: string, args: readonly number[]): Code {
  const code = program.functions.get(name);
  if (code === undefined) throw new RangeError(`the program has no function '${name}'`);
  if (args.length !== code.parameters || args.some((arg) => (arg | 0) !== arg)) {
    throw new RangeError(`${name}() takes ${code.parameters} 32-bit integer(s), not (${args.join(', ')})`);
  }
  return code;
}

/**
 * @param path a global integer, list or count `x`, or an attribute or item `o.x`
 * @returns its cell: for a list, that of its length; for a count, that of the next number
 * @throws RangeError when there is no cell of that name
 */
export function cellAt(program: Program, path: string): number {
  if (typeof path !== 'string') throw new TypeError(`a value must be named by a string, not ${shown(path)}`);
  const [name, member] = path.split('.');
  const meaning = program.globals.get(name);
  const cell = member === undefined ? cellOf(meaning) : memberCell(meaning, member);
  if (typeof cell !== 'number') throw new RangeError(`'${path}' is not an integer, list or count of the program`);
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
