/**
 * CPython's global interpreter lock on worker threads, and a small bytecode machine that runs under it: what the GIL
 * prevents, and what it does not.
 *
 * @module atomics-sync-free/gil
 */

export { attach } from './attach.js';
export type { AgentStatistics, GILStatistics, StatisticsReport } from './books.js';
export { GIL } from './gil.js';
export { AssemblyError, assemble } from './interpreter/assembler.js';
export {
  Interpreter,
  type InterpreterMemory,
  type InterpreterOptions,
  type InterpreterParts,
} from './interpreter/interpreter.js';
export { OPERANDS, type OpcodeName, type Operand, POLICIES, type Policy } from './interpreter/opcodes.js';
export type {
  Code,
  CountThing,
  DictThing,
  FunctionThing,
  ListThing,
  LockThing,
  MethodThing,
  NativeThing,
  ObjectThing,
  Program,
  Property,
  RangeThing,
  Thing,
  Value,
} from './interpreter/program.js';
export { ProgramError } from './interpreter/values.js';
export type { GILOptions } from './options.js';
export { type Loss, RACES, type Race, type Range } from './races.js';
