/** The stack machine itself: how one thread runs a program's functions, independent of the GIL and memory behind it. */
import { append, lengthOf, methodsOf, type Native, natives, UNCHECKED, type World } from './natives.js';
import {
  checksOf,
  isSpecialized,
  looksAfterReturn,
  OPERATORS,
  Opcode,
  opcodeName,
  type Policy,
  spareWith,
} from './opcodes.js';
import { type Code, functionOf, type MethodThing, type NativeThing, type Program, type Value } from './program.js';
import { calculate, compare, describe, isThing, ProgramError } from './values.js';

/** A function being run. */
class Frame {
  /** Index of the next instruction. */
  next = 0;
  readonly stack: Value[] = [];

  constructor(
    readonly code: Code,
    readonly locals: (Value | undefined)[],
    /** What entered it: a call, or reading or writing an attribute through a property. */
    readonly by: 'call' | 'get' | 'set',
  ) {}
}

const NESTED_CALLS = 1000;

/** One thread's stack machine. Its caller holds the GIL. */
export class Machine {
  readonly #program: Program;
  readonly #world: World;
  readonly #checks: Uint8Array;
  readonly #specialized: boolean;
  readonly #looksAfterReturn: boolean;
  readonly #sparesWith: boolean;
  /** The functions that are being run, innermost last. */
  #frames: Frame[] = [];

  constructor(program: Program, policy: Policy, world: World) {
    this.#program = program;
    this.#world = world;
    this.#checks = checksOf(policy);
    this.#specialized = isSpecialized(policy);
    this.#looksAfterReturn = looksAfterReturn(policy);
    this.#sparesWith = spareWith(policy);
  }

  /**
   * Runs a function of the program.
   *
   * @throws ProgramError when an instruction cannot be carried out; RangeError when there is no such function, or it
   *   takes other arguments
   */
  run(name: string, args: readonly number[]): Value {
    const code = functionOf(this.#program, name, args);
    this.#frames = [];
    return this.#run(new Frame(code, [...args], 'call'));
  }

  /** @returns all that the rest of the run depends on, besides shared memory */
  snapshot(): string {
    return JSON.stringify(this.#frames, (key, value: unknown) => {
      if (key === 'code') return (value as Code).name;
      return isThing(value as Value) && 'kind' in (value as object) ? describe(value as Value) : value;
    });
  }

  #run(first: Frame): Value {
    const { things, constants, names } = this.#program;
    const { gil, cells } = this.#world;
    const checks = this.#checks;
    const frames = this.#frames;
    frames.push(first);
    let frame = first;
    let { stack } = frame;
    let { instructions } = frame.code;

    const enter = (code: Code, args: (Value | undefined)[], by: Frame['by']): void => {
      if (args.length !== code.parameters)
        throw this.#error(frame, `${code.name}() takes ${code.parameters} arguments`);
      if (frames.length === NESTED_CALLS) throw this.#error(frame, `more than ${NESTED_CALLS} nested calls`);
      frame = new Frame(code, args, by);
      frames.push(frame);
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
      if (value === undefined) throw this.#error(frame, `the stack has fewer than ${depth} values`);
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
          else if ('get' in attribute) enter(attribute.get, [self], 'get');
          else stack.push(attribute);
          break;
        }
        case Opcode.STORE_ATTR: {
          const self = pop();
          const attribute = this.#attribute(frame, self, names[operand]);
          if (typeof attribute === 'number') Atomics.store(cells, attribute, popInteger());
          else if ('set' in attribute) enter(attribute.set, [self, pop()], 'set');
          else throw this.#error(frame, `'${names[operand]}' cannot be changed`);
          break;
        }
        case Opcode.BEFORE_WITH: {
          const self = pop();
          const exit = this.#attribute(frame, self, '__exit__');
          const enter = this.#attribute(frame, self, 'acquire');
          if (typeof exit === 'number' || typeof enter === 'number' || !('kind' in exit) || !('kind' in enter)) {
            throw this.#error(frame, `${describe(self)} cannot be used by 'with'`);
          }
          stack.push(exit, this.#callNative(frame, enter, []));
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
          if (!isThing(list) || list.kind !== 'list') throw this.#error(frame, `${describe(list)} is not a list`);
          if (!append(gil, cells, list, value))
            throw this.#error(frame, `${describe(list)} is full: it has room for ${list.capacity}`);
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
          if (pop()) continue;
          frame.next = operand;
          break;
        case Opcode.POP_JUMP_IF_TRUE:
          if (!pop()) continue;
          frame.next = operand;
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
            throw this.#error(frame, `${describe(iterator)} is not an iterator`);
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
            enter(callee.code, args, 'call');
            // Its RESUME is the check.
            continue;
          }
          if (!isThing(callee) || (callee.kind !== 'native' && callee.kind !== 'method')) {
            throw this.#error(frame, `${describe(callee)} is not a function`);
          }
          stack.push(this.#callNative(frame, callee, args));
          if (this.#specialized && 'name' in callee && UNCHECKED.has(callee.name)) continue;
          break;
        }
        case Opcode.RETURN_VALUE: {
          const result = pop();
          const { by } = frame;
          frames.pop();
          if (frames.length === 0) return result;
          frame = frames[frames.length - 1];
          ({ stack } = frame);
          ({ instructions } = frame.code);
          if (by !== 'set') stack.push(result);
          if (by === 'call' && this.#looksAfterReturn) gil.checkpoint();
          break;
        }
      }
      if (checks[opcode] === 0) continue;
      if (this.#sparesWith && instructions[frame.next] === Opcode.BEFORE_WITH) continue;
      gil.checkpoint();
    }
  }

  #callNative(frame: Frame, callee: NativeThing | MethodThing, args: readonly Value[]): Value {
    const table: Readonly<Record<string, Native>> = callee.kind === 'native' ? natives : methodsOf(callee.self);
    const result = table[callee.name](this.#world, callee.kind === 'native' ? args : [callee.self, ...args]);
    if (result === undefined) {
      throw this.#error(frame, `${callee.name}() cannot be called with (${args.map(describe).join(', ')})`);
    }
    return result;
  }

  /** @returns an attribute's cell, its property, or the method that it is */
  #attribute(frame: Frame, self: Value, name: string) {
    if (isThing(self)) {
      if (Object.hasOwn(methodsOf(self), name)) return { kind: 'method', name, self } as const;
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
        if (key >= 0 && key < lengthOf(this.#world.cells, container.cell)) return container.cell + 1 + key;
      }
    }
    throw this.#error(frame, `${describe(container)} has no item ${describe(key)}`);
  }

  #calculate(frame: Frame, operator: number, left: number, right: number): number {
    const result = calculate(operator, left, right);
    if ((result | 0) === result) return result | 0;
    const why = right === 0 ? 'is a division by zero' : 'does not fit into 32 bits';
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
