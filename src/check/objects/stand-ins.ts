/**
 * Puts stand-ins in place of the methods of the package's primitives, for an exploration. The classes are those of the objects
 * that the scenario names.
 */
import { Calls, type Host } from './calls.js';
import type { Declared } from './declared.js';
import { type Getter, type Method, standInsOf } from './methods.js';

/** What would go on when the exploration is over, or is about deaths. */
const NOT_FOLLOWED = [
  'acquireAsync',
  'holdAsync',
  'runAsync',
  'waitAsync',
  'waitForAsync',
  'recover',
  'recoverAsync',
] as const;

/** Runs something with the stand-ins in place. */
export function withStandIns<T>(declared: Declared, host: Host, run: () => T): T {
  const undo: (() => void)[] = [];
  const calls = new Calls(declared, host);
  const kinds = standInsOf(calls);
  const label: Getter = function () {
    return `\`${declared.placeOf(this)?.name}\``;
  };
  try {
    for (const { prototype, kind } of declared.classes) {
      const { methods = {}, getters = {} } = kinds[kind];
      for (const name of NOT_FOLLOWED)
        if (name in prototype) replace(prototype, name, { value: refusal(calls, name) }, undo);
      for (const [name, value] of Object.entries(methods)) replace(prototype, name, { value }, undo);
      for (const [name, get] of Object.entries({ ...getters, label })) replace(prototype, name, { get }, undo);
    }
    return run();
  } finally {
    for (const each of undo.reverse()) each();
  }
}

function refusal(calls: Calls, name: string): Method {
  return function refused() {
    return calls.refuse(`${name}() of a primitive cannot be followed: use what blocks`, refused);
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
