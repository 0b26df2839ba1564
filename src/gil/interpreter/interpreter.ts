/** What threads under a GIL share: a program, its memory and its lock; each thread of it is a Machine (machine.ts). */
import { checkFields, checkInteger, type Fields } from '../../core/arguments.js';
import type { Arena } from '../../core/memory/arena.js';
import { Lock } from '../../sync/lock.js';
import { GIL } from '../gil.js';
import { assemble } from './assembler.js';
import { Machine } from './machine.js';
import { sleep } from './natives.js';
import { checkPolicy, type Policy } from './opcodes.js';
import { cellAt, type Program } from './program.js';
import { isThing } from './values.js';

/** What an interpreter is made of. */
export interface InterpreterOptions {
  /** The program's text, as `assemble` takes it. */
  source: string;
  /** The policy that it runs under; `'3.11'` by default. */
  policy?: Policy | undefined;
  /** Its GIL; by default a new one. Two interpreters may share one, as they did before Python 3.12. */
  gil?: GIL | undefined;
  /** The shared memory of an existing interpreter; by default new memory. */
  memory?: InterpreterMemory | undefined;
}

/** What the agents that run one interpreter share besides its GIL. */
export interface InterpreterMemory {
  /** The integers that the program's names, attributes and items stand for. */
  readonly cells: Int32Array;
  /** The program's locks, in the order of their declarations. */
  readonly locks: readonly Lock[];
}

/** An interpreter as plain data and primitives, for `share` and for the constructor. */
export type InterpreterParts = Required<{ [K in keyof InterpreterOptions]: NonNullable<InterpreterOptions[K]> }>;

const FIELDS: Fields<InterpreterOptions> = { source: true, policy: true, gil: true, memory: true };

/**
 * A small stack machine that runs a program the way CPython runs bytecode: each agent with a stack of its own, on
 * objects that all agents share, under a GIL, and with eval breaker checks where a version of CPython has them. Every
 * instruction touches shared memory at most once, or is atomic as CPython's is.
 *
 * Integers have 32 bits. Threads are agents: share `parts` with workers, and let each create an Interpreter from them.
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
 * console.log(interpreter.read('counter')); // 2
 * ```
 */
export class Interpreter {
  /** The program. */
  readonly program: Program;
  /** The policy that it runs under. */
  readonly policy: Policy;
  /** The GIL it runs under. */
  readonly gil: GIL;
  readonly #memory: InterpreterMemory;
  readonly #machine: Machine;

  /**
   * Makes an interpreter, or another agent's view of one.
   *
   * @param options a program and its policy; or the `parts` of an existing interpreter
   * @throws AssemblyError when the program is wrong
   * @throws TypeError or RangeError when another option is invalid
   */
  constructor(options: InterpreterOptions) {
    checkFields('Interpreter', options, FIELDS);
    const { source, policy = '3.11' } = options;
    checkPolicy(policy);
    const { gil = new GIL({ enabled: policy !== 'free-threaded' }) } = options;
    if (!(gil instanceof GIL)) throw new TypeError('gil must be a GIL of this copy of the package');
    if (gil.enabled !== (policy !== 'free-threaded')) {
      throw new RangeError(`policy ${policy} needs a GIL that is ${gil.enabled ? 'not ' : ''}enabled`);
    }
    this.program = assemble(source);
    this.policy = policy;
    this.gil = gil;
    const { memory = newMemory(this.program, gil.arena) } = options;
    if (!(memory?.cells instanceof Int32Array) || !Array.isArray(memory.locks))
      throw new TypeError("memory must be that of an interpreter's parts");
    this.#memory = memory;
    const { cells, locks } = memory;
    if (cells.length !== this.program.cells || locks.length !== this.program.locks) {
      throw new RangeError("memory belongs to another program: its numbers of cells and locks differ from this one's");
    }
    this.#machine = new Machine(this.program, policy, { gil, cells, locks, sleep });
  }

  /** Everything that it is made of: pass it to `share`, and the received value to the constructor. */
  get parts(): InterpreterParts {
    return { source: this.program.source, policy: this.policy, gil: this.gil, memory: this.#memory };
  }

  /**
   * Takes the GIL, calls a function of the program, and drops the GIL.
   *
   * @param name which function
   * @param args its arguments, 32-bit integers
   * @returns what it returns: an integer, a string, or null for None and for everything else
   * @throws ProgramError when an instruction cannot be carried out; RangeError when there is no such function, or it
   *   takes other arguments; what `GIL.acquire` throws
   */
  call(name: string, ...args: number[]): number | string | null {
    return this.gil.run(() => {
      const result = this.#machine.run(name, args);
      return isThing(result) ? null : result;
    });
  }

  /**
   * Reads a shared value from outside the program, whoever holds the GIL.
   *
   * @param path a global integer `x`, an attribute or item `o.x`; for a list, its length; for a count, the next number
   * @returns the integer
   * @throws RangeError when nothing of that name has a value; TypeError when the path is not a string
   */
  read(path: string): number {
    return Atomics.load(this.#memory.cells, cellAt(this.program, path));
  }

  /**
   * Writes a shared value from outside the program, whoever holds the GIL.
   *
   * @param path as `read` takes it
   * @param value a 32-bit integer
   * @throws RangeError when nothing of that name has a value; TypeError or RangeError when the value is not such an
   *   integer, or the path not a string
   */
  write(path: string, value: number): void {
    checkInteger('value', value, -(2 ** 31), 2 ** 31 - 1);
    Atomics.store(this.#memory.cells, cellAt(this.program, path), value);
  }
}

const newMemory = (program: Program, arena: Arena): InterpreterMemory => {
  const cells = new Int32Array(new SharedArrayBuffer(program.cells * 4));
  for (const [cell, value] of program.initial) cells[cell] = value;
  return { cells, locks: Array.from({ length: program.locks }, () => new Lock({ arena })) };
};
