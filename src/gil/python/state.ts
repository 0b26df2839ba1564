/** A state of a program: everything that its further run depends on; how it is copied, and distinguished from others. */
import { PyClass } from './values/classes.js';
import type { Thread } from './values/threads.js';
import { Constant, type Value } from './values/value.js';

export interface State {
  /** The module's names. */
  readonly globals: Map<string, Value>;
  readonly threads: Thread[];
}

/** Each JavaScript function of a Continuation has a number. */
const functions = new WeakMap<object, number>();
let count = 0;
function numberOf(func: object): number {
  const known = functions.get(func) ?? count++;
  functions.set(func, known);
  return known;
}

const isShared = (value: object): boolean => value instanceof Constant || (value instanceof PyClass && value.builtin);

/** @returns an equal state that shares only immutable objects with it */
export function copyOf(state: State): State {
  const copies = new Map<object, object>();
  const copy = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || isShared(value)) return value;
    const known = copies.get(value);
    if (known !== undefined) return known;
    if (Array.isArray(value)) {
      const items: unknown[] = [];
      copies.set(value, items);
      for (let at = 0; at < value.length; at++) items.push(copy(value[at]));
      return items;
    }
    if (value instanceof Map) {
      const map = new Map();
      copies.set(value, map);
      for (const [key, each] of value) map.set(copy(key), copy(each));
      return map;
    }
    const object = Object.create(Object.getPrototypeOf(value)) as Record<string, unknown>;
    copies.set(value, object);
    for (const name of Object.keys(value)) object[name] = copy((value as Record<string, unknown>)[name]);
    return object;
  };
  return copy(state) as State;
}

/**
 * @returns a text that is equal for states whose further runs are equal: objects are numbered in the order in which
 *   they are reached, so that neither garbage nor an object's history shows
 */
export function keyOf(state: State): string {
  const numbers = new Map<object, number>();
  const parts: string[] = [];
  const write = (value: unknown): void => {
    if (typeof value === 'string') parts.push(JSON.stringify(value));
    else if (typeof value === 'function') parts.push(`f${numberOf(value)}`);
    else if (typeof value !== 'object' || value === null) parts.push(String(value));
    else if (value instanceof Constant) parts.push(`#${value.id}`);
    else if (isShared(value)) parts.push(`#${(value as PyClass).name}`);
    else {
      const known = numbers.get(value);
      if (known !== undefined) {
        parts.push(`@${known}`);
        return;
      }
      numbers.set(value, numbers.size);
      if (Array.isArray(value)) {
        parts.push('[');
        for (const item of value) write(item);
        parts.push(']');
      } else if (value instanceof Map) {
        parts.push('{');
        for (const [key, each] of value) {
          write(key);
          write(each);
        }
        parts.push('}');
      } else {
        parts.push(value.constructor.name, '(');
        for (const name of Object.keys(value)) write((value as Record<string, unknown>)[name]);
        parts.push(')');
      }
    }
    parts.push(' ');
  };
  write(state.globals);
  for (const thread of state.threads) write(thread);
  return parts.join('');
}
