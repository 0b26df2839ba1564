/**
 * CPython's global interpreter lock on worker threads, and a small bytecode machine that runs under it: what the GIL
 * prevents, and what it does not.
 *
 * @module atomics-sync-free/gil
 */
export { AssemblyError, assemble } from './assembler.js';
export { attach } from './attach.js';
export type { AgentStatistics, GILStatistics, StatisticsReport, TraceEvent, TraceEventName } from './books.js';
export { GIL, type GILOptions } from './gil.js';
export {
  Interpreter,
  type InterpreterMemory,
  type InterpreterOptions,
  type InterpreterParts,
} from './interpreter.js';
export { OPERANDS, type OpcodeName, type Operand, POLICIES, type Policy } from './opcodes.js';
export { type Possible, possibleValues, type Question, type ThreadCall } from './outcomes.js';
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
} from './program.js';
export { type Loss, RACES, type Race, type Range } from './races.js';
export { ProgramError } from './values.js';
