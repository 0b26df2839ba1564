/** How a call's arguments become a frame's locals. */
import type { Rules } from './checks.js';
import { Flag } from './code.js';
import { dictOf, ownMethod, raised } from './objects.js';
import { Dict, Tuple } from './values/containers.js';
import { Bound, Cell, Frame, Func, Partial, type Purpose } from './values/frames.js';
import { Unsupported } from './values/unsupported.js';
import type { Slot, Value } from './values/value.js';

/** Up to 3.10 a call makes the generator; later RETURN_GENERATOR does. */
export const needsBinding = ({ version }: Rules): boolean => version === '3.9' || version === '3.10';

/** @returns a dict's values by name, where all names are strings; None has none */
export function keywordsOf(named: Value): Map<string, Value> {
  if (named === null) return new Map();
  if (!(named instanceof Dict)) throw raised('TypeError', 'keywords must be a dict');
  return new Map([...named.items.values()].map(([key, value]) => [String(key), value]));
}

/** @returns the function that is finally called, through bound methods, partials and objects with `__call__`, and its arguments */
export function flattened(
  callee: Value,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): { func: Func | undefined; args: readonly Value[]; keywords: ReadonlyMap<string, Value> } {
  if (callee instanceof Func) return { func: callee, args, keywords };
  if (callee instanceof Bound) return { func: callee.func, args: [callee.self, ...args], keywords };
  if (callee instanceof Partial) {
    return flattened(callee.func, [...callee.args, ...args], new Map([...keywordsOf(callee.keywords), ...keywords]));
  }
  const method = ownMethod(callee, '__call__');
  return method === undefined ? { func: undefined, args, keywords } : flattened(method, args, keywords);
}

/**
 * @returns the function's new frame
 * @throws Raised TypeError when it does not take these arguments; Unsupported if such a function cannot run
 */
export function bind(
  { code, defaults, keywordDefaults, closure }: Func,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  purpose: Purpose,
  payload: Slot,
): Frame {
  if ((code.flags & (Flag.coroutine | Flag.asyncGenerator)) !== 0) throw new Unsupported('async code');
  if (purpose === 'thread' && (code.flags & Flag.generator) !== 0) {
    throw new Unsupported(`a thread of ${code.name}(), a generator function, which would do nothing,`);
  }
  const { positional, keywordOnly, locals: names } = code;
  const locals = Array.from(names, (): Slot => undefined);
  for (const [at, arg] of args.slice(0, positional).entries()) locals[at] = arg;
  const takesMore = (code.flags & Flag.varArguments) !== 0;
  if (takesMore) locals[positional + keywordOnly] = new Tuple(args.slice(positional));
  else if (args.length > positional) {
    throw raised(
      'TypeError',
      `${code.name}() takes ${positional} positional argument${positional === 1 ? '' : 's'} but ${args.length} were given`,
    );
  }
  const rest = new Map<string, Value>();
  for (const [name, value] of keywords) {
    const at = names.indexOf(name);
    if (at < 0 || at >= positional + keywordOnly) rest.set(name, value);
    else if (locals[at] !== undefined)
      throw raised('TypeError', `${code.name}() got multiple values for argument '${name}'`);
    else locals[at] = value;
  }
  if ((code.flags & Flag.varKeywords) !== 0) {
    const at = positional + keywordOnly + (takesMore ? 1 : 0);
    locals[at] = dictOf([...rest]);
  } else if (rest.size > 0) {
    throw raised('TypeError', `${code.name}() got an unexpected keyword argument '${[...rest.keys()][0]}'`);
  }
  for (let at = 0; at < positional + keywordOnly; at++) {
    if (locals[at] !== undefined) continue;
    const value = at < positional ? defaults[at - positional + defaults.length] : keywordDefaults.get(names[at]);
    if (value === undefined) throw raised('TypeError', `${code.name}() missing 1 required argument: '${names[at]}'`);
    locals[at] = value;
  }
  // From 3.11 on MAKE_CELL does it again.
  const own = code.cells.map((name) => new Cell(locals[code.places.get(name) ?? -1]));
  return new Frame(code, locals, [...own, ...closure], null, purpose, payload);
}
