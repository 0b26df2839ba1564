/** Turns a program's text into the package's own bytecode: reads it line by line, and reports where it is wrong. */

import { shown } from '../../core/arguments.js';
import { withArticle } from '../../core/article.js';
import { COMPARISONS, OPERATORS, Opcode, type Operand, operandOf } from './opcodes.js';
import type { Code, Program, Property, Thing } from './program.js';

/**
 * A program's text is wrong. The message says where and how.
 *
 * @example
 * ```ts
 * import { AssemblyError, assemble } from 'atomics-sync-free/gil';
 * try {
 *   assemble('def main():\n    LOAD_FAST nothing');
 * } catch (error) {
 *   if (!(error instanceof AssemblyError)) throw error;
 *   console.log(error.message); // line 2: 'main' ends without RETURN_VALUE
 * }
 * ```
 */
export class AssemblyError extends SyntaxError {
  /** `'AssemblyError'` */
  override readonly name = 'AssemblyError';

  /**
   * @param line the line, from 1
   * @param problem what is wrong
   */
  constructor(
    /** The line, from 1. */
    readonly line: number,
    problem: string,
  ) {
    super(`line ${line}: ${problem}`);
  }
}

/** The C functions that every program has. */
export const NATIVES = ['range', 'int', 'len', 'abs', 'next', 'sleep', 'spin', 'hash'] as const;

const NAME = '[A-Za-z_][A-Za-z0-9_]*';
const INTEGER = '-?\\d+';
const DECLARATION = {
  global: new RegExp(`^global (${NAME}) = (${INTEGER})$`),
  count: new RegExp(`^count (${NAME})$`),
  lock: new RegExp(`^lock (${NAME})$`),
  list: new RegExp(`^list (${NAME})\\[(\\d+)\\]$`),
  object: new RegExp(`^object (${NAME}): (.+)$`),
  dict: new RegExp(`^dict (${NAME}): (.+)$`),
  def: new RegExp(`^def (${NAME})\\((.*)\\):$`),
};
const MEMBER = new RegExp(`^(${NAME}) = (${INTEGER})$`);
const PROPERTY = new RegExp(`^(${NAME}) = property\\((${NAME}), ?(${NAME})\\)$`);
const LABEL = new RegExp(`^(${NAME}):$`);
const INSTRUCTION = /^([A-Z_]+)(?: +(.+))?$/;
const MOST_ITEMS = 2 ** 24;

interface Line {
  readonly number: number;
  readonly text: string;
  readonly indented: boolean;
}

interface Function {
  readonly code: Code & { instructions: Int32Array; lines: number[]; locals: string[] };
  readonly line: number;
  readonly body: Line[];
}

/**
 * Assembles a program from its text.
 *
 * ```text
 * # Comments and empty lines may be anywhere. Declarations are not indented:
 * global counter = 0                     an integer in a shared cell
 * object o: v = 0, p = property(get, set)
 * dict d: v = 0                          d['v']
 * list items[1000]                       empty, with room for 1000 integers
 * count ticket                           itertools.count()
 * lock guard                             threading.Lock()
 * def main(n):                           a function and its parameters; its body is indented
 *     RESUME
 * again:                                 a label; indented or not
 *     JUMP_BACKWARD again
 * ```
 *
 * The natives `range(n)`, `int(x)`, `len(list)`, `abs(x)`, `next(count)`, `sleep(ms)`, `spin(turns)` and `hash(bytes)`,
 * the methods `acquire` and `release` of a lock, and `append` of a list are called like functions.
 *
 * @param source the text
 * @returns the program
 * @throws AssemblyError with the number of the first wrong line
 *
 * @example
 * ```ts
 * import { assemble } from 'atomics-sync-free/gil';
 * const program = assemble(`
 * global counter = 0
 * def increment():
 *     RESUME
 *     LOAD_GLOBAL counter
 *     LOAD_CONST 1
 *     BINARY_OP +=
 *     STORE_GLOBAL counter
 *     LOAD_CONST None
 *     RETURN_VALUE
 * `);
 * console.log(program.functions.size, program.cells); // 1 1
 * ```
 */
export function assemble(source: string): Program {
  if (typeof source !== 'string') throw new TypeError(`source must be the program's text, not ${shown(source)}`);
  return new Assembler(source).program();
}

class Assembler {
  readonly #source: string;
  readonly #functions = new Map<string, Function>();
  readonly #globals = new Map<string, number | Thing>();
  readonly #things: Thing[] = [];
  readonly #constants: (number | string | null)[] = [];
  readonly #names: string[] = [];
  readonly #initial = new Map<number, number>();
  /** Objects whose properties name functions that may be defined later. */
  readonly #properties: (() => void)[] = [];
  #cells = 0;
  #locks = 0;

