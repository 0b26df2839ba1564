import { checkOptions } from '../core/arguments.js';
import { Lock } from '../sync/lock.js';
import { assemble } from './assembler.js';
import { GIL } from './gil.js';
import { fetchAndAdd, lockMethods, type Native, natives, type World } from './natives.js';
import { checksOf, OPERATORS, Opcode, opcodeName, POLICIES, type Policy } from './opcodes.js';
import { type Code, cellAt, type Program, type Value } from './program.js';
import { calculate, compare, describe, isThing, ProgramError } from './values.js';

/** What an interpreter is made of. */
export interface InterpreterOptions {
  /** The program's text, as `assemble` takes it. */
  source: string;
  /** Whose rules it runs under; `'3.11'` by default. */
  policy?: Policy | undefined;
  /** Its GIL; by default one of its own. Two interpreters may share one, as they did before Python 3.12. */
  gil?: GIL | undefined;
  /** The shared memory of an interpreter that exists; by default new memory. */
  memory?: InterpreterMemory | undefined;
}

/** What the agents that run one interpreter share besides its GIL. */
export interface InterpreterMemory {
  /** The integers that the program's names, attributes and items stand for. */
  readonly cells: Int32Array;
  readonly locks: readonly Lock[];
}

/** An interpreter as plain data and primitives: what `share` takes, and the constructor. */
export type InterpreterParts = Required<{ [K in keyof InterpreterOptions]: NonNullable<InterpreterOptions[K]> }>;

/** A function being run. */
class Frame {
  /** Index of the next instruction. */
  next = 0;
  readonly stack: Value[] = [];

  constructor(
    readonly code: Code,
    readonly locals: (Value | undefined)[],
    /** Whether nobody wants what it returns: a property's setter. */
    readonly discarded: boolean,
  ) {}
}

const NESTED_CALLS = 1000;

/**
 * A small stack machine that runs a program the way CPython runs bytecode: each agent with a stack of its own, on
 * objects that all agents share, under a GIL, and with the eval breaker where a version of CPython has it. Every
 * instruction touches shared memory at most once, or is one whole as CPython's is.
 *
 * Integers have 32 bits. Threads are agents: share `parts` with workers, and let each make an Interpreter of them.
 *
 * @example
 * ```ts
 * import { Interpreter } from 'atomics-sync-free/gil';
 * const interpreter = new Interpreter({
 *   policy: '3.11',
 *   source: `
 * global counter = 0
 * def increment(by):
 *     RESUME
 *     LOAD_GLOBAL counter
 *     LOAD_FAST by
 *     BINARY_OP +=
 *     STORE_GLOBAL counter
 *     LOAD_CONST None
 *     RETURN_VALUE
 * `,
 * });
 * // worker.postMessage(share(interpreter.parts));
 * // in the worker: new Interpreter(attach(data)).call('increment', 1);
 * interpreter.call('increment', 2);
 * interpreter.read('counter'); // 2
 * ```
 */
export class Interpreter {
  /** The program. */
  readonly program: Program;
  /** Whose rules it runs under. */
  readonly policy: Policy;
  /** The GIL it runs under. */
  readonly gil: GIL;
  readonly #memory: InterpreterMemory;
  readonly #world: World;
  readonly #checks: Uint8Array;

  /**
   * Makes an interpreter, or another agent's view of one.
   *
   * @param options a program and whose rules it runs under; or the `parts` of an interpreter that exists
   * @throws AssemblyError when the program is wrong
   * @throws TypeError or RangeError when another option is not what it must be
   */
  constructor(options: InterpreterOptions) {
    checkOptions(options);
    const { source, policy = '3.11' } = options;
    if (typeof source !== 'string') throw new TypeError(`source is the program's text, not a ${typeof source}`);
    if (!POLICIES.includes(policy)) throw new RangeError(`policy is one of ${POLICIES.join(', ')}, not ${policy}`);
    const { gil = new GIL({ enabled: policy !== 'free-threaded' }) } = options;
    if (!(gil instanceof GIL)) throw new TypeError('gil is a GIL of this copy of the package');
    if (gil.enabled !== (policy !== 'free-threaded')) {
      throw new RangeError(`policy ${policy} goes with a GIL that is ${gil.enabled ? 'not ' : ''}enabled`);
    }
    this.program = assemble(source);
    this.policy = policy;
    this.gil = gil;
    this.#memory = options.memory ?? newMemory(this.program);
    this.#world = { gil, ...this.#memory };
    this.#checks = checksOf(policy);
  }

