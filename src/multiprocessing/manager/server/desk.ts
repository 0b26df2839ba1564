/** How the manager's own worker reaches its objects: it calls their methods, for clients and for proxies of its own. */

import { isThenable } from '../../../core/arguments.js';
import { SyncError } from '../../../core/errors.js';
import { type Access, type Described, Kept, type ProxyHandle } from '../access.js';
import type { Home } from '../home.js';
import { FACTORY, newFactory, type Registered } from './factory.js';
import { kindOfResult, Update } from './kinds.js';
import { Managed, Objects } from './objects.js';

export class Desk implements Access {
  readonly objects = new Objects();
  readonly isOver = false;
  readonly #home: Home;
  readonly #factory: Managed;

  constructor(home: Home, classes: Readonly<Record<string, Registered>>) {
    this.#home = home;
    this.#factory = newFactory(this.objects, classes);
  }

  get label(): string {
    return this.#home.label;
  }

  /**
   * Calls a method.
   *
   * @returns what it returns, or a promise of that; a Managed for what stays here; an Update that is still to be made
   */
  perform(object: number, name: string, args: readonly unknown[]): unknown {
    const managed = object === FACTORY ? this.#factory : this.#find(object);
    const { methods, proxied, type } = managed.kind;
    const method = methods.get(name);
    if (method === undefined) throw new TypeError(`${type}#${object} of ${this.label} has no method called ${name}`);
    const result = method(managed.target as never, ...(args as never[]));
    if (!proxied.has(name)) return result;
    return isThenable(result) ? result.then((made) => this.#stay(made)) : this.#stay(result);
  }

  #find(object: number): Managed {
    const managed = this.objects.get(object);
    if (managed !== undefined) return managed;
    throw new SyncError(
      'ERR_NO_OBJECT',
      `object ${object} of ${this.label} was dropped, because no proxy of it was left: keep one until the other has arrived`,
    );
  }

  #stay(result: unknown): unknown {
    if (result instanceof Managed || Object(result) !== result) return result;
    return this.objects.add(result as object, kindOfResult(result as object));
  }

  // --- for the proxies that are here --------------------------------------------------------------------------------

  call(object: number, method: string, args: readonly unknown[]): unknown {
    const result = this.perform(object, method, args);
    if (!isThenable(result)) return kept(result);
    throw new SyncError(
      'ERR_SELF_DEADLOCK',
      `${method}() waits, and would keep ${this.label} from ending the wait; use ${method}Async()`,
    );
  }

  async callAsync(object: number, method: string, args: readonly unknown[]): Promise<unknown> {
    return kept(await this.perform(object, method, args));
  }

  handle(described: Described): ProxyHandle {
    const token = this.#home.nextNumber();
    this.objects.lend(token, this.#find(described.object));
    return this.#home.proxyHandle(described, token);
  }

  keep(object: number): object {
    return this.#find(object);
  }

  letGo(): void {}
}

function kept(result: unknown): unknown {
  if (result instanceof Managed) return new Kept(result.described);
  if (!(result instanceof Update)) return result;
  const value = result.make();
  result.set(value);
  return value;
}
