/** Pipes: two ends, each of which receives what is sent at the other; two rings, or one if it is one-way. */
import { checkBoolean } from '../core/arguments.js';
import { Connection } from './connection.js';
import { makeDirection } from './pipe-end.js';
import { byteLimitOf, type QueueOptions } from './simple-queue.js';

/**
 * Makes a pipe: Python's `multiprocessing.Pipe`.
 *
 * @typeParam T what the first end receives, and the second sends
 * @typeParam Sent what the first end sends, and the second receives; the same by default
 * @param duplex whether both ends send and receive; otherwise the first only receives, and the second only sends
 * @param options where it lives, and how large it may become
 * @returns both ends
 * @throws TypeError or RangeError when an argument is invalid
 * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
 *   SharedArrayBuffer
 *
 * @example
 * ```ts
 * import { Pipe } from 'atomics-sync-free/multiprocessing';
 * const [reader, writer] = Pipe<string>(false);
 * writer.send('hello');
 * console.log(reader.recv(), reader.writable); // hello false
 * ```
 */
export function Pipe<T = unknown, Sent = T>(
  duplex = true,
  options: QueueOptions = {},
): [Connection<T, Sent>, Connection<Sent, T>] {
  checkBoolean('duplex', duplex);
  const limit = byteLimitOf('Pipe', options);
  const first = new Connection<T, Sent>(options);
  const { arena } = first;
  const second = new Connection<Sent, T>({ arena });
  const make = (receiver: Connection<unknown>, sender: Connection<unknown>): SharedArrayBuffer =>
    makeDirection(arena.words, receiver.cell, sender.cell, limit);
  const memories = duplex ? [make(first, second), make(second, first)] : [make(first, second)];
  first.open(memories);
  second.open(memories.toReversed());
  return [first, second];
}
