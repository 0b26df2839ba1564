/** What a worker is told about the function it runs, and what the package's copies in it know of that. */
import { thisAgent } from '../core/memory/agent-names.js';
import type { Stock } from '../host/host.js';
import { type Entry, MAIN_IDENT } from '../host/roll.js';
import type { Call, Function_ } from './call.js';
import type { Outcome } from './outcome.js';
import type { Parcel } from './parcels.js';
import type { ProcessContext } from './process-info.js';

/** Settings that agents inherit from those that start them. */
export interface Inherited {
  /** How processes are started. */
  readonly startMethod?: string | undefined;
  /** The stack size of threads, in bytes; processes do not inherit it. */
  readonly stackSize?: number | undefined;
}

/** What an agent that was started for a function knows about itself. A child process has a roll and a spawner of its own. */
export interface Post {
  readonly name: string;
  readonly daemon: boolean;
  /** The module to load first; a user's worker file is already loaded. */
  readonly load: string | undefined;
  readonly entry?: Entry;
  readonly roll?: SharedArrayBuffer;
  /** Leads to the spawner, which puts it here. */
  readonly spawner?: MessagePort;
  /** The process that the starter runs in; undefined in the one in which the program began. */
  readonly within?: ProcessContext | undefined;
  readonly inherits?: Inherited | undefined;
}

/** The data with which a worker is started. */
export interface Order extends Post {
  readonly call: Call;
  /** An array; undefined if there are none. */
  readonly args: Parcel;
  /** Where the outcome goes: see outcome.ts. */
  readonly outcome: SharedArrayBuffer;
  readonly entry: Entry;
  /** The agent that waits for its outcome. */
  readonly starter: Entry;
  readonly roll: SharedArrayBuffer;
  /** Whether what it prints goes where the program prints. */
  readonly prints: boolean;
  /** The directory for cached compiled code, if it is to be used: for a new worker. */
  readonly compileCache?: string | undefined;
  readonly spawner: MessagePort;
  /** Where the worker rests, if it is to run more threads: see host/berth.ts. The spawner puts it here. */
  readonly berth?: BerthEnd | undefined;
}

/** A worker's end of its berth. */
export interface BerthEnd {
  readonly buffer: SharedArrayBuffer;
  /** Leads to the agent for which it runs threads. */
  readonly port: MessagePort;
}

/** What the agent sends over that port when the order does not fit into the berth. */
export interface Letter {
  readonly call: Call;
  readonly args: Parcel;
}

/** How a copy of the package runs an order. */
export interface Runner {
  /**
   * Calls the function; then the worker ends or rests.
   *
   * @returns the worker's next order; if there is none, the worker ends
   */
  run(order: Order, fn: Function_): Promise<Order | undefined>;
  /** The same for a worker that could not begin. */
  fail(order: Order, why: string, cause: unknown): Promise<Order | undefined>;
  /** Writes the outcome of the function; then the worker rests, or ends with whatever the function left behind. */
  over(order: Order, outcome: Outcome): Promise<Order | undefined>;
}

/** Where a worker rests between two threads: rest.ts. */
export interface Rests {
  /** Whether the agent wants a message at the end of the thread. */
  readonly isAsked: boolean;
  /** To be called before a function is. */
  begin(): void;
  /** Whether the function left nothing behind, as far as the host reports: on other hosts, the user has asked for reuse. */
  isAsBefore(): boolean;
  /**
   * Rests until there is another order.
   *
   * @param last the previous order
   * @returns the order; undefined when the worker is to end
   */
  next(last: Order): Promise<Order | undefined>;
}

/** What the worker's global object holds for all copies of the package. */
export interface Duty {
  /** A different one for each thread of a worker that runs several. */
  order: Post;
  /** The process that the agent runs in, or is. */
  within: ProcessContext | undefined;
  /** Whether something was done in the worker that the next thread would see. */
  isUsed: boolean;
  /** The function's module, while it is being loaded. */
  loading: string | undefined;
  /** The functions registered by `task`, by `keyOf`, each with the copy that registered it. */
  readonly tasks: Map<string, { readonly fn: Function_; readonly runner: Runner }[]>;
  /** The copy that was loaded to run the order. */
  runner: Runner | undefined;
  /** For a worker that may run several threads, on hosts that report what these leave behind. */
  readonly stock: Stock | undefined;
  /** Where the worker rests, if it runs several threads. */
  rest: Rests | undefined;
  /** Receives uncaught errors: set by the copy of the package that was the last to call a function. */
  caught: ((error: unknown) => void) | undefined;
}

/** The key changes when the shape of the duty, or of what it holds, does. */
const DUTY = Symbol.for('atomics-sync-free.duty.8');
const holder = globalThis as { [DUTY]?: Duty };

/** @returns the duty of this agent, if it was started for a function */
export const duty = (): Duty | undefined => holder[DUTY];

/** @returns the ident of the main thread of the process that this agent runs in */
export const mainIdent = (): number => duty()?.within?.ident ?? MAIN_IDENT;

/** Whether this agent is the main thread of a process other than the one in which the program began. */
export function isProcess(): boolean {
  const here = duty();
  return here?.within !== undefined && here.within.ident === (here.order.entry?.ident ?? MAIN_IDENT);
}

/** Gives this agent its duty. */
export function takeOn(order: Post, stock?: Stock): Duty {
  const taken: Duty = {
    order,
    within: order.within,
    isUsed: false,
    loading: order.load,
    tasks: new Map(),
    runner: undefined,
    stock,
    rest: undefined,
    caught: undefined,
  };
  holder[DUTY] = taken;
  // A child process has the name that its parent gave it.
  if (order.entry !== undefined) thisAgent().name = order.name;
  return taken;
}

/** Records that a function in this agent has done something that a later one would see. */
export function markUsed(): void {
  const here = duty();
  if (here !== undefined && here.loading === undefined) here.isUsed = true;
}

/** @returns the key under which a task is registered */
export const keyOf = (url: string, name: string): string => `${url}#${name}`;

/** The property that makes an object an order. */
export const ORDER = 'atomics-sync-free.order';
