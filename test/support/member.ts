// The worker's side of a crew. A worker file is one call: `member<Data>(({ data }) => …)`.
import { serve } from '#host';
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
  serve<Papers>(async ({ index, count, data, go, limit }, parent) => {
    const mailbox = new Mailbox();
    const tell = (kind: string, value?: unknown) => parent.send({ kind, value } satisfies Letter);
    parent.listen((letter) => mailbox.put(letter as Letter));
    tell('ready');
    Atomics.wait(go, 0, 0);
    const result = await work({
      index,
      count,
      data: data as Data,
      tell,
      next: <Value>(kind: string, ms = limit) =>
        mailbox.next(kind, ms, () => `worker ${index} was sent no '${kind}' within ${ms} ms`) as Promise<Value>,
    });
    tell('result', result);
  });
}
