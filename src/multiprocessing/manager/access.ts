/** How proxies come to the objects of a manager: by requests from other agents, and directly in the one that has them. */
import type { Handle } from '../../core/memory/handle.js';

/** An object of a manager, as those know it who have a proxy. */
export interface Described {
  /** No other object of the manager has, or will have, this number. */
  readonly object: number;
  /** Which class of proxies it takes: see proxy.ts. */
  readonly type: string;
  /** What a proxy of a registered class has; of others it is known. */
  readonly methods: readonly string[];
}

/** The handle of a proxy. */
export interface ProxyHandle extends Handle, Described {
  /** Under which the object is lent until the proxy has arrived. */
  readonly token: number;
}

/** What a method has returned that stays with the manager: the caller gets a proxy. It counts as one that has arrived. */
export class Kept {
  constructor(readonly described: Described) {}
}

/** The objects of one manager, as one agent comes to them. */
export interface Access {
  /** The manager, for people. */
  readonly label: string;
  /** Whether the manager has ended. */
  readonly isOver: boolean;
  /**
   * Calls a method, blocking until it has returned.
   *
   * @param above the function that the caller has called, which stacks do not show
   * @returns a copy of what it returned, or a Kept
   * @throws what it throws
   */
  call(object: number, method: string, args: readonly unknown[], above?: (...args: never[]) => unknown): unknown;
  /** The same, without blocking the agent. */
  callAsync(object: number, method: string, args: readonly unknown[]): Promise<unknown>;
  /** Has the object kept for a proxy that goes to another agent. */
  handle(described: Described): ProxyHandle;
  /**
   * Has the object kept for a proxy of this agent.
   *
   * @param token of the handle by which the proxy came; undefined where the object is kept for it already
   * @returns what keeps it: as long as it is reachable, and was not given to `letGo`
   */
  keep(object: number, token: number | undefined): object;
  letGo(kept: object): void;
}