  /** All that it is made of: give it to `share`, and what arrives, to the constructor. */
  get parts(): InterpreterParts {
    return { source: this.program.source, policy: this.policy, gil: this.gil, memory: this.#memory };
  }

  /**
   * Takes the GIL, calls a function of the program, and drops the GIL.
   *
   * @param name which function
   * @param args its arguments, 32-bit integers
   * @returns what it returns: an integer, a string, or null for None and for everything else
   * @throws ProgramError when an instruction cannot be carried out; RangeError when there is no such function; what
   *   `GIL.acquire` throws
   */
  call(name: string, ...args: number[]): number | string | null {
    return this.gil.run(() => this.execute(name, ...args));
  }

  /** @internal `call` for an agent that holds the GIL. */
  execute(name: string, ...args: number[]): number | string | null {
    const code = this.program.functions.get(name);
    if (code === undefined) throw new RangeError(`the program has no function '${name}'`);
    if (args.length !== code.parameters || args.some((arg) => (arg | 0) !== arg)) {
      throw new RangeError(`${name}() takes ${code.parameters} 32-bit integer(s), not (${args.join(', ')})`);
    }
    const result = this.#run(new Frame(code, args, false));
    return isThing(result) ? null : result;
  }

  /**
   * Reads a shared value from outside the program, whoever holds the GIL.
   *
   * @param path a global integer `x`, an attribute or item `o.x`; of a list, its length; of a count, what comes next
   * @returns the integer
   * @throws RangeError when nothing of that name has a value
   */
  read(path: string): number {
    return Atomics.load(this.#memory.cells, cellAt(this.program, path));
  }

  /**
   * Writes a shared value from outside the program, whoever holds the GIL.
   *
   * @param path as `read` takes it
   * @param value a 32-bit integer
   * @throws RangeError when nothing of that name has a value
   */
  write(path: string, value: number): void {
    Atomics.store(this.#memory.cells, cellAt(this.program, path), value);
  }

  #run(first: Frame): Value {
    const { things, constants, names } = this.program;
    const { gil } = this;
    const { cells } = this.#memory;
    const checks = this.#checks;
    const frames: Frame[] = [];
    let frame = first;
    let { stack } = frame;
    let { instructions } = frame.code;

    const enter = (code: Code, args: (Value | undefined)[], discarded: boolean): void => {
      if (args.length !== code.parameters)
        throw this.#error(frame, `${code.name}() takes ${code.parameters} arguments`);
      if (frames.length === NESTED_CALLS) throw this.#error(frame, `more than ${NESTED_CALLS} nested calls`);
      frames.push(frame);
      frame = new Frame(code, args, discarded);
      ({ stack } = frame);
      ({ instructions } = code);
    };
    const pop = (): Value => {
      const value = stack.pop();
      if (value === undefined) throw this.#error(frame, 'the stack is empty');
      return value;
    };
    const peek = (depth: number): Value => {
      const value = stack[stack.length - depth];
      if (value === undefined) throw this.#error(frame, `the stack has no ${depth} values`);
      return value;
    };
    const popInteger = (): number => {
      const value = pop();
      if (typeof value !== 'number') throw this.#error(frame, `this takes an integer, not ${describe(value)}`);
      return value;
    };

    for (;;) {
      const opcode = instructions[frame.next];
      const operand = instructions[frame.next + 1];
      frame.next += 2;
      switch (opcode) {
        case Opcode.RESUME:
          break;
        case Opcode.LOAD_FAST: {
          const value = frame.locals[operand];
          if (value === undefined) throw this.#error(frame, `'${frame.code.locals[operand]}' has no value yet`);
          stack.push(value);
          break;
        }
        case Opcode.STORE_FAST:
          frame.locals[operand] = pop();
          break;
        case Opcode.LOAD_CONST:
          stack.push(constants[operand]);
          break;
        case Opcode.LOAD_GLOBAL:
          stack.push(operand < 0 ? things[~operand] : Atomics.load(cells, operand));
          break;
        case Opcode.STORE_GLOBAL:
          Atomics.store(cells, operand, popInteger());
          break;
        case Opcode.LOAD_ATTR: {
          const self = pop();
          const attribute = this.#attribute(frame, self, names[operand]);
          if (typeof attribute === 'number') stack.push(Atomics.load(cells, attribute));
          else if ('get' in attribute) enter(attribute.get, [self], false);
          else stack.push(attribute);
          break;
        }
        case Opcode.STORE_ATTR: {
          const self = pop();
          const attribute = this.#attribute(frame, self, names[operand]);
          if (typeof attribute === 'number') Atomics.store(cells, attribute, popInteger());
          else if ('set' in attribute) enter(attribute.set, [self, pop()], true);
          else throw this.#error(frame, `'${names[operand]}' cannot be changed`);
          break;
        }
        case Opcode.BINARY_SUBSCR: {
          const key = pop();
          stack.push(Atomics.load(cells, this.#item(frame, pop(), key)));
          break;
        }
        case Opcode.STORE_SUBSCR: {
          const key = pop();
          const cell = this.#item(frame, pop(), key);
          Atomics.store(cells, cell, popInteger());
          break;
        }
        case Opcode.LIST_APPEND: {
          const value = popInteger();
          const list = peek(operand);
          if (!isThing(list) || list.kind !== 'list') throw this.#error(frame, `${describe(list)} is no list`);
          const length = fetchAndAdd(gil, cells, list.cell);
          if (length >= list.capacity) throw this.#error(frame, `${describe(list)} has room for ${list.capacity}`);
          Atomics.store(cells, list.cell + 1 + length, value);
          break;
        }
        case Opcode.BINARY_OP: {
          const right = popInteger();
          stack.push(this.#calculate(frame, operand, popInteger(), right));
          break;
        }
        case Opcode.COMPARE_OP: {
          const right = popInteger();
          stack.push(compare(operand, popInteger(), right));
          break;
        }
        case Opcode.COPY:
          stack.push(peek(operand));
          break;
        case Opcode.SWAP: {
          const other = peek(operand);
          stack[stack.length - operand] = pop();
          stack.push(other);
          break;
        }
        case Opcode.POP_TOP:
          pop();
          break;
        case Opcode.JUMP_FORWARD:
        case Opcode.JUMP_BACKWARD:
          frame.next = operand;
          break;
        case Opcode.POP_JUMP_IF_FALSE:
          if (!pop()) frame.next = operand;
          break;
        case Opcode.POP_JUMP_IF_TRUE:
          if (pop()) frame.next = operand;
          break;
        case Opcode.GET_ITER: {
          const iterable = peek(1);
          if (!isThing(iterable) || iterable.kind !== 'range') {
            throw this.#error(frame, `${describe(iterable)} is not iterable`);
          }
          break;
        }
        case Opcode.FOR_ITER: {
          const iterator = peek(1);
          if (!isThing(iterator) || iterator.kind !== 'range') {
            throw this.#error(frame, `${describe(iterator)} is no iterator`);
          }
          if (iterator.next < iterator.stop) stack.push(iterator.next++);
          else {
            pop();
            frame.next = operand;
          }
          break;
        }
        case Opcode.CALL: {
          if (stack.length <= operand) throw this.#error(frame, `the stack has no function and ${operand} arguments`);
          const args = stack.splice(stack.length - operand, operand);
          const callee = pop();
          if (isThing(callee) && callee.kind === 'function') {
            enter(callee.code, args, false);
            // Its RESUME is the check.
            continue;
          }
          stack.push(this.#callNative(frame, callee, args));
          break;
        }
        case Opcode.RETURN_VALUE: {
          const result = pop();
          const { discarded } = frame;
          const caller = frames.pop();
          if (caller === undefined) return result;
          frame = caller;
          ({ stack } = frame);
          ({ instructions } = frame.code);
          if (!discarded) stack.push(result);
          break;
        }
      }
      if (checks[opcode] === 1) gil.checkpoint();
    }
  }

  #callNative(frame: Frame, callee: Value, args: readonly Value[]): Value {
    if (!isThing(callee) || (callee.kind !== 'native' && callee.kind !== 'method')) {
      throw this.#error(frame, `${describe(callee)} is no function`);
    }
    const table: Readonly<Record<string, Native>> = callee.kind === 'native' ? natives : lockMethods;
    const result = table[callee.name](this.#world, callee.kind === 'native' ? args : [callee.self, ...args]);
    if (result === undefined) {
      throw this.#error(frame, `${callee.name}() cannot be called with (${args.map(describe).join(', ')})`);
    }
    return result;
  }

  /** @returns an attribute's cell, its property, or the method that it is */
  #attribute(frame: Frame, self: Value, name: string) {
    if (isThing(self)) {
      if (self.kind === 'lock' && Object.hasOwn(lockMethods, name)) return { kind: 'method', name, self } as const;
      const attribute = self.kind === 'object' ? self.attributes.get(name) : undefined;
      if (attribute !== undefined) return attribute;
    }
    throw this.#error(frame, `${describe(self)} has no attribute '${name}'`);
  }

  /** @returns the cell of an item */
  #item(frame: Frame, container: Value, key: Value): number {
    if (isThing(container)) {
      if (container.kind === 'dict' && typeof key === 'string') {
        const cell = container.items.get(key);
        if (cell !== undefined) return cell;
      }
      if (container.kind === 'list' && typeof key === 'number') {
        if (key >= 0 && key < Atomics.load(this.#memory.cells, container.cell)) return container.cell + 1 + key;
      }
    }
    throw this.#error(frame, `${describe(container)} has no item ${describe(key)}`);
  }

  #calculate(frame: Frame, operator: number, left: number, right: number): number {
    const result = calculate(operator, left, right);
    if ((result | 0) === result) return result | 0;
    const why = right === 0 ? 'is a division by zero' : 'has no room in 32 bits';
    throw this.#error(frame, `${left} ${OPERATORS[operator]} ${right} ${why}`);
  }

  #error({ code, next }: Frame, problem: string): ProgramError {
    const index = next / 2 - 1;
    return new ProgramError(
      code.lines[index],
      `${opcodeName(code.instructions[2 * index])} in ${code.name}: ${problem}`,
    );
  }
}

const newMemory = (program: Program): InterpreterMemory => {
  const cells = new Int32Array(new SharedArrayBuffer(program.cells * 4));
  for (const [cell, value] of program.initial) cells[cell] = value;
  return { cells, locks: Array.from({ length: program.locks }, () => new Lock()) };
};
