/** What a worker is told of the function it is for, and what the package's copies in it know of that. */
import { thisAgent } from '../core/memory/agent-names.js';
import type { Stock } from '../host/host.js';
import type { Entry } from '../host/roll.js';
import type { Call, Function_ } from './call.js';
import type { Outcome } from './outcome.js';
import type { Parcel } from './parcels.js';

/** What an agent that was started for a function knows of itself. A child process has a roll and a spawner of its own. */
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
  /** An array; undefined where there are none. */
  readonly args: Parcel;
  /** Where the outcome goes: see outcome.ts. */
  readonly outcome: SharedArrayBuffer;
  readonly entry: Entry;
  /** Who wants to know what comes of it. */
  readonly starter: Entry;
  readonly roll: SharedArrayBuffer;
  /** Whether what it prints goes where the program prints. */
  readonly prints: boolean;
  /** Where it keeps what the compiler makes of modules, if it is to: for a worker that is new. */
  readonly compileCache?: string | undefined;
  readonly spawner: MessagePort;
  /** Where the worker rests, if it is to run more than this: see host/berth.ts. The spawner puts it here. */
  readonly berth?: BerthEnd | undefined;
}

/** A worker's end of its berth. */
export interface BerthEnd {
  readonly buffer: SharedArrayBuffer;
  /** Leads to the agent for which it runs threads. */
  readonly port: MessagePort;
}

/** What the agent sends over that port where the order has no room in the berth. */
export interface Letter {
  readonly call: Call;
  readonly args: Parcel;
}

/** What a copy of the package does with an order. */
export interface Runner {
  /**
   * Calls the function; then the worker ends or rests.
   *
   * @returns what the worker is to do next; without it, the worker ends
   */
  run(order: Order, fn: Function_): Promise<Order | undefined>;
  /** The same for a worker that could not begin. */
  fail(order: Order, why: string, cause: unknown): Promise<Order | undefined>;
  /** Writes what has come of the function, and has the worker rest, or ends it with whatever the function has left behind. */
  over(order: Order, outcome: Outcome): Promise<Order | undefined>;
}

/** Where a worker rests between two threads: rest.ts. */
export interface Rests {
  /** Whether the agent wants a message at the end of the thread. */
  readonly isAsked: boolean;
  /** A function is about to be called. */
  begin(): void;
  /** Whether the function has left nothing behind, as far as the host tells: where it does not, the user has asked for reuse. */
  isAsBefore(): boolean;
  /**
   * Rests, until there is another order.
   *
   * @param last the one before
   * @returns undefined when the worker is to end
   */
  next(last: Order): Promise<Order | undefined>;
}

/** What the worker's global object holds for all copies of the package. */
export interface Duty {
  /** Another for each thread of a worker that runs several. */
  order: Post;
  /** Whether something was done in the worker that the next thread would see. */
  isUsed: boolean;
  /** The function's module, while it is being loaded. */
  loading: string | undefined;
  /** The functions that `task` has registered, by what `keyOf` says, each with the copy that did. */
  readonly tasks: Map<string, { readonly fn: Function_; readonly runner: Runner }[]>;
  /** The copy that was loaded to do it. */
  runner: Runner | undefined;
  /** Of a worker that may run more than one, where the host tells what they leave behind. */
  readonly stock: Stock | undefined;
  /** Where the worker rests, if it runs more than one. */
  rest: Rests | undefined;
  /** Takes errors that nobody has caught: that of the copy of the package that has called a function last. */
  caught: ((error: unknown) => void) | undefined;
}

/** Its name changes when the shape of the duty, or of what it holds, does. */
const DUTY = Symbol.for('atomics-sync-free.duty.6');
const holder = globalThis as { [DUTY]?: Duty };

/** @returns the duty of this agent, if it was started for a function */
export const duty = (): Duty | undefined => holder[DUTY];

/** Gives this agent its duty. */
export function takeOn(order: Post, stock?: Stock): Duty {
  const taken: Duty = {
    order,
    isUsed: false,
    loading: order.load,
    tasks: new Map(),
    runner: undefined,
    stock,
    rest: undefined,
    caught: undefined,
  };
  holder[DUTY] = taken;
  // A child process is called what its parent calls it.
  if (order.entry !== undefined) thisAgent().name = order.name;
  return taken;
}

/** Says that a function in this agent has done something that a later one would see. */
export function markUsed(): void {
  const here = duty();
  if (here !== undefined && here.loading === undefined) here.isUsed = true;
}

/** @returns what a task is registered under */
export const keyOf = (url: string, name: string): string => `${url}#${name}`;

/** The property that makes an object an order. */
export const ORDER = 'atomics-sync-free.order';
