// The worker's side of a crew. A worker file is one call: `member<Data>(({ data }) => …)`.
import { parentPort, workerData } from 'node:worker_threads';
import { type Letter, Mailbox } from './mailbox.js';

/** What `Crew.start` hands to every worker. */
export interface Papers {
  readonly index: number;
  readonly count: number;
  readonly data: unknown;
  /** One word: 0 until every worker of the crew is up. */
  readonly go: Int32Array<SharedArrayBuffer>;
  readonly limit: number;
}

export interface Post<Data> {
  /** This worker's place in its crew, from 0. */
  readonly index: number;
  readonly count: number;
  /** The `workerData` that the test gave to `Crew.start`. */
  readonly data: Data;
  /** Sends a message that the test reads by `next(kind)`. */
  tell(kind: string, value?: unknown): void;
  /** The next message of that kind from the test; fails after `ms` milliseconds (the crew's limit). */
  next<Value>(kind: string, ms?: number): Promise<Value>;
}

/**
 * Runs `work` when the whole crew is up, all workers at once; what it returns is the worker's result, what it throws
 * fails the test.
 */
export function member<Data>(work: (post: Post<Data>) => unknown): void {
  if (!parentPort) throw new Error('a crew member runs in a worker');
  const port = parentPort;
  const { index, count, data, go, limit } = workerData as Papers;
  const mailbox = new Mailbox();
  const tell = (kind: string, value?: unknown) => port.postMessage({ kind, value } satisfies Letter);
  port.on('message', (letter: Letter) => mailbox.put(letter));
  // Listening alone is no reason to stay: a worker whose work is done ends by itself.
  port.unref();

  tell('ready');
  Atomics.wait(go, 0, 0);
  Promise.resolve({
    index,
    count,
    data: data as Data,
    tell,
    next: <Value>(kind: string, ms = limit) =>
      mailbox.next(kind, ms, () => `worker ${index} was sent no '${kind}' within ${ms} ms`) as Promise<Value>,
  })
    .then(work)
    .then((result) => tell('result', result));
}
