/**
 * Detects whether a function has left everything in a Node worker as it was: timers, handles, requests, listeners, global
 * variables. Every timer, handle, request and tick takes the next number of async_hooks, whether or not it keeps the agent
 * alive; so if the number has risen only by what reading it takes, none was created.
 *
 * The worker shares the environment of the agent that started it. Each of its functions sees a copy, made on the function's
 * first access, and changes only that copy.
 */
import { AsyncResource } from 'node:async_hooks';
import { parentPort } from 'node:worker_threads';
import type { Host, Stock } from './host.js';
import { isNode } from './node-itself.js';

/** How many numbers one turn of the event loop and reading the number take. */
const OWN_NUMBERS = 2;

const nextNumber = (): number => new AsyncResource('atomics-sync-free', { requireManualDestroy: true }).asyncId();

interface Emitter {
  eventNames(): (string | symbol)[];
  listenerCount(name: string | symbol): number;
}

function listeners(): number {
  let count = 0;
  for (const emitter of [process, parentPort] as unknown as (Emitter | null)[])
    for (const name of emitter?.eventNames() ?? []) count += emitter?.listenerCount(name) ?? 0;
  return count;
}

type Trap = (target: object, ...rest: never[]) => unknown;
const LOOKS = ['get', 'has', 'ownKeys', 'getOwnPropertyDescriptor'] as const;
const CHANGES = ['defineProperty', 'deleteProperty'] as const;

/** `process.env` of a worker that runs one function after another. */
class Environment {
  readonly #shared = process.env;
  readonly #proxy: NodeJS.ProcessEnv;
  #copy: NodeJS.ProcessEnv | undefined;
  /** Whether the copy was changed. */
  isChanged = false;

  constructor() {
    const looks = LOOKS.map((trap) => [
      trap,
      (_: object, ...rest: never[]) => (Reflect[trap] as Trap)(this.#own(), ...rest),
    ]);
    const changes = CHANGES.map((trap) => [
      trap,
      (_: object, ...rest: never[]) => {
        this.isChanged = true;
        return (Reflect[trap] as Trap)(this.#own(), ...rest);
      },
    ]);
    const set = (_: object, name: string, value: unknown): boolean => {
      this.isChanged = true;
      // The host's environment also converts each value to a string.
      return Reflect.set(this.#own(), name, `${value}`);
    };
    this.#proxy = new Proxy({}, { ...Object.fromEntries([...looks, ...changes]), set });
    process.env = this.#proxy;
  }

  #own(): NodeJS.ProcessEnv {
    this.#copy ??= { ...this.#shared };
    return this.#copy;
  }

  /** Whether it is still `process.env`. */
  get isInPlace(): boolean {
    return process.env === this.#proxy;
  }

  /** Makes the next access create a copy. */
  forget(): void {
    this.#copy = undefined;
    this.isChanged = false;
  }
}

class NodeStock implements Stock {
  readonly #environment = new Environment();
  /** The global names before the first function: those its module created exist for all functions of that module. */
  #names: readonly PropertyKey[] | undefined;
  #listeners = 0;
  /** Whether the module has changed the environment, a change that its next function would not see. */
  #hasOwnEnvironment = false;
  #number = 0;

  begin(): void {
    if (this.#names === undefined) {
      this.#names = Reflect.ownKeys(globalThis);
      this.#listeners = listeners();
      this.#hasOwnEnvironment = this.#environment.isChanged;
    }
    if (!this.#hasOwnEnvironment) this.#environment.forget();
    this.#number = nextNumber();
  }

  isAsBefore(): boolean {
    const wasNothingMade = nextNumber() - this.#number === OWN_NUMBERS;
    if (!wasNothingMade || this.#hasOwnEnvironment || !this.#environment.isInPlace) return false;
    if (process.exitCode !== undefined || listeners() !== this.#listeners) return false;
    return this.#names !== undefined && areSame(Reflect.ownKeys(globalThis), this.#names);
  }
}

/** A plain loop, because a worker compares more than a hundred names after each of its threads. */
function areSame(some: readonly PropertyKey[], others: readonly PropertyKey[]): boolean {
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false;
  return true;
}

/** Deno and Bun have no such count. */
export const takeStock: Host['takeStock'] = isNode ? () => new NodeStock() : undefined;
