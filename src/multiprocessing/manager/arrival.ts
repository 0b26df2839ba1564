/** Turns the handle of a proxy back into the proxy, in whatever agent it arrives. */
import { SyncError } from '../../core/errors.js';
import type { Place } from '../../core/share/place.js';
import { know } from '../ring/items.js';
import type { Access, Described, ProxyHandle } from './access.js';
import { Dict } from './dict.js';
import { Home, PROXY_VIEW } from './home.js';
import { Link } from './link.js';
import { List } from './list.js';
import { Namespace } from './namespace.js';
import { ManagedPool } from './pool-proxy.js';
import { define, isDefined, makeProxy } from './proxy.js';
import { RemoteObject } from './remote.js';
import { ManagedSet } from './set.js';

/** This agent's access to the managers whose proxies it has had. They stay, because an agent is one client of a manager. */
const accesses = new Map<string, Access>();

/** Records this agent's access to a manager. */
export function reach<T extends Access>(home: Home, access: T): T {
  for (const [key, { isOver }] of accesses) if (isOver) accesses.delete(key);
  accesses.set(home.key, access);
  return access;
}

/** The place of a manager, as it comes to another agent, and, as its PROXY_VIEW, a proxy of one of its objects. */
export class Arrival extends Home {
  static {
    know(Arrival);
    define('dict', () => Dict);
    define('list', () => List);
    define('set', () => ManagedSet);
    define('Namespace', () => Namespace);
    define('Pool', () => ManagedPool);
    define('object', RemoteObject.with);
  }

  readonly #handle: Partial<ProxyHandle>;

  constructor(where: Place) {
    super(where);
    this.#handle = (where.handle ?? {}) as Partial<ProxyHandle>;
  }

  get [PROXY_VIEW](): object {
    const { object, type, methods, token } = this.#handle;
    const isWhole =
      Number.isInteger(object) &&
      Number.isInteger(token) &&
      isDefined(type) &&
      Array.isArray(methods) &&
      methods.every((name) => typeof name === 'string');
    if (!isWhole) throw new SyncError('ERR_HANDLE', 'this handle of a proxy is not as it was made');
    const access = accesses.get(this.key) ?? reach(this, new Link(this));
    return makeProxy(access, { object, type, methods } as Described, token);
  }
}
