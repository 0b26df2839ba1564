/**
 * What all proxies have: an object of a manager, and access to it. A class of proxies declares its methods (`forms`)
 * and the type that it is made for (`define`), so an agent can make any proxy that arrives.
 */
import { SyncError } from '../../core/errors.js';
import { CLONING, HANDLE, type Handle } from '../../core/memory/handle.js';
import { DISPOSE } from '../../sync/hold.js';
import { type Access, type Described, Kept } from './access.js';

/** A symbol, because names are those of the object's own methods. */
const OBJECT = Symbol('object of a manager');

interface Held {
  readonly access: Access;
  readonly described: Described;
  /** Undefined once the proxy was let go. */
  kept: object | undefined;
}

/** Stands for an object of a manager: what is called here is done there. */
export abstract class ManagedProxy {
  /** @internal */
  protected readonly cloning = CLONING;
  /** @internal */
  readonly [OBJECT]: Held;

  /** @internal */
  constructor(access: Access, described: Described, token: number | undefined) {
    this[OBJECT] = { access, described, kept: access.keep(described.object, token) };
  }

  /** @internal */
  [HANDLE](): Handle {
    const { access, described } = open(this, 'share');
    return access.handle(described);
  }

  /** Releases the object: it is dropped when no other proxy of it is left. Further calls do nothing. */
  [DISPOSE](): void {
    const held = this[OBJECT];
    if (held.kept !== undefined) held.access.letGo(held.kept);
    held.kept = undefined;
  }

  /** @returns the type and number of the object, and its manager, for people */
  toString(): string {
    const { access, described, kept } = this[OBJECT];
    return `${described.type}#${described.object} of ${access.label}${kept === undefined ? ' (let go)' : ''}`;
  }

  /** @internal What `JSON.stringify` shows where a class does not say otherwise. */
  toJSON(): unknown {
    return this.toString();
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/**
 * A proxy whose properties cannot be set: `dict[key] = value` and `account.balance = 5` are refused, because they would
 * set a property of the proxy that nobody else ever sees.
 */
export abstract class ClosedProxy extends ManagedProxy {
  /** @internal */
  constructor(access: Access, described: Described, token: number | undefined) {
    super(access, described, token);
    Object.preventExtensions(this);
  }
}

function open(proxy: ManagedProxy, method: string): Held {
  const held = proxy[OBJECT];
  if (held.kept !== undefined) return held;
  throw new SyncError('ERR_CLOSED', `this proxy of ${proxy} was disposed of, so ${method}() cannot be called`);
}

type Make = new (access: Access, described: Described, token: number | undefined) => object;

const classes = new Map<string, (described: Described) => Make>();

/** Sets the class of a type's proxies. */
export function define(type: string, proxyClass: (described: Described) => Make): void {
  classes.set(type, proxyClass);
}

/** Whether there are proxies of a type. */
export const isDefined = (type: string | undefined): boolean => type !== undefined && classes.has(type);

/** @returns the proxy of an object; `token` as for `keep` */
export function makeProxy(access: Access, described: Described, token: number | undefined): object {
  const proxyClass = classes.get(described.type);
  if (proxyClass === undefined) throw new SyncError('ERR_INVARIANT', `no proxies are of the type ${described.type}`);
  return new (proxyClass(described))(access, described, token);
}

const received = (access: Access, result: unknown): unknown =>
  result instanceof Kept ? makeProxy(access, result.described, undefined) : result;

/**
 * Calls a method of a proxy's object, blocking.
 *
 * @param above the function that the caller called
 */
export function invoke(
  proxy: ManagedProxy,
  method: string,
  args: readonly unknown[],
  above: (...args: never[]) => unknown = invoke,
): unknown {
  const { access, described } = open(proxy, method);
  return received(access, access.call(described.object, method, args, above));
}

/** The same, without blocking the agent. */
export async function invokeAsync(proxy: ManagedProxy, method: string, args: readonly unknown[]): Promise<unknown> {
  const { access, described } = open(proxy, method);
  return received(access, await access.callAsync(described.object, method, args));
}

/** How a method differs from the method of the object that it calls. */
export interface Form {
  /** @returns the arguments as they are sent */
  readonly send?: (...args: never[]) => readonly unknown[];
  /** @returns what the caller gets for the result that arrived */
  readonly take?: (result: never, proxy: ManagedProxy) => unknown;
}

/** Gives a prototype methods that call those of the object: each in its blocking form, and in its async one. */
export function forms(prototype: ManagedProxy, methods: Readonly<Record<string, Form>>): void {
  for (const [name, { send, take }] of Object.entries(methods)) {
    const sent = (args: readonly unknown[]): readonly unknown[] =>
      send === undefined ? args : send(...(args as never[]));
    const taken = (result: unknown, proxy: ManagedProxy): unknown =>
      take === undefined ? result : take(result as never, proxy);
    method(prototype, name, function blocking(...args) {
      return taken(invoke(this, name, sent(args), blocking), this);
    });
    method(prototype, `${name}Async`, async function (...args) {
      return taken(await invokeAsync(this, name, sent(args)), this);
    });
  }
}

function method(prototype: object, name: string, value: (this: ManagedProxy, ...args: unknown[]) => unknown): void {
  Object.defineProperty(value, 'name', { value: name });
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
}
