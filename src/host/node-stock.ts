/**
 * What a worker of Node has, to tell whether a function has left everything as it was: timers, handles, requests, listeners,
 * global variables. Every timer, handle, request and tick that is made takes the next number of async_hooks, whether it
 * keeps the agent alive or not; so where the numbers have gone on by what the asking itself takes, none was made.
 *
 * The worker shares the environment of whoever started it. What its functions see is a copy, which each of them has made
 * when it first looks, and changes for itself only.
 */
import { AsyncResource } from 'node:async_hooks';
import { parentPort } from 'node:worker_threads';
import type { Host, Stock } from './host.js';

/** How many numbers a turn of the event loop, and a question for the number, take. */
const OWN_NUMBERS = 2;

/** Deno and Bun count nothing of the kind. */
const isNode = !('Deno' in globalThis || 'Bun' in globalThis);

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

/** `process.env` of a worker that runs one function after the other. */
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
      // As that of the host.
      return Reflect.set(this.#own(), name, `${value}`);
    };
    this.#proxy = new Proxy({}, { ...Object.fromEntries([...looks, ...changes]), set });
    process.env = this.#proxy;
  }

  #own(): NodeJS.ProcessEnv {
    this.#copy ??= { ...this.#shared };
    return this.#copy;
  }

  /** Whether it is the one that the host's name for it leads to. */
  get isInPlace(): boolean {
    return process.env === this.#proxy;
  }

  /** Has the next look make a copy. */
  forget(): void {
    this.#copy = undefined;
    this.isChanged = false;
  }
}

class NodeStock implements Stock {
  readonly #environment = new Environment();
  /** Of the first beginning: what the function's module has made is there for all of its functions. */
  #names: readonly PropertyKey[] | undefined;
  #listeners = 0;
  /** What the module has changed in the environment would be lost on the next function. */
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

/** In a loop of its own, since a worker does this for each of its threads, for more than a hundred names. */
function areSame(some: readonly PropertyKey[], others: readonly PropertyKey[]): boolean {
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false;
  return true;
}

export const takeStock: Host['takeStock'] = isNode ? () => new NodeStock() : undefined;
