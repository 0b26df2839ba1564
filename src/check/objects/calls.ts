/** Calls of the primitives' methods, as actions of their specifications; what is refused throws as the primitives do. */
import type { Boundary } from '../stack.js';
import type { Declared, Placed, Primitive } from './declared.js';
import { BROKEN, GOT, NOT_HELD, NOT_OWNER, OVER_RELEASE, SELF_DEADLOCK, TIMED_OUT } from './specification.js';

/** The running thread, as far as calls need it. */
export interface Host {
  /** Performs an action: its outcome. */
  perform(placed: Placed, action: string, argument: number, timeout: number, boundary: Boundary): number;
  /** Ends the thread by an error of the scenario. */
  refuse(message: string, boundary: Boundary): never;
}

/** The package's errors, by its own classes. */
interface Failing {
  errorOf(code: string, message: string): Error;
}

/** What a call is like, besides the action. */
interface CallOptions {
  readonly argument?: number;
  /** In ms. */
  readonly timeout?: number;
}

export class Calls {
  readonly #declared: Declared;
  readonly #host: Host;

  constructor(declared: Declared, host: Host) {
    this.#declared = declared;
    this.#host = host;
  }

  /**
   * Performs an action of an object.
   *
   * @param boundary - The method that the code called.
   * @returns The outcome: 0 or more, or TIMED_OUT.
   */
  do(
    object: Primitive,
    action: string,
    boundary: Boundary,
    { argument = 0, timeout = Infinity }: CallOptions = {},
  ): number {
    const placed = this.#declared.placeOf(object);
    if (placed === undefined) {
      return this.refuse(
        `a ${object.constructor.kind?.name} is used that the scenario does not name: it belongs into the scenario's 'objects'`,
        boundary,
      );
    }
    const outcome = this.#host.perform(placed, action, argument, timeout, boundary);
    if (outcome < TIMED_OUT) throw this.errorOf(object, action, outcome);
    return outcome;
  }

  /** Performs one that says whether it was possible. */
  try(object: Primitive, action: string, boundary: Boundary, options?: CallOptions): boolean {
    return this.do(object, action, boundary, options) === GOT;
  }

  /** The error of the package that an outcome stands for. */
  errorOf(object: Primitive, action: string, outcome: number): Error {
    return errorFor(object as Primitive & Failing, this.#declared.placeOf(object) as Placed, action, outcome);
  }

  refuse(message: string, boundary: Boundary): never {
    return this.#host.refuse(message, boundary);
  }
}

function errorFor(object: Failing, { name, guard }: Placed, action: string, outcome: number): Error {
  const what = `\`${guard?.name ?? name}\``;
  switch (outcome) {
    case NOT_HELD:
      return object.errorOf('ERR_NOT_HELD', `${what} is not held by anyone; ${action}() needs it held`);
    case NOT_OWNER:
      return object.errorOf('ERR_NOT_OWNER', `${what} is held by another; ${action}() needs it held by the caller`);
    case OVER_RELEASE:
      return object.errorOf('ERR_OVER_RELEASE', `release() would give ${what} more permits than its bound`);
    case SELF_DEADLOCK:
      return object.errorOf('ERR_SELF_DEADLOCK', `acquire() of ${what} could never end: this thread holds it`);
    case BROKEN:
      return object.errorOf('ERR_BROKEN_BARRIER', `${what} is broken, or was reset while waited for`);
    default:
      throw new Error(`${action}() of ${what} came to ${outcome}`);
  }
}
