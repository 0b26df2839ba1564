/**
 * Replaces the methods of the package's primitives during an exploration. The classes are those of the objects that the
 * scenario names.
 */
import { Calls, type Host } from './calls.js';
import type { Declared } from './declared.js';
import { type Getter, type Method, standInsOf } from './methods.js';

/** Methods that would continue after the exploration, or that are about deaths. */
const NOT_FOLLOWED = [
  'acquireAsync',
  'holdAsync',
  'runAsync',
  'waitAsync',
  'waitForAsync',
  'recover',
  'recoverAsync',
] as const;

/** Methods that run unchanged if tasks can wait. */
const ON_TASKS: readonly string[] = ['holdAsync', 'runAsync'];

/** Runs a function with the stand-ins in place. */
export function withStandIns<T>(declared: Declared, host: Host, run: () => T): T {
  const undo = putInPlace(declared, host);
  try {
    return run();
  } finally {
    undo();
  }
}

/** As {@link withStandIns}, for a function that takes turns of the host's event loop. */
export async function withStandInsAsync<T>(declared: Declared, host: Host, run: () => Promise<T>): Promise<T> {
  const undo = putInPlace(declared, host);
  try {
    return await run();
  } finally {
    undo();
  }
}

function putInPlace(declared: Declared, host: Host): () => void {
  const undo: (() => void)[] = [];
  const calls = new Calls(declared, host);
  const kinds = standInsOf(calls);
  const label: Getter = function () {
    return `\`${declared.placeOf(this)?.name}\``;
  };
  for (const { prototype, kind } of declared.classes) {
    const { methods = {}, getters = {}, tasks = {} } = kinds[kind];
    const hasTasks = Object.keys(tasks).length > 0;
    for (const name of NOT_FOLLOWED) {
      if (!(name in prototype) || name in tasks) continue;
      // What is built on the methods for tasks runs unchanged.
      if (hasTasks && ON_TASKS.includes(name)) continue;
      replace(prototype, name, { value: refusal(calls, name) }, undo);
    }
    const all = { ...methods, ...tasks };
    for (const [name, value] of Object.entries(all)) replace(prototype, name, { value }, undo);
    for (const [name, get] of Object.entries({ ...getters, label })) replace(prototype, name, { get }, undo);
  }
  return () => {
    for (const each of undo.reverse()) each();
  };
}

function refusal(calls: Calls, name: string): Method {
  return function refused() {
    return calls.refuse(`${name}() of this primitive is not supported`, refused);
  };
}

function replace(prototype: object, name: string, by: PropertyDescriptor, undo: (() => void)[]): void {
  const before = Object.getOwnPropertyDescriptor(prototype, name);
  Object.defineProperty(prototype, name, { configurable: true, ...by });
  undo.push(() => {
    if (before === undefined) Reflect.deleteProperty(prototype, name);
    else Object.defineProperty(prototype, name, before);
  });
}
