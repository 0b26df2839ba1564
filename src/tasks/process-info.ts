/** A process as its threads know it. In a file of its own, because programs whose compilers know no host's types see it. */

/** A process, as others see it. */
export interface ProcessInfo {
  /** What it is called. */
  readonly name: string;
  /**
   * A number that no other process or thread of the program has; the operating system's pid for those that it knows as
   * processes. Undefined before the process is started.
   */
  readonly pid: number | undefined;
  /** Whether it ends with the process that started it, and cannot start others. */
  readonly daemon: boolean;
}

/** The process that an agent runs in. */
export interface ProcessContext {
  readonly here: ProcessInfo;
  readonly parent: ProcessInfo;
  /** The ident of its main thread. */
  readonly ident: number;
  /** The numbers of its ancestors and its own, for the default names of its children; '' for pool workers and managers. */
  readonly path: string;
}
