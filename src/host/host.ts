/**
 * How a worker is started and how its end is learnt, which differs from host to host. This file says what is the same on
 * all of them; node.ts does it with worker_threads (Node, Deno, Bun), web.ts with the Web Workers of a browser. The name
 * `#host` means one of the two: "imports" in package.json chooses it by the condition `browser`.
 */

import type { Link } from './link.js';
import type { ForeignWorker, Stream, WorkerSettings } from './settings.js';

export type { ForeignWorker, Limits, Stream, WorkerSettings } from './settings.js';

/**
 * How a worker ended. `terminated` is said of every worker that was terminated before its end was known; the `code` is
 * that of `process.exit`, 0 where there is no such thing.
 */
export type Exit =
  | { readonly cause: 'ended'; readonly code: number }
  | { readonly cause: 'threw'; readonly error: unknown }
  | { readonly cause: 'terminated' };

/** What a worker is started with. */
export interface StartOptions extends WorkerSettings {
  /** What `serve` hands to the worker: anything that structured clone carries. */
  readonly data: unknown;
  /** What of the data is moved there. */
  readonly transfer?: readonly Transferable[];
  /** Is told what the worker sends, in order, and nothing after its exit. */
  readonly onMessage: (message: unknown) => void;
  /** Whether it has the environment of this agent rather than a copy, where the host has a way to. */
  readonly sharesEnvironment?: boolean | undefined;
  /** Is told what the worker prints; by default it prints where this agent does. */
  readonly onOutput?: ((text: string, stream: Stream) => void) | undefined;
}

/** The name of environment data that all workers of a process see: the URL of a module that they load first, if there is one. */
export const PRELOAD = 'atomics-sync-free.preload';

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
  /** Takes that back. */
  ref(): void;
}

/** A worker's inventory, which tells whether the functions that it runs leave everything as it was. */
export interface Stock {
  /** A function is about to be called; the module that it is of has been loaded before the first. */
  begin(): void;
  /** Whether all is as it was, one turn of the event loop after the function has ended. */
  isAsBefore(): boolean;
}

/** Whoever started a worker, as the worker sees it. */
interface Parent {
  /** Sends a message. */
  send(message: unknown): void;
  /** Calls `onMessage` with each message from now on, until `work` has ended. */
  listen(onMessage: (message: unknown) => void): void;
}

/** A module by what it exports. */
export type Module = Readonly<Record<string, unknown>>;

/** A program as one text that imports nothing, so that it is there wherever a bundler has put the package. */
export interface Program {
  readonly source: string;
}

/** A process of its own, as the one that started it sees it. */
export interface HostChild {
  /** The operating system's. */
  readonly pid: number;
  /** Resolved once it has ended: its exit code, or the number of the signal that ended it, negated. */
  readonly exit: Promise<number>;
  readonly link: Link;
  /** What it reads; undefined where the host does not tell. */
  readonly input: Input | undefined;
}

/** What a process reads that was started by this one. */
export interface Input {
  /** To which any agent may write (`writeNow`) while nobody uses the link for that. */
  readonly descriptor: number;
  /** Has something called before it is closed: from then on its number may be another's. */
  beforeClose(call: () => void): void;
}

/** What ends a process: it may hear of the first, and cannot of the second; what stops it, and has it go on, where the host has that. */
export type Signal = 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT';

/** What an agent has joined to hear the others of its program that have. */
export interface Channel {
  /** Sends a message to all others. */
  send(message: unknown): void;
  /** Takes the next message at once, where the host has a way to. */
  readonly receive: (() => { readonly message: unknown } | undefined) | undefined;
}

