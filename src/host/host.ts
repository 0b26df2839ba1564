/**
 * Starting workers and detecting their ends, which differs between hosts. This file is the common interface; node.ts
 * implements it with worker_threads (Node, Deno, Bun), web.ts with a browser's Web Workers. `#host` stands for one of the
 * two: "imports" in package.json chooses by the condition `browser`.
 */

import type { Link } from './link.js';
import type { ChildSettings, ForeignWorker, Stream, WorkerSettings } from './settings.js';

export type { ForeignWorker, Limits, Stream, WorkerSettings } from './settings.js';

/**
 * How a worker ended. The cause is `terminated` for every worker that was terminated before its end was known; the `code`
 * is that of `process.exit`, 0 on hosts without it.
 */
export type Exit =
  | { readonly cause: 'ended'; readonly code: number }
  | { readonly cause: 'threw'; readonly error: unknown }
  | { readonly cause: 'terminated' };

/** Options for starting a worker. */
export interface StartOptions extends WorkerSettings {
  /** What `serve` passes to the worker: anything that structured clone carries. */
  readonly data: unknown;
  /** The parts of the data that are transferred. */
  readonly transfer?: readonly Transferable[];
  /** Receives the worker's messages, in order, and none after its exit. */
  readonly onMessage: (message: unknown) => void;
  /** Whether it shares this agent's environment rather than having a copy, on hosts that can. */
  readonly sharesEnvironment?: boolean | undefined;
  /** Receives what the worker prints; by default it prints where this agent does. */
  readonly onOutput?: ((text: string, stream: Stream) => void) | undefined;
}

/**
 * The name of the environment data, seen by all workers of a process, that holds the URL of a module to load first, if there is one.
 */
export const PRELOAD = 'atomics-sync-free.preload';

/** A worker, as seen by the agent that started it. */
export interface HostWorker {
  /** Resolved once the worker has ended, in whatever way. */
  readonly exit: Promise<Exit>;
  /** Sends the worker a message. */
  send(message: unknown): void;
  /** Ends the worker, whether blocked or busy; resolved once the host reports that it has ended. */
  terminate(): Promise<void>;
  /** Lets this agent end while the worker is running, which ends the worker too; a page does so anyway. */
  unref(): void;
  /** Undoes `unref`. */
  ref(): void;
}

/** A worker's inventory, which detects whether the functions that it runs leave everything as it was. */
export interface Stock {
  /** To be called before each function; its module has been loaded before the first. */
  begin(): void;
  /** Whether everything is as it was, one turn of the event loop after the function has ended. */
  isAsBefore(): boolean;
}

/** The agent that started a worker, as seen by the worker. */
interface Parent {
  /** Sends a message. */
  send(message: unknown): void;
  /** Calls `onMessage` with each message from now on, until `work` has ended. */
  listen(onMessage: (message: unknown) => void): void;
}

/** A module's exports. */
export type Module = Readonly<Record<string, unknown>>;

/** A program as one text without imports, so that it is available wherever a bundler has put the package. */
export interface Program {
  readonly source: string;
}

/** A child process, as seen by its parent. */
export interface HostChild {
  /** The operating system's process id. */
  readonly pid: number;
  /** Resolved once it has ended, to its exit code, or the negated number of the signal that ended it. */
  readonly exit: Promise<number>;
  readonly link: Link;
  /** Its input; undefined where the host does not provide it. */
  readonly input: Input | undefined;
}

/** The input of a process that this one started. */
export interface Input {
  /** Any agent may write to it (`writeNow`) while nobody writes through the link. */
  readonly descriptor: number;
  /** Registers a call to make before it is closed: after that the descriptor's number may be reused. */
  beforeClose(call: () => void): void;
}

/** Signals that end a process (it can handle the first, not the second), and that stop and continue it, on hosts that have these. */
export type Signal = 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT';

/** What agents of a program join to receive each other's messages. */
export interface Channel {
  /** Sends a message to all others. */
  send(message: unknown): void;
  /** Takes the next message synchronously, on hosts that can. */
  readonly receive: (() => { readonly message: unknown } | undefined) | undefined;
}

/** What becomes of a worker made by the user's code. */
export interface Adoption {
  /** What it runs, for human readers. */
  readonly name: string;
  /** Whether this agent may end while it is running. */
  readonly unref: boolean;
  /** Called with the error if it fails to start. */
  readonly onFailure: (error: unknown) => void;
  /** Called at its end, on hosts whose ports do not report that. */
  readonly onEnd: () => void;
  /** Whether it has taken its order. */
  readonly isTaken: () => boolean;
  /** Called when the order came before it listened, on hosts that drop such messages: it listens now. */
  readonly onMissed: () => void;
}

