/** The object of a manager that makes all others: it has the number 0. */

import { isThenable } from '../../../core/arguments.js';
import type { Call, Function_ } from '../../../tasks/call.js';
import { callWith, makeOf } from '../../../tasks/frame.js';
import { FunctionReference } from '../../../tasks/target.js';
import { Pool } from '../../pool/pool.js';
import { checkCall } from '../remote-call.js';
import { whenFound } from './functions.js';
import {
  DICT,
  kindOfObject,
  LIST,
  type Method,
  NAMESPACE,
  newDict,
  newSet,
  type ObjectKind,
  POOL,
  PoolHolder,
  SET,
} from './kinds.js';
import { Managed, type Objects } from './objects.js';

/** Its number. */
export const FACTORY = 0;

/** A class of objects that a manager makes. */
export interface Registered {
  readonly call: Call;
  readonly exposed: readonly string[] | undefined;
  readonly proxied: readonly string[] | undefined;
}

/** The options of a pool, with its function given by name. */
export interface PoolBrief {
  readonly initializer: Call | undefined;
  readonly initargs: readonly unknown[] | undefined;
  readonly maxTasksPerChild: number | undefined;
}

/** @returns the object that adds to `objects` what it makes */
export function newFactory(objects: Objects, classes: Readonly<Record<string, Registered>>): Managed {
  const methods: Readonly<Record<string, Method>> = {
    dict: (_: never, entries: [unknown, unknown][]) => objects.add(newDict(entries), DICT),
    list: (_: never, items: unknown[]) => objects.add(items, LIST),
    set: (_: never, values: unknown[]) => objects.add(newSet(values), SET),
    Namespace: (_: never, properties: object) => objects.add(new Map(Object.entries(properties)), NAMESPACE),
    Pool: (_: never, processes: number | undefined, brief: PoolBrief) =>
      objects.add(new PoolHolder(newPool(processes, brief)), POOL),

    create(_: never, name: string, ...args: unknown[]) {
      const registered = Object.hasOwn(classes, name) ? classes[name] : undefined;
      if (registered === undefined) {
        const known = Object.keys(classes).join(', ') || 'none';
        throw new TypeError(`no class ${JSON.stringify(name)} is registered with this manager; there are: ${known}`);
      }
      const { call, exposed, proxied } = registered;
      return whenFound(JSON.stringify(call), (fn) => {
        const made = construct(fn, args);
        const who = `${call.name}, which is registered as ${name},`;
        if (Object(made) !== made) throw new TypeError(`${who} creates no object`);
        // `await` takes a proxy with a method `then` for a promise.
        if (isThenable(made))
          throw new TypeError(`${who} returned a promise, or something like one; it must return its object itself`);
        return objects.add(made as object, kindOfObject(made as object, exposed, proxied));
      });
    },
  };
  const kind: ObjectKind = {
    type: 'factory',
    methods: new Map(Object.entries(methods)),
    proxied: new Set(Object.keys(methods)),
  };
  return new Managed(FACTORY, objects, kind);
}

/** A new object of a class, or what a function returns. */
const construct = (fn: Function_, args: readonly unknown[]): unknown =>
  /^class\b/.test(Function.prototype.toString.call(fn)) ? makeOf(fn, args) : callWith(fn, args);

function newPool(processes: number | undefined, { initializer, ...options }: PoolBrief): Pool {
  if (initializer === undefined) return new Pool(processes, options);
  checkCall(initializer);
  return new Pool(processes, { ...options, initializer: new FunctionReference<unknown[]>(initializer) });
}