/** What each host's file exports. */
export interface Host {
  /**
   * Starts a worker.
   *
   * @param entry the module or program it runs, which calls `serve`
   */
  start(entry: URL | Program, options: StartOptions): HostWorker;
  /**
   * The worker's side, called once by its module. What `work` throws or rejects with is the cause of the worker's exit.
   * Once it has returned or resolved, the worker ends; in Node, Deno and Bun not before its timers and the like are done.
   */
  serve<Data>(work: (data: Data, parent: Parent) => unknown): void;
  /** How many workers can run at the same time. */
  processors(): number;
  /** How many the machine has, whoever may use them. */
  processorsOfMachine(): number;
  /** How many cores these are; undefined where the host does not tell. */
  coresOfMachine(): number | undefined;
  /** What `process.env` is in this agent, for the workers that another starts in its place; undefined where there is none to read. */
  environment(): WorkerSettings['env'];
  /** Whether the program began in this agent, rather than being a worker of it. */
  readonly isMainThread: boolean;
  /** Whether this agent can start workers itself. */
  readonly startsWorkers: boolean;
  /** Whether a worker can start others in this agent's place, and learn of their ends while this agent blocks. */
  readonly supervises: boolean;
  /** Takes the next message of a port at once, where the host has a way to. */
  receive(port: MessagePort): { readonly message: unknown } | undefined;
  /** Joins the channel of this name, where the host has channels. It keeps no agent alive. */
  joinChannel(name: string, hear: (message: unknown) => void): Channel | undefined;
  /** Where this agent keeps what the compiler makes of modules, for those that it starts; undefined where nobody asked for that. */
  compileCache(): string | undefined;
  /**
   * Loads the module of PRELOAD, and what the program was told to load first, where the host has a way to name such.
   *
   * @param compileCache what {@link compileCache} said to whoever started this agent
   */
  preload(compileCache: string | undefined): Promise<void>;
  /** Loads a module that nobody knows before the program runs: bundlers have it in no bundle, and webpack and Vite would warn of that. */
  importUrl(url: string): Promise<Module>;
  /** Has what this worker prints written at once and in order, rather than by the event loop of its parent. */
  printDirectly(): void;
  /** Calls the listener with each error that nobody catches in this worker, in place of the host, which would end the worker. */
  onUncaught(listener: (error: unknown) => void): void;
  /** Ends this worker, whatever it has left running; `last` is the last thing that it does. */
  end(last: () => void): void;
  /**
   * Takes stock of this worker, where the host tells what is made in it; `process.env` is a copy for each function then, of
   * that of the agent whose environment the worker shares.
   */
  readonly takeStock: (() => Stock) | undefined;
  /** Calls `take` with the next message to this worker that `isMine` accepts. */
  awaitOrder(isMine: (message: unknown) => boolean, take: (message: unknown) => void): void;
  /**
   * Starts a process, where the host has a way to; rejected when it cannot be started. By default it has the options of this
   * process's command line.
   */
  readonly startChild: ((program: Program, execArgv?: readonly string[]) => Promise<HostChild>) | undefined;
  /** The other side of that: the link to whoever started this process, which ends with it. */
  linkToParent(): Link;
  /** Writes to a descriptor at once. @returns how many bytes were written; 0 where there is no room, or nobody reads */
  writeNow(descriptor: number, bytes: Uint8Array): number;
  /** Sends a signal to a process; to one that has ended, or by the number 0, which none has, nothing. */
  kill(pid: number, signal: Signal): void;
  /** Calls the listener at each signal, in the event loop of the main thread, where the host has signals. @returns what ends that */
  readonly onSignal: ((signal: 'SIGUSR2', listener: () => void) => () => void) | undefined;
  /** Calls `last` at the end of this agent, with its exit code, where the host tells of it. */
  onExit(last: (code: number) => void): void;
  /**
   * Watches a worker that the user's code has made: `onFailure` is called with what it fails with at its start, `onEnd` at its
   * end where ports do not tell of that. With `unref` this agent may end while it runs.
   */
  adopt(worker: ForeignWorker, unref: boolean, onFailure: (error: unknown) => void, onEnd: () => void): void;
}
