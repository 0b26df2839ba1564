/** Proxies of namespaces: objects of a manager whose properties are those of the proxy. */
import { checkRecord, shown } from '../../core/arguments.js';
import type { Target } from '../../tasks/target.js';
import { forms, invoke, ManagedProxy } from './proxy.js';
import { callTextOf } from './remote-call.js';

/** What a namespace has besides its properties, which cannot have these names. */
export interface NamespaceMethods<T> extends ManagedProxy {
  /**
   * Reads a property without blocking the agent.
   *
   * @param name of the property
   * @returns a copy of its value; undefined if there is none
   */
  getAsync<Name extends keyof T>(name: Name): Promise<T[Name]>;
  /**
   * Sets a property to a copy of a value, without blocking the agent.
   *
   * @param name of the property
   * @param value its new value
   */
  setAsync<Name extends keyof T>(name: Name, value: T[Name]): Promise<void>;
  /**
   * Deletes a property without blocking the agent.
   *
   * @param name of the property
   * @returns whether there was one
   */
  deleteAsync(name: keyof T): Promise<boolean>;
  /**
   * Sets a property to what a function makes of its value, in one step: no other call comes in between.
   *
   * @param name of the property
   * @param target a task, or a reference by `fromModule`, which is called in the manager's worker. It is given the
   *   value, and returns the new one synchronously
   * @param args its further arguments
   * @returns a copy of the new value
   * @throws TypeError for a function that would have to be sent, and for one that returns a promise; and what the
   *   function throws: then the value stays
   * @throws SyncError `ERR_FUNCTION` when the manager cannot get the function; `ERR_NOT_CLONEABLE` when the new value cannot be
   *   sent: then, too, the value stays
   */
  update<Name extends keyof T, Args extends unknown[]>(
    name: Name,
    target: Target<[T[Name], ...Args], T[Name]>,
    ...args: Args
  ): T[Name];
  /**
   * Like `update`, without blocking the agent.
   *
   * @param name of the property
   * @param target as for `update`
   * @param args its further arguments
   * @returns a copy of the new value
   */
  updateAsync<Name extends keyof T, Args extends unknown[]>(
    name: Name,
    target: Target<[T[Name], ...Args], T[Name]>,
    ...args: Args
  ): Promise<T[Name]>;
  /** @returns a copy of all properties, as JSON has it */
  toJSON(): T;
}

/**
 * A manager's namespace, as any agent has it: Python's `NamespaceProxy`. Its properties are read and set by blocking
 * calls; values are copied both ways.
 */
export type NamespaceProxy<T extends object = Record<string, unknown>> = T & NamespaceMethods<T>;

export class Namespace extends ManagedProxy {
  static {
    forms(Namespace.prototype, {
      get: { send: (name: unknown) => [nameOf(name)] },
      set: { send: (name: unknown, value: unknown) => [checkedName(name), value] },
      delete: { send: (name: unknown) => [nameOf(name)] },
      update: {
        send: (name: unknown, target: unknown, ...args: unknown[]) => [checkedName(name), callTextOf(target), ...args],
      },
    });
    // Their blocking forms are reading, setting and deleting a property.
    for (const name of ['get', 'set', 'delete']) Reflect.deleteProperty(Namespace.prototype, name);
  }

  constructor(...args: ConstructorParameters<typeof ManagedProxy>) {
    super(...args);
    // biome-ignore lint/correctness/noConstructorReturn: the object that has the properties stands for this one
    return new Proxy(this, PROPERTIES);
  }

  override toJSON(): unknown {
    return invoke(this, 'toObject', []);
  }
}

/**
 * Whether a key is no property of the manager's object: all proxies have it, or it is `then`, by which promises are
 * known.
 */
const isOwn = (target: object, key: PropertyKey): key is symbol =>
  typeof key === 'symbol' || key in target || key === 'then';

/** @throws TypeError when it cannot be the name of a property of a Namespace, because the proxy has its own of that name */
function checkName(target: object, name: string | symbol): void {
  if (isOwn(target, name)) throw new TypeError(`${String(name)} cannot be the name of a property of a Namespace`);
}

/** An object that has what every proxy of a Namespace has: `cloning` is not its prototype's. */
const RESERVED: object = /* @__PURE__ */ Object.create(Namespace.prototype, { cloning: {} });

/** The key of a property: numbers become strings. */
function nameOf(name: unknown): string | symbol {
  if (typeof name === 'string' || typeof name === 'symbol') return name;
  if (typeof name === 'number') return String(name);
  throw new TypeError(`the name of a property must be a string, not ${shown(name)}`);
}

function checkedName(name: unknown): string | symbol {
  const text = nameOf(name);
  checkName(RESERVED, text);
  return text;
}

/**
 * @returns the properties that a Namespace is to have
 * @throws TypeError when they are not an object, or when the name of one is taken
 */
export function propertiesOf(properties: object): object {
  checkRecord('the properties of a Namespace', properties);
  for (const name of Reflect.ownKeys(properties)) checkedName(name);
  return { ...properties };
}

const PROPERTIES: ProxyHandler<Namespace> = {
  get(target, name) {
    if (!isOwn(target, name)) return invoke(target, 'get', [name]);
    const value: unknown = Reflect.get(target, name);
    return typeof value === 'function' ? value.bind(target) : value;
  },

  set(target, name, value) {
    checkName(target, name);
    invoke(target, 'set', [name, value]);
    return true;
  },

  has: (target, name) => (isOwn(target, name) ? name in target : (invoke(target, 'has', [name]) as boolean)),

  deleteProperty(target, name) {
    checkName(target, name);
    invoke(target, 'delete', [name]);
    return true;
  },

  ownKeys: (target) => invoke(target, 'keys', []) as string[],

  getOwnPropertyDescriptor(target, name) {
    if (isOwn(target, name) || !(invoke(target, 'has', [name]) as boolean)) return undefined;
    return { value: invoke(target, 'get', [name]), writable: true, enumerable: true, configurable: true };
  },

  // The manager knows nothing of these, and the object here would then contradict what it has.
  defineProperty: () => false,
  preventExtensions: () => false,
  setPrototypeOf: () => false,
};
