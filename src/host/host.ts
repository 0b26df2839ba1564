/**
 * How a worker is started and how its end is learnt, which differs from host to host. This file says what is the same on
 * all of them; node.ts does it with worker_threads (Node, Deno, Bun), web.ts with the Web Workers of a browser. The name
 * `#host` means one of the two: "imports" in package.json chooses it by the condition `browser`.
 */

/**
 * How a worker ended. `terminated` is said of every worker that was terminated before its end was known; the `code` is
 * that of `process.exit`, 0 where there is no such thing.
 */
export type Exit =
  | { readonly cause: 'ended'; readonly code: number }
  | { readonly cause: 'threw'; readonly error: unknown }
  | { readonly cause: 'terminated' };

/** What a worker is started with. */
export interface StartOptions {
  /** What `serve` hands to the worker: anything that structured clone carries. */
  readonly data: unknown;
  /** Is told what the worker sends, in order, and nothing after its exit. */
  readonly onMessage: (message: unknown) => void;
}

/** A worker, as whoever started it sees it. */
export interface HostWorker {
  /** Resolved once the worker has ended, however it did. */
  readonly exit: Promise<Exit>;
  /** Sends the worker a message. */
  send(message: unknown): void;
  /** Ends the worker wherever it is, blocked or busy; resolved once the host says that it has ended. */
  terminate(): Promise<void>;
  /** Lets this agent end although the worker runs, which ends the worker too; a page does so anyway. */
  unref(): void;
}

/** Whoever started a worker, as the worker sees it. */
export interface Parent {
  /** Sends a message. */
  send(message: unknown): void;
  /** Has messages told from now on, as long as `work` has not ended. */
  listen(onMessage: (message: unknown) => void): void;
}

/** What each host's file exports. */
export interface Host {
  /**
   * Starts a worker.
   *
   * @param entry the module it runs, which calls `serve`
   */
  start(entry: URL, options: StartOptions): HostWorker;
  /**
   * The worker's side, called once by its module. What `work` throws or rejects with is the cause of the worker's exit.
   * Once it has returned or resolved, the worker ends; in Node, Deno and Bun not before its timers and the like are done.
   */
  serve<Data>(work: (data: Data, parent: Parent) => unknown): void;
  /** How many workers can run at the same time. */
  processors(): number;
}
