/** Prepares a listing's code objects to run. */
import type { ListedCode, ListedConstant } from './listing.js';
import { hashOf } from './objects.js';
import { Code, UnknownConstant } from './values/code.js';
import { Float, PySet, Tuple } from './values/containers.js';
import type { Value } from './values/value.js';

/** CPython's flags of code objects. */
export const Flag = {
  varArguments: 4,
  varKeywords: 8,
  generator: 0x20,
  coroutine: 0x80,
  asyncGenerator: 0x200,
} as const;

/** @returns the code that a listing describes, including nested code */
export function codeOf(listed: ListedCode): Code {
  const [positional, , keywordOnly] = listed.arguments;
  return new Code({
    name: listed.name,
    line: listed.line,
    positional,
    keywordOnly,
    flags: listed.flags,
    locals: listed.locals,
    cells: listed.cells,
    free: listed.free,
    handlers: listed.handlers,
    constants: listed.constants.map(constantOf),
    instructions: listed.instructions.map(([name, argument, meaning, line]) => ({
      name,
      argument: argument ?? 0,
      target: typeof meaning === 'number' ? meaning : -1,
      text: typeof meaning === 'string' ? meaning : '',
      texts: typeof meaning === 'object' && meaning !== null ? meaning : [],
      line,
    })),
  });
}

/** @returns a code object and all code objects in it */
export function allCode(code: Code): Code[] {
  return [code, ...code.constants.flatMap((constant) => (constant instanceof Code ? allCode(constant) : []))];
}

function constantOf(listed: ListedConstant): Value {
  if (typeof listed !== 'object' || listed === null) return listed;
  if ('code' in listed) return codeOf(listed.code);
  if ('float' in listed) return new Float(listed.float);
  if ('tuple' in listed) return new Tuple(listed.tuple.map(constantOf));
  if ('frozenset' in listed) {
    return new PySet(new Map(listed.frozenset.map(constantOf).map((item) => [hashOf(item), item])));
  }
  return new UnknownConstant(listed.unsupported);
}
