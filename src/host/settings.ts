/** Users' settings for workers. Separate from host.ts because users' compilers read it, and may not know any host's types. */

/** The stream that a worker wrote to. */
export type Stream = 'stdout' | 'stderr';

/** The settings that hosts accept for a new worker; browsers only accept the name. */
export interface WorkerSettings {
  /** For debuggers and lists of threads. */
  readonly name?: string | undefined;
  /** `process.env` in the worker; by default a copy of that of the agent that starts it. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Options of the host's command line; by default those of the process. */
  readonly execArgv?: readonly string[] | undefined;
  /** The sizes of its heap and its stack, in MB. */
  readonly resourceLimits?: Limits | undefined;
}

/** Those that hosts accept for a new child process. */
export type ChildSettings = Pick<WorkerSettings, 'env' | 'execArgv'>;

/** Sizes in MB, as in worker_threads. */
export interface Limits {
  /** The size of the heap's old generation, in MB. */
  readonly maxOldGenerationSizeMb?: number | undefined;
  /** The size of the heap's young generation, in MB. */
  readonly maxYoungGenerationSizeMb?: number | undefined;
  /** The size of the memory for generated code, in MB. */
  readonly codeRangeSizeMb?: number | undefined;
  /** The size of the stack, in MB. */
  readonly stackSizeMb?: number | undefined;
}

/** A `Worker` made by somebody else, of whichever kind the host has. */
export interface ForeignWorker {
  /**
   * Sends it a message.
   *
   * @param message anything that structured clone carries
   * @param transfer the parts of it that are transferred: message ports, for which each host's types have their own name
   */
  postMessage(message: unknown, transfer: never[]): void;
  /**
   * Ends it, on hosts that can.
   *
   * @returns whatever the host returns; it is ignored
   */
  terminate?(): unknown;
}
