// The test's side of a crew: workers that start together, are waited for with a limit, and never outlive their test.
import { setTimeout } from 'node:timers/promises';
import type { HostWorker } from '#dist/host/host.js';
import { start } from '#host';
import { type Letter, Mailbox, quiet } from './mailbox.js';
import type { Papers } from './member.js';
import { atTestEnd } from './suite.js';

/** Milliseconds that a wait may take when the test names none: long for a busy machine, short of the runner's limit. */
const LIMIT = 20_000;

export interface CrewOptions {
  /** How many workers (1). */
  readonly count?: number;
  /** What each worker gets as `data`. */
  readonly workerData?: unknown;
  /** Milliseconds that each wait for a worker may take (20000). */
  readonly limit?: number;
  /** Leaves it to the caller to `end` the crew, which otherwise ends with the test that started it. */
  readonly outlivesTest?: boolean;
}

/**
 * Waits until `condition` gives something truthy, and returns it.
 *
 * @param condition - asked about once a millisecond
 * @param options - `ms`: milliseconds to wait (20000); `what`: names the condition in the error
 * @throws when the time is over
 */
export async function until<Value>(
  condition: () => Value,
  { ms = LIMIT, what = String(condition) }: { readonly ms?: number; readonly what?: string } = {},
): Promise<Value> {
  const end = performance.now() + ms;
  for (;;) {
    const value = condition();
    if (value) return value;
    if (performance.now() > end) throw new Error(`not so within ${ms} ms: ${what}`);
    await setTimeout(1);
  }
}

/**
 * Workers that run one file (see `member`), start together, and are ended with the test that started them. What a
 * worker throws fails the test, unless the test asks for it by `failure()`.
 *
 * ```ts
 * const crew = await Crew.start<number>(new URL('./adder.worker.js', import.meta.url), { count: 4, workerData: memory });
 * assert.equal(await crew.done(), [1000, 1000, 1000, 1000]);
 * ```
 */
export class Crew<Result = unknown> {
  readonly members: readonly Member<Result>[];
  readonly #limit: number;

  private constructor(members: readonly Member<Result>[], limit: number) {
    this.members = members;
    this.#limit = limit;
  }

  /**
   * Starts the workers; every one of them is up and released when this resolves, so that the test may block its thread.
   *
   * @param url - the compiled worker file
   */
  static async start<Result>(url: URL, options: CrewOptions = {}): Promise<Crew<Result>> {
    const { count = 1, workerData, limit = LIMIT, outlivesTest = false } = options;
    const go = new Int32Array(new SharedArrayBuffer(4));
    const members = Array.from(
      { length: count },
      (_, index) => new Member<Result>(url, { index, count, data: workerData, go, limit }),
    );
    const crew = new Crew(members, limit);
    if (!outlivesTest) atTestEnd(() => crew.end());
    await crew.#hearAll('ready', limit);
    Atomics.store(go, 0, 1);
    Atomics.notify(go, 0);
    return crew;
  }

  /**
   * The results of the workers that the test has not terminated, in their order.
   *
   * @param ms - milliseconds to wait for all of them
   * @throws the first error of a worker, or one that names the workers that gave no result in time
   */
  done(ms: number = this.#limit): Promise<Result[]> {
    return this.#hearAll('result', ms) as Promise<Result[]>;
  }

  #hearAll(kind: string, ms: number): Promise<unknown[]> {
    const silent = new Set(this.members.filter((member) => !member.terminated));
    const silence = () => `no '${kind}' within ${ms} ms from ${[...silent].join(', ')}`;
    const values = [...silent].map(async (member) => {
      const value = await member.next(kind, ms, silence);
      silent.delete(member);
      return value;
    });
    return quiet(Promise.all(values));
  }

  /** Ends the workers wherever they are; throws what one of them threw and nobody was told. */
  async end(): Promise<void> {
    await Promise.all(this.members.map((member) => member.terminate()));
    for (const member of this.members) member.throwUnexpected();
  }
}

/** One worker of a crew. */
export class Member<Result = unknown> {
  readonly #worker: HostWorker;
  /** Resolved when the worker has ended and what it threw is known. */
  readonly #end: Promise<void>;
  readonly #name: string;
  readonly #limit: number;
  readonly #mailbox = new Mailbox();
  #last = 'nothing';
  #thrown: Error | undefined;
  #expected = false;
  #ended = false;
  #terminated = false;

  /** Only a crew makes one. */
  constructor(url: URL, papers: Papers) {
    this.#limit = papers.limit;
    this.#name = `worker ${papers.index} of ${url.pathname.split('/').at(-1)}`;
    const onMessage = (message: unknown): void => {
      const letter = message as Letter;
      this.#last = `'${letter.kind}'`;
      this.#mailbox.put(letter);
    };
    this.#worker = start(url, { data: papers, onMessage });
    this.#end = this.#worker.exit.then((exit) => {
      this.#ended = true;
      if (exit.cause === 'threw') this.#threw(exit.error);
      const how = exit.cause === 'ended' ? `ended with code ${exit.code}` : 'was terminated';
      this.#mailbox.close(this.#thrown ?? new Error(`${this} ${how}`));
    });
  }

  #threw(thrown: unknown): void {
    const error = thrown instanceof Error ? thrown : new Error(`threw ${String(thrown)}`);
    error.message = `${this.#name}: ${error.message}`;
    this.#thrown = error;
  }

  /** Whether the worker has ended, by itself or not. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether the test has ended the worker. */
  get terminated(): boolean {
    return this.#terminated;
  }

  /** Sends a message that the worker reads by `next(kind)`. */
  tell(kind: string, value?: unknown): void {
    this.#worker.send({ kind, value } satisfies Letter);
  }

  /**
   * The value of the next message of that kind from the worker.
   *
   * @param ms - milliseconds to wait for it
   * @throws what the worker threw; or an error that names the worker when it ends or is silent for that long
   */
  next<Value>(
    kind: string,
    ms: number = this.#limit,
    silence = () => `no '${kind}' within ${ms} ms from ${this}`,
  ): Promise<Value> {
    return this.#mailbox.next(kind, ms, silence) as Promise<Value>;
  }

  /** What the worker's function returned; the parameter and the errors are those of `next`. */
  result(ms?: number): Promise<Result> {
    return this.next<Result>('result', ms);
  }

  /**
   * What the worker threw, for a test that wants it to.
   *
   * @param ms - milliseconds to wait for it
   * @throws when the worker does not end in that time, or ends without an error
   */
  async failure(ms: number = this.#limit): Promise<Error> {
    await until(() => this.#ended, { ms, what: `${this} ended` });
    if (!this.#thrown) throw new Error(`${this} threw nothing`);
    this.#expected = true;
    return this.#thrown;
  }

  /** Lets the test's process end although the worker runs. */
  unref(): void {
    this.#worker.unref();
  }

  /** Ends the worker wherever it is, and waits until it has ended. */
  async terminate(): Promise<void> {
    this.#terminated = true;
    await this.#worker.terminate();
    await this.#end;
  }

  /** Throws what the worker threw if the test did not ask for it. */
  throwUnexpected(): void {
    if (this.#thrown && !this.#expected) throw this.#thrown;
  }

  toString(): string {
    return `${this.#name} (the last it told was ${this.#last})`;
  }
}
