/** Instructions that make functions, and import. */
import { getAttribute } from '../attributes.js';
import { peek, pop, popMany } from '../context.js';
import { itemsOf } from '../iterating.js';
import { MODULES } from '../modules.js';
import { EXCEPTIONS } from '../objects.js';
import type { Module, PyClass } from '../values/classes.js';
import { Code } from '../values/code.js';
import { Dict } from '../values/containers.js';
import { type Cell, Func } from '../values/frames.js';
import { Unsupported } from '../values/unsupported.js';
import type { Value } from '../values/value.js';
import { isOld, plain } from './handler.js';

export const definitions = plain({
  MAKE_FUNCTION: (frame, { argument }, machine) => {
    if (isOld(machine)) pop(frame);
    const code = pop(frame);
    if (!(code instanceof Code)) throw new Error('no code for a function');
    const func = new Func(code, [], new Map(), []);
    for (const flag of [8, 4, 2, 1]) if ((argument & flag) !== 0) setFunction(func, flag, pop(frame));
    frame.stack.push(func);
  },
  SET_FUNCTION_ATTRIBUTE: (frame, { argument }) => {
    const func = pop(frame) as Func;
    setFunction(func, argument, pop(frame));
    frame.stack.push(func);
  },
  IMPORT_NAME: (frame, { text }) => {
    popMany(frame, 2);
    const module = MODULES.get(text);
    if (module === undefined) throw new Unsupported(`the module ${text} (known: ${[...MODULES.keys()].join(', ')})`);
    frame.stack.push(module);
  },
  IMPORT_FROM: (frame, { text }) => {
    const module = peek(frame) as Module;
    frame.stack.push(getAttribute(module, text));
  },
  LOAD_ASSERTION_ERROR: (frame) => frame.stack.push(EXCEPTIONS.get('AssertionError') as PyClass),
  SETUP_ANNOTATIONS: ({ names }) => names?.set('__annotations__', new Dict(new Map())),
});

function setFunction(func: Func, flag: number, value: Value): void {
  if (flag === 8) func.closure = itemsOf(value) as unknown as Cell[];
  else if (flag === 2 && value instanceof Dict) {
    func.keywordDefaults = new Map([...value.items.values()].map(([key, each]) => [String(key), each]));
  } else if (flag === 1) func.defaults = itemsOf(value);
}
