/** The fourth way in which a function reaches a worker: its source is sent, without anything from its surroundings. */
import { SyncError } from '../core/errors.js';
import type { Function_ } from './call.js';

const CURE = 'make it a task (`task(import.meta.url, …)`), which is loaded with its module';

/**
 * @returns the source of a function
 * @throws TypeError when it cannot be sent in this way
 */
export function sourceToSend(fn: Function_): string {
  const text = Function.prototype.toString.call(fn);
  const name = nameOf(fn);
  if (isNative(text)) throw new TypeError(`${name} is native or bound, and has no source that could be sent; ${CURE}`);
  if (isClass(text)) throw new TypeError(`${name} is a class; write a function that makes one`);
  if (isGenerator(fn))
    throw new TypeError(`${name} is a generator, whose values cannot be sent from a worker; return an array`);
  return text;
}

/** Whether the text of a function shows that it has no source: a native or a bound one. */
export const isNative = (text: string): boolean => /\{\s*\[native code\]\s*\}\s*$/.test(text);

export const isClass = (text: string): boolean => /^class\b/.test(text);

export const isGenerator = (fn: Function_): boolean => /Generator/.test(Object.prototype.toString.call(fn));

const nameOf = ({ name }: { readonly name: string }): string => (name === '' ? 'the function' : name);

/** How arrow functions and function expressions begin, but hardly any method. */
const EXPRESSION = /^(?:async\b\s*)?(?:function\b|\(|[\w$]+\s*=>)/;

/**
 * @returns the function of a source text: it may be written as a function, an arrow function or a method
 * @throws SyncError `ERR_SOURCE` when it is not a function, or when the page forbids creating one from text
 */
export function functionOf(text: string, name: string): Function_ {
  let asExpression: unknown;
  try {
    return evaluate(`(${text}\n)`, name) as Function_;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw refused(error, name);
    asExpression = error;
  }
  try {
    const methods = evaluate(`({${text}\n})`, name) as object;
    const [key] = Reflect.ownKeys(methods);
    const method = Object.getOwnPropertyDescriptor(methods, key) as PropertyDescriptor;
    return method.value ?? method.get ?? method.set;
  } catch (error) {
    throw refused(EXPRESSION.test(text) ? asExpression : error, name);
  }
}

/** Strict, as in modules. `__name` is what esbuild calls to keep the names of functions. */
function evaluate(expression: string, name: string): unknown {
  const body = `'use strict'; return ${expression};\n//# sourceURL=atomics-sync-free/source/${encodeURIComponent(name)}`;
  return new Function('__name', body)((fn: unknown) => fn);
}

function refused(error: unknown, name: string): SyncError {
  const { message } = error as Error;
  const why =
    error instanceof EvalError
      ? 'functions cannot be made from text here (the Content-Security-Policy or --disallow-code-generation-from-strings forbids it)'
      : message;
  const refusal = new SyncError(
    'ERR_SOURCE',
    `${nameOf({ name })} was sent as its source, which cannot be run: ${why}; ${CURE}`,
  );
  refusal.cause = error;
  return refusal;
}

/** The engines' messages for an undefined name. */
const NO_SUCH_NAME = /^(?:Can't find variable: )?([\w$]+)(?: is not defined)?$/;

/** @returns what a function made from source threw; a name it lacks from its surroundings is reported */
export function explained(error: unknown, { name, text }: { readonly name: string; readonly text: string }): unknown {
  if (!(error instanceof ReferenceError)) return error;
  const missing = NO_SUCH_NAME.exec(error.message)?.[1];
  if (missing === undefined || missing in globalThis || !text.includes(missing)) return error;
  const told = new SyncError(
    'ERR_SOURCE',
    `${nameOf({ name })} was sent as its source and uses ${missing}, which is defined around it and ` +
      `is not sent along; pass it in args, or ${CURE}`,
  );
  told.cause = error;
  return told;
}
