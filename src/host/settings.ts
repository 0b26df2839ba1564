/** What users say of workers. It stands apart from host.ts because their compilers read it, which may know no host's types. */

/** Which of its two streams a worker has written to. */
export type Stream = 'stdout' | 'stderr';

/** What a host lets one say of a worker that it starts; browsers know the name only. */
export interface WorkerSettings {
  /** For debuggers and lists of threads. */
  readonly name?: string | undefined;
  /** `process.env` in the worker; by default a copy of that of whoever starts it. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Options of the host's command line; by default those of the process. */
  readonly execArgv?: readonly string[] | undefined;
  /** The sizes of its heap and its stack, in MB. */
  readonly resourceLimits?: Limits | undefined;
}

/** Sizes in MB, as worker_threads has them. */
export interface Limits {
  /** Of the heap for what has lived for a while, in MB. */
  readonly maxOldGenerationSizeMb?: number | undefined;
  /** Of the heap for what is new, in MB. */
  readonly maxYoungGenerationSizeMb?: number | undefined;
  /** Of memory for generated code, in MB. */
  readonly codeRangeSizeMb?: number | undefined;
  /** Of the stack, in MB. */
  readonly stackSizeMb?: number | undefined;
}

/** A `Worker` that somebody else has made, of whichever kind the host has. */
export interface ForeignWorker {
  /**
   * Sends it a message.
   *
   * @param message anything that structured clone carries
   * @param transfer what of it is moved: message ports, for which the types of each host have a name of their own
   */
  postMessage(message: unknown, transfer: never[]): void;
  /**
   * Ends it, where there is a way to.
   *
   * @returns what the host gives, which nobody looks at
   */
  terminate?(): unknown;
}
