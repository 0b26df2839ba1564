/** What a worker is told of the function it is for, and what the package's copies in it know of that. */
import type { Entry } from '../host/roll.js';
import type { Call, Function_ } from './call.js';
import type { Parcel } from './parcel.js';

/** What a worker is started with. */
export interface Order {
  readonly call: Call;
  /** The module that the loader loads; a worker file of the user's is loaded already. */
  readonly load: string | undefined;
  readonly args: Parcel;
  /** Where the outcome goes: see outcome.ts. */
  readonly outcome: SharedArrayBuffer;
  readonly entry: Entry;
  /** Who wants to know what comes of it. */
  readonly starter: Entry;
  readonly name: string;
  readonly daemon: boolean;
  readonly roll: SharedArrayBuffer;
  /** Whether what it prints goes where the program prints. */
  readonly prints: boolean;
  /** Leads to the spawner, which puts it here. */
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
  readonly order: Order;
  /** Whether the function's module is still being loaded. */
  loading: boolean;
  /** The functions that `task` has registered, by what `keyOf` says, each with the copy that did. */
  readonly tasks: Map<string, { readonly fn: Function_; readonly runner: Runner }[]>;
  /** The copy that was loaded to do it. */
  runner: Runner | undefined;
}

/** Its name changes when the shape of the duty, or of what it holds, does. */
const DUTY = Symbol.for('atomics-sync-free.duty.1');
const holder = globalThis as { [DUTY]?: Duty };

/** @returns the duty of this agent, if it is a worker that was started for a function */
export const duty = (): Duty | undefined => holder[DUTY];

/** Makes this agent the worker of an order. */
export function takeOn(order: Order): Duty {
  const taken: Duty = { order, loading: true, tasks: new Map(), runner: undefined };
  holder[DUTY] = taken;
  return taken;
}

/** @returns what a task is registered under */
export const keyOf = (url: string, name: string): string => `${url}#${name}`;

/** The property that makes an object an order. */
export const ORDER = 'atomics-sync-free.order';