  constructor(source: string) {
    this.#source = source;
  }

  program(): Program {
    for (const name of NATIVES) this.#globals.set(name, { kind: 'native', name });
    let current: Function | undefined;
    for (const line of linesOf(this.#source)) {
      if (current !== undefined && (line.indented || LABEL.test(line.text))) current.body.push(line);
      else if (line.indented) throw new AssemblyError(line.number, 'an instruction outside of any function');
      else current = this.#declare(line);
    }
    for (const resolve of this.#properties) resolve();
    for (const fn of this.#functions.values()) this.#fill(fn);
    return {
      source: this.#source,
      functions: new Map([...this.#functions].map(([name, { code }]) => [name, code])),
      globals: this.#globals,
      things: this.#things,
      constants: this.#constants,
      names: this.#names,
      cells: this.#cells,
      initial: this.#initial,
      locks: this.#locks,
    };
  }

  /** @returns the function, if the line declares one */
  #declare({ text, number }: Line): Function | undefined {
    const [word] = text.split(' ', 1);
    if (!Object.hasOwn(DECLARATION, word)) {
      throw new AssemblyError(
        number,
        `'${word}' is not a declaration; there are ${Object.keys(DECLARATION).join(', ')}`,
      );
    }
    const kind = word as keyof typeof DECLARATION;
    const match = DECLARATION[kind].exec(text);
    if (match === null) throw new AssemblyError(number, `this is not a declaration of ${withArticle(kind)}: ${text}`);
    const [, name, rest] = match;
    if (this.#isDeclared(name)) throw new AssemblyError(number, `'${name}' is already declared`);
    switch (kind) {
      case 'global':
        this.#globals.set(name, this.#newCell(integer(rest, number)));
        return undefined;
      case 'count':
        this.#globals.set(name, { kind, cell: this.#newCell(0) });
        return undefined;
      case 'lock':
        this.#globals.set(name, { kind, index: this.#locks++ });
        return undefined;
      case 'list':
        this.#globals.set(name, this.#newList(name, Number(rest), number));
        return undefined;
      case 'dict':
        this.#globals.set(name, { kind, name, items: new Map(this.#members(rest, number)) });
        return undefined;
      case 'object':
        this.#globals.set(name, { kind, name, attributes: this.#attributes(rest, number) });
        return undefined;
      case 'def':
        return this.#newFunction(name, rest, number);
    }
  }

  /** As in Python, a program may redefine a built-in name. */
  #isDeclared(name: string): boolean {
    const meaning = this.#globals.get(name);
    return meaning !== undefined && !(typeof meaning === 'object' && meaning.kind === 'native');
  }

  #newFunction(name: string, parameterList: string, line: number): Function {
    const parameters = parameterList.trim() === '' ? [] : parameterList.split(',').map((part) => part.trim());
    for (const [i, parameter] of parameters.entries()) {
      if (!new RegExp(`^${NAME}$`).test(parameter)) throw new AssemblyError(line, `'${parameter}' is not a parameter`);
      if (parameters.indexOf(parameter) !== i) throw new AssemblyError(line, `two parameters '${parameter}'`);
    }
    const code = { name, parameters: parameters.length, locals: parameters, instructions: new Int32Array(), lines: [] };
    const fn = { code, line, body: [] };
    this.#functions.set(name, fn);
    this.#globals.set(name, { kind: 'function', code });
    return fn;
  }

  #newCell(value: number): number {
    if (value !== 0) this.#initial.set(this.#cells, value);
    return this.#cells++;
  }

  #newList(name: string, capacity: number, line: number): Thing {
    if (capacity > MOST_ITEMS) throw new AssemblyError(line, `a list has room for at most ${MOST_ITEMS} items`);
    const cell = this.#newCell(0);
    this.#cells += capacity;
    return { kind: 'list', name, cell, capacity };
  }

  *#members(list: string, line: number): Generator<[string, number]> {
    for (const part of splitMembers(list)) {
      const match = MEMBER.exec(part);
      if (match === null) throw new AssemblyError(line, `'${part}' is not of the form name = integer`);
      yield [match[1], this.#newCell(integer(match[2], line))];
    }
  }

  #attributes(list: string, line: number): Map<string, number | Property> {
    const attributes = new Map<string, number | Property>();
    for (const part of splitMembers(list)) {
      const property = PROPERTY.exec(part);
      if (property === null) {
        for (const [name, cell] of this.#members(part, line)) attributes.set(name, cell);
        continue;
      }
      const [, name, get, set] = property;
      this.#properties.push(() => {
        attributes.set(name, { get: this.#accessor(get, 1, line), set: this.#accessor(set, 2, line) });
      });
    }
    return attributes;
  }

  #accessor(name: string, parameters: number, line: number): Code {
    const code = this.#functions.get(name)?.code;
    if (code?.parameters !== parameters) {
      throw new AssemblyError(
        line,
        `'${name}' is not a function of ${parameters} parameter(s), which a property needs`,
      );
    }
    return code;
  }

