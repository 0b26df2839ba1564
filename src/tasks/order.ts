/** What a worker is told of the function it is for, and what the package's copies in it know of that. */
import type { Entry } from '../host/roll.js';
import type { Call, Function_ } from './call.js';
import type { Parcel } from './parcel.js';

/** What an agent knows of itself that was started for a function. A child process has a roll and a spawner of its own. */
export interface Post {
  readonly name: string;
  readonly daemon: boolean;
  /** The module that is loaded first; a worker file of the user's is loaded already. */
  readonly load: string | undefined;
  readonly entry?: Entry;
  readonly roll?: SharedArrayBuffer;
  /** Leads to the spawner, which puts it here. */
  readonly spawner?: MessagePort;
}

/** What a worker is started with. */
export interface Order extends Post {
  readonly call: Call;
  readonly args: Parcel;
  /** Where the outcome goes: see outcome.ts. */
  readonly outcome: SharedArrayBuffer;
  readonly entry: Entry;
  /** Who wants to know what comes of it. */
  readonly starter: Entry;
  readonly roll: SharedArrayBuffer;
  /** Whether what it prints goes where the program prints. */
  readonly prints: boolean;
  readonly spawner: MessagePort;
}

/** What a copy of the package does with an order. */
export interface Runner {
  /** Calls the function, and is over with the worker. */
  run(order: Order, fn: Function_): Promise<void>;
  /** Is over with the worker, which could not begin. */
  fail(order: Order, why: string, cause: unknown): Promise<void>;
}

/** What the worker's global object holds for all copies of the package. */
export interface Duty {
  readonly order: Post;
  /** Whether the function's module is still being loaded. */
  loading: boolean;
  /** The functions that `task` has registered, by what `keyOf` says, each with the copy that did. */
  readonly tasks: Map<string, { readonly fn: Function_; readonly runner: Runner }[]>;
  /** The copy that was loaded to do it. */
  runner: Runner | undefined;
}

/** Its name changes when the shape of the duty, or of what it holds, does. */
const DUTY = Symbol.for('atomics-sync-free.duty.2');
const holder = globalThis as { [DUTY]?: Duty };

/** @returns the duty of this agent, if it was started for a function */
export const duty = (): Duty | undefined => holder[DUTY];

/** Gives this agent its duty. */
export function takeOn(order: Post): Duty {
  const taken: Duty = { order, loading: true, tasks: new Map(), runner: undefined };
  holder[DUTY] = taken;
  return taken;
}

/** @returns what a task is registered under */
export const keyOf = (url: string, name: string): string => `${url}#${name}`;

/** The property that makes an object an order. */
export const ORDER = 'atomics-sync-free.order';
