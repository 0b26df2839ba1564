/** The errors that users of queues and connections catch by their class. */
import { SyncError } from '../core/errors.js';
import { registerError } from '../tasks/parcel.js';

/**
 * A queue had no item in time: Python's `queue.Empty`.
 *
 * @example
 * ```ts
 * import { Empty, Queue } from 'atomics-sync-free/multiprocessing';
 * try {
 *   new Queue().getNowait();
 * } catch (error) {
 *   if (!(error instanceof Empty)) throw error;
 *   console.log(error.code); // ERR_EMPTY
 * }
 * ```
 */
export class Empty extends SyncError {
  static {
    registerError(Empty, 'Empty');
  }

  /** `'Empty'` */
  override readonly name = 'Empty';

  /** @param message which queue, and how long the wait was */
  constructor(message: string) {
    super('ERR_EMPTY', message);
  }
}

/**
 * A queue had no room in time: Python's `queue.Full`.
 *
 * @example
 * ```ts
 * import { Full, Queue } from 'atomics-sync-free/multiprocessing';
 * const queue = new Queue<number>(1);
 * queue.put(1);
 * try {
 *   queue.putNowait(2);
 * } catch (error) {
 *   if (!(error instanceof Full)) throw error;
 *   console.log(error.code, queue.qsize()); // ERR_FULL 1
 * }
 * ```
 */
export class Full extends SyncError {
  static {
    registerError(Full, 'Full');
  }

  /** `'Full'` */
  override readonly name = 'Full';

  /** @param message which queue, and how long the wait was */
  constructor(message: string) {
    super('ERR_FULL', message);
  }
}

/**
 * Everything sent has been received, and nobody is left to send more: Python's `EOFError`.
 *
 * @example
 * ```ts
 * import { EndOfFileError, Pipe } from 'atomics-sync-free/multiprocessing';
 * const [reader, writer] = Pipe<string>(false);
 * writer.send('last');
 * writer.close();
 * console.log(reader.recv()); // last
 * try {
 *   reader.recv();
 * } catch (error) {
 *   if (!(error instanceof EndOfFileError)) throw error;
 *   console.log(error.code); // ERR_END_OF_FILE
 * }
 * ```
 */
export class EndOfFileError extends SyncError {
  static {
    registerError(EndOfFileError, 'EndOfFileError');
  }

  /** `'EndOfFileError'` */
  override readonly name = 'EndOfFileError';

  /** @param message which connection */
  constructor(message: string) {
    super('ERR_END_OF_FILE', message);
  }
}

/**
 * More bytes were received than there is room for: Python's `BufferTooShort`. None are lost: the error carries them.
 *
 * @example
 * ```ts
 * import { BufferTooShort, Pipe } from 'atomics-sync-free/multiprocessing';
 * const [reader, writer] = Pipe(false);
 * writer.sendBytes(Uint8Array.of(1, 2, 3));
 * try {
 *   reader.recvBytesInto(new Uint8Array(2));
 * } catch (error) {
 *   if (!(error instanceof BufferTooShort)) throw error;
 *   console.log(error.code, error.bytes.length); // ERR_BUFFER_TOO_SHORT 3
 * }
 * ```
 */
export class BufferTooShort extends SyncError {
  static {
    registerError(BufferTooShort, 'BufferTooShort');
  }

  /** `'BufferTooShort'` */
  override readonly name = 'BufferTooShort';
  /** What was received. */
  readonly bytes: Uint8Array;

  /**
   * @param message which connection, and how much room there was
   * @param bytes what was received
   */
  constructor(message: string, bytes: Uint8Array) {
    super('ERR_BUFFER_TOO_SHORT', message);
    this.bytes = bytes;
  }
}

/**
 * A queue was shut down: nothing can be put any more, and there is nothing left to get. Python's `queue.ShutDown`.
 *
 * @example
 * ```ts
 * import { Queue, QueueShutDown } from 'atomics-sync-free/multiprocessing';
 * const queue = new Queue<string>();
 * queue.put('last');
 * queue.shutdown();
 * console.log(queue.get()); // last
 * try {
 *   queue.get();
 * } catch (error) {
 *   if (!(error instanceof QueueShutDown)) throw error;
 *   console.log(error.code); // ERR_SHUT_DOWN
 * }
 * ```
 */
export class QueueShutDown extends SyncError {
  static {
    registerError(QueueShutDown, 'QueueShutDown');
  }

  /** `'QueueShutDown'` */
  override readonly name = 'QueueShutDown';

  /** @param message which queue */
  constructor(message: string) {
    super('ERR_SHUT_DOWN', message);
  }
}

/**
 * A pool cannot go on: its initializer failed, or a worker died before it was ready. Everything the pool has not
 * finished is rejected with it. Python's `BrokenProcessPool`; the cause says why.
 *
 * @example
 * ```ts
 * import { BrokenPoolError, Pool } from 'atomics-sync-free/multiprocessing';
 * const initializer = () => {
 *   throw new RangeError('no such database');
 * };
 * const pool = new Pool(1, { initializer });
 * try {
 *   await pool.applyAsync((x: number) => x, [1]);
 * } catch (error) {
 *   if (!(error instanceof BrokenPoolError)) throw error;
 *   console.log(error.code, String(error.cause)); // ERR_BROKEN_POOL RangeError: no such database
 * }
 * ```
 */
export class BrokenPoolError extends SyncError {
  static {
    registerError(BrokenPoolError, 'BrokenPoolError');
  }

  /** `'BrokenPoolError'` */
  override readonly name = 'BrokenPoolError';

  /**
   * @param message which pool, and what happened
   * @param cause why
   */
  constructor(message: string, cause: unknown) {
    super('ERR_BROKEN_POOL', message);
    this.cause = cause;
  }
}

/**
 * Work given to a pool was cancelled before it was done: by `cancel`, or by the pool's `terminate`. Python's
 * `CancelledError`.
 *
 * @example
 * ```ts
 * import { CancelledError, Pool } from 'atomics-sync-free/multiprocessing';
 * const pool = new Pool(1);
 * const result = pool.applyAsync(() => {
 *   for (;;);
 * });
 * pool.terminate();
 * try {
 *   await result;
 * } catch (error) {
 *   if (!(error instanceof CancelledError)) throw error;
 *   console.log(error.code); // ERR_CANCELLED
 * }
 * ```
 */
export class CancelledError extends SyncError {
  static {
    registerError(CancelledError, 'CancelledError');
  }

  /** `'CancelledError'` */
  override readonly name = 'CancelledError';

  /** @param message what was cancelled, and by whom */
  constructor(message: string) {
    super('ERR_CANCELLED', message);
  }
}