  #fill({ code, body, line }: Function): void {
    const labels = new Map<string, number>();
    const instructions: Line[] = [];
    for (const entry of body) {
      const label = LABEL.exec(entry.text)?.[1];
      if (label === undefined) instructions.push(entry);
      else if (labels.has(label)) throw new AssemblyError(entry.number, `there are two labels '${label}'`);
      else labels.set(label, instructions.length * 2);
    }
    code.instructions = new Int32Array(instructions.length * 2);
    for (const [i, { text, number }] of instructions.entries()) {
      const [, name, operand] = INSTRUCTION.exec(text) ?? [];
      const type = name === undefined ? undefined : operandOf(name);
      if (type === undefined) throw new AssemblyError(number, `'${name ?? text}' is not an opcode`);
      if ((type === 'nothing') !== (operand === undefined)) {
        throw new AssemblyError(
          number,
          type === 'nothing' ? `${name} takes no operand` : `${name} takes ${withArticle(type)}`,
        );
      }
      code.instructions[2 * i] = Opcode[name as keyof typeof Opcode];
      code.instructions[2 * i + 1] = this.#operand(type, operand, { code, labels, at: 2 * i, line: number });
      code.lines.push(number);
    }
    const last = code.instructions.at(-2);
    if (last !== Opcode.RETURN_VALUE && last !== Opcode.JUMP_BACKWARD && last !== Opcode.JUMP_FORWARD) {
      throw new AssemblyError(code.lines.at(-1) ?? line, `'${code.name}' ends without RETURN_VALUE`);
    }
    for (const [label, target] of labels) {
      if (target === code.instructions.length) throw new AssemblyError(line, `nothing follows the label '${label}'`);
    }
  }

  #operand(
    type: Operand,
    text: string,
    { code, labels, at, line }: { code: Function['code']; labels: Map<string, number>; at: number; line: number },
  ): number {
    const oneOf = (list: readonly string[], item: string): number => {
      if (!list.includes(item)) throw new AssemblyError(line, `'${text}' is not one of ${list.join(' ')}`);
      return list.indexOf(item);
    };
    switch (type) {
      case 'nothing':
        return 0;
      case 'local':
        return indexIn(code.locals, text);
      case 'constant':
        return indexIn(this.#constants, constant(text, line));
      case 'name':
        return indexIn(this.#names, text);
      case 'operator':
        return oneOf(OPERATORS, text.replace(/=$/, ''));
      case 'comparison':
        return oneOf(COMPARISONS, text);
      case 'count': {
        const count = integer(text, line);
        if (count < 0) throw new AssemblyError(line, `${text} is below 0`);
        return count;
      }
      case 'global': {
        const meaning = this.#globals.get(text);
        if (meaning === undefined) throw new AssemblyError(line, `there is no global '${text}'`);
        if (typeof meaning === 'number') return meaning;
        if (code.instructions[at] === Opcode.STORE_GLOBAL) {
          throw new AssemblyError(line, `'${text}' is not an integer; STORE_GLOBAL can change nothing else`);
        }
        return ~indexIn(this.#things, meaning);
      }
      case 'forward':
      case 'backward': {
        const target = labels.get(text);
        if (target === undefined) throw new AssemblyError(line, `there is no label '${text}' in '${code.name}'`);
        if ((type === 'forward') !== target > at) throw new AssemblyError(line, `the label '${text}' is not ${type}`);
        return target;
      }
    }
  }
}

function* linesOf(source: string): Generator<Line> {
  for (const [i, raw] of source.split('\n').entries()) {
    const text = raw.replace(/#.*$/, '').trim();
    if (text !== '') yield { number: i + 1, text, indented: /^\s/.test(raw) };
  }
}

/** Splits at commas outside parentheses. */
const splitMembers = (list: string): string[] => list.split(/,(?![^(]*\))/).map((part) => part.trim());

function integer(text: string, line: number): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || (value | 0) !== value) throw new AssemblyError(line, `${text} is not a 32-bit integer`);
  return value;
}

function constant(text: string, line: number): number | string | null {
  if (text === 'None') return null;
  const string = /^'([^']*)'$/.exec(text);
  return string === null ? integer(text, line) : string[1];
}

/** @returns the item's index in the list, to which it is added if missing */
function indexIn<T>(list: T[], item: T): number {
  const index = list.indexOf(item);
  return index === -1 ? list.push(item) - 1 : index;
}
