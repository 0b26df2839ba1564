/** How proxies reach the objects of a manager: by requests from other agents, and directly in the one that has them. */
import type { Handle } from '../../core/memory/handle.js';

/** An object of a manager, as agents with a proxy know it. */
export interface Described {
  /** No other object of the manager has, or will have, this number. */
  readonly object: number;
  /** Its class of proxies: see proxy.ts. */
  readonly type: string;
  /** The methods of a proxy of a registered class; those of other classes are known. */
  readonly methods: readonly string[];
}

/** The handle of a proxy. */
export interface ProxyHandle extends Handle, Described {
  /** The token under which the object is lent until the proxy has arrived. */
  readonly token: number;
}

/** A method's result that stays with the manager: the caller gets a proxy, which counts as one that has arrived. */
export class Kept {
  constructor(readonly described: Described) {}
}

/** One agent's access to the objects of one manager. */
export interface Access {
  /** The manager, for people. */
  readonly label: string;
  /** Whether the manager has ended. */
  readonly isOver: boolean;
  /**
   * Calls a method, blocking until it has returned.
   *
   * @param above the function that the caller called, which stack traces leave out
   * @returns a copy of what it returned, or a Kept
   * @throws what it throws
   */
  call(object: number, method: string, args: readonly unknown[], above?: (...args: never[]) => unknown): unknown;
  /** The same, without blocking the agent. */
  callAsync(object: number, method: string, args: readonly unknown[]): Promise<unknown>;
  /** Keeps the object for a proxy that goes to another agent. */
  handle(described: Described): ProxyHandle;
  /**
   * Keeps the object for a proxy of this agent.
   *
   * @param token of the handle that brought the proxy; undefined if the object is already kept for it
   * @returns what keeps it, as long as that is reachable and has not been given to `letGo`
   */
  keep(object: number, token: number | undefined): object;
  letGo(kept: object): void;
}