/** What each host's file exports. */
export interface Host {
  /**
   * Starts a worker.
   *
   * @param entry the module or program that it runs, which calls `serve`
   */
  start(entry: URL | Program, options: StartOptions): HostWorker;
  /**
   * The worker's side, called once by its module. What `work` throws or rejects with is the cause of the worker's exit. Once
   * it has returned or resolved, the worker ends; in Node, Deno and Bun not before its timers and the like have finished.
   */
  serve<Data>(work: (data: Data, parent: Parent) => unknown): void;
  /** How many workers can run at the same time. */
  processors(): number;
  /** How many processors the machine has, whether or not this program may use them. */
  processorsOfMachine(): number;
  /** How many cores those are; undefined where the host does not report it. */
  coresOfMachine(): number | undefined;
  /** This agent's `process.env`, for workers that another agent starts on its behalf; undefined where there is none to read. */
  environment(): WorkerSettings['env'];
  /** Whether the program began in this agent, rather than being a worker of it. */
  readonly isMainThread: boolean;
  /** Whether this agent can start workers itself. */
  readonly startsWorkers: boolean;
  /** Whether a worker can start others on this agent's behalf, and detect their ends while this agent blocks. */
  readonly supervises: boolean;
  /** Takes the next message of a port synchronously, on hosts that can. */
  receive(port: MessagePort): { readonly message: unknown } | undefined;
  /** Joins the channel of this name, on hosts that have channels. It keeps no agent alive. */
  joinChannel(name: string, hear: (message: unknown) => void): Channel | undefined;
  /** This agent's directory of cached compiled code, for the workers that it starts; undefined if nobody enabled that. */
  compileCache(): string | undefined;
  /**
   * Loads the module of PRELOAD, and the modules that the program was told to load first, on hosts with such an option.
   *
   * @param compileCache what {@link compileCache} returned in the agent that started this one
   */
  preload(compileCache: string | undefined): Promise<void>;
  /** Loads a module that is known only at run time: it is in no bundle, and webpack and Vite would warn about that. */
  importUrl(url: string): Promise<Module>;
  /** Makes this worker write what it prints immediately and in order, rather than through its parent's event loop. */
  printDirectly(): void;
  /** Calls the listener with each uncaught error in this worker, instead of the host's handling, which would end the worker. */
  onUncaught(listener: (error: unknown) => void): void;
  /** Ends this worker, whatever it has left running; `last` is the last thing it calls. */
  end(last: () => void): void;
  /**
   * Takes stock of this worker, on hosts that expose what is created in it; each function then gets its own copy of the
   * `process.env` that the worker shares with another agent.
   */
  readonly takeStock: (() => Stock) | undefined;
  /** Calls `take` with the next message to this worker that `isMine` accepts. */
  awaitOrder(isMine: (message: unknown) => boolean, take: (message: unknown) => void): void;
  /**
   * Starts a process, on hosts that can; rejected when it cannot be started. By default it has this agent's environment, and this
   * process's command-line options.
   */
  readonly startChild: ((program: Program, settings?: ChildSettings) => Promise<HostChild>) | undefined;
  /** The other side of that: the link to the parent; this process ends with the link. */
  linkToParent(): Link;
  /** Writes to a descriptor synchronously. @returns the number of bytes written; 0 when there is no room, or nobody reads */
  writeNow(descriptor: number, bytes: Uint8Array): number;
  /** Sends a signal to a process; does nothing for one that has ended, or for pid 0, which no process has. */
  kill(pid: number, signal: Signal): void;
  /**
   * How a process has ended that was sent a signal, if that is what has ended it: Windows reports the exit code 1.
   *
   * @param status its exit code, or a negated signal number, as reported by the host
   * @param signal what it was sent before it ended
   * @returns the status, or in place of it the negated number of the signal
   */
  exitAfter(status: number, signal: Signal): number;
  /**
   * Calls the listener on each SIGUSR2, or on Windows, which does not have that, on each SIGBREAK; from the main thread's
   * event loop, on hosts that have signals. @returns a function that ends this
   */
  readonly onSignal: ((listener: () => void) => () => void) | undefined;
  /**
   * @returns calls a function in the async context of this call, with what an AsyncLocalStorage held then, on hosts that have such
   *   contexts
   */
  asyncContext(): <Result>(act: () => Result) => Result;
  /** Calls `last` at the end of this agent, with its exit code, on hosts that report it. */
  onExit(last: (code: number) => void): void;
  /** Watches a worker made by the user's code, before it is sent its order. */
  adopt(worker: ForeignWorker, adoption: Adoption): void;
}
