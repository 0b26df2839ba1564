/** Classes of objects that are registered with a manager, and what their proxies are like. */
import { checkFields, checkRecord, type Fields } from '../../core/arguments.js';
import { FunctionReference } from '../../tasks/target.js';
import type { Remote } from './remote.js';
import { callOf } from './remote-call.js';
import type { Registered } from './server/factory.js';

/** What makes the objects of a registered class: a task, or a reference by `fromModule` to a class or a function. */
export type Maker = ((...args: never[]) => object) | FunctionReference<never[], object>;

/** A class of objects for a manager, with what its proxies are like. */
export interface Registration {
  /** What makes an object. */
  readonly target: Maker;
  /** The methods that may be called; by default all whose names do not begin with `_`. */
  readonly exposed?: readonly string[] | undefined;
  /** The methods whose results stay with the manager, so that callers get proxies of them. They may be called, too. */
  readonly proxied?: readonly string[] | undefined;
}

const FIELDS: Fields<Registration> = { target: true, exposed: true, proxied: true };

/** Classes of objects, by the names under which a manager makes them. */
export type Registrations = Readonly<Record<string, Maker | Registration>>;

/** What the maker of a registered class is called with. */
export type ArgsOf<R> = R extends {
  /** What makes an object. */
  readonly target: infer Target;
}
  ? ArgsOf<Target>
  : R extends FunctionReference<infer Args, unknown>
    ? Args
    : R extends (...args: infer Args) => unknown
      ? Args
      : never;

/** The proxy of an object of a registered class. */
export type RemoteOf<R, Proxied extends string = never> = R extends {
  /** What makes an object. */
  readonly target: infer Target;
}
  ? RemoteOf<
      Target,
      R extends {
        /** The methods whose results stay with the manager. */
        readonly proxied: readonly (infer Name extends string)[];
      }
        ? Name
        : never
    >
  : R extends FunctionReference<never[], infer Made>
    ? Remote<Made & object, Proxied>
    : R extends (...args: never[]) => infer Made
      ? Remote<Made & object, Proxied>
      : never;

/**
 * @returns the classes as the manager's worker takes them
 * @throws TypeError when one is invalid, or its maker would have to be sent
 */
export function allRegistered(classes: Registrations = {}): Record<string, Registered> {
  checkRecord('classes', classes);
  const all = Object.entries(classes).map(([name, registration]) => [name, registered(name, registration)]);
  return Object.fromEntries(all) as Record<string, Registered>;
}

function registered(name: string, registration: Maker | Registration): Registered {
  const isMaker = typeof registration === 'function' || registration instanceof FunctionReference;
  if (!isMaker) checkFields(`the class ${name}`, registration, FIELDS);
  const { target, exposed, proxied }: Registration = isMaker ? { target: registration } : registration;
  for (const names of [exposed, proxied]) {
    if (names !== undefined && !(Array.isArray(names) && names.every((name) => typeof name === 'string')))
      throw new TypeError('exposed and proxied must be arrays of names of methods');
  }
  return { call: callOf(target), exposed, proxied };
}
