/** Proxies of the objects of registered classes: they have the methods that the manager says they have. */
import type { Described } from './access.js';
import type { DictProxy } from './dict.js';
import type { ListProxy } from './list.js';
import type { MethodName } from './methods.js';
import { ClosedProxy, forms, type ManagedProxy } from './proxy.js';
import type { SetProxy } from './set.js';

/** The proxy of a method's result that stays with the manager. */
export type ProxyOf<T> =
  T extends ReadonlyMap<infer K, infer V>
    ? DictProxy<K, V>
    : T extends readonly (infer E)[]
      ? ListProxy<E>
      : T extends ReadonlySet<infer E>
        ? SetProxy<E>
        : T extends object
          ? Remote<T>
          : T;

/**
 * The proxy of an object of a registered class: with its methods, which block, and each of them in an async form whose
 * name ends in `Async`. Arguments and results are copied, except proxies.
 *
 * @typeParam T the object
 * @typeParam Proxied the names of the methods whose results stay with the manager
 */
export type Remote<T extends object, Proxied extends string = never> = ManagedProxy & {
  [Name in MethodName<T>]: T[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Name extends Proxied ? ProxyOf<Awaited<Result>> : Awaited<Result>
    : never;
} & {
  [Name in MethodName<T> as `${Name}Async`]: T[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Name extends Proxied ? ProxyOf<Awaited<Result>> : Awaited<Result>>
    : never;
};

/** The classes of such proxies by their methods: there are as many as there are registered classes. */
const shapes = new Map<string, typeof RemoteObject>();

export class RemoteObject extends ClosedProxy {
  /** @returns the class of the proxies of objects with such methods */
  static with({ methods }: Described): typeof RemoteObject {
    const key = JSON.stringify(methods);
    const known = shapes.get(key);
    if (known !== undefined) return known;
    const shape = class extends RemoteObject {};
    forms(shape.prototype, Object.fromEntries(methods.map((name) => [name, {}])));
    shapes.set(key, shape);
    return shape;
  }
}
