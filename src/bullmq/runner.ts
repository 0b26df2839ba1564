/** How a queue worker makes the calls of a batch, which may be cancelled meanwhile. */
import { SyncError } from '../core/errors.js';
import type { Server } from '../distributed/server.js';
import type { BatchOutcome } from '../joblib/parallel/backend.js';
import { failureOfResult, runBatch } from '../joblib/parallel/batch.js';
import type { PackedCalls } from '../joblib/parallel/packed-calls.js';
import type { AsyncResult } from '../multiprocessing/pool/async-result.js';
import { Pool } from '../multiprocessing/pool/pool.js';
import type { Call } from '../tasks/call.js';
import { decoded } from './payload.js';
import { type Carried, type Code, fetchCarried } from './queue.js';

/** How long a cancellation is remembered, in ms. */
const REMEMBERED = 60_000;

export class Runner {
  readonly #server: Server;
  readonly #urls: ReadonlyMap<string, string>;
  readonly #pool: Pool;
  readonly #running = new Map<string, AsyncResult<BatchOutcome>>();
  /** Batches cancelled recently: one may still be on its way from the server. */
  readonly #cancelled = new Set<string>();

  /**
   * @param urls the modules whose functions may be called, by the SHA-256 of their files
   * @param workers how many workers the pool has
   */
  constructor(server: Server, urls: ReadonlyMap<string, string>, workers: number) {
    this.#server = server;
    this.#urls = urls;
    this.#pool = new Pool(workers);
  }

  /** @returns the outcome of a batch; if it could not be run, a failure that says why */
  async outcomeOf(id: string, carried: Carried): Promise<BatchOutcome> {
    try {
      return await this.#run(id, carried);
    } catch (error) {
      return { values: [], duration: 0, failure: failureOfResult(error, 'the result') };
    }
  }

  async #run(id: string, carried: Carried): Promise<BatchOutcome> {
    const calls = decoded(await fetchCarried(this.#server, carried)) as PackedCalls<Code>;
    const batch = { ...calls, functions: calls.functions.map((code) => this.#textOf(code)) };
    const result = this.#pool.applyAsync(runBatch, [batch]) as AsyncResult<BatchOutcome>;
    this.#running.set(id, result);
    if (this.#cancelled.has(id)) result.cancel();
    try {
      return await result;
    } finally {
      this.#running.delete(id);
    }
  }

  /** A function as the pool's workers receive it: by the file of this machine that has the same content. */
  #textOf({ way, file, hash, name }: Code): string {
    const url = this.#urls.get(hash);
    if (url !== undefined) return JSON.stringify({ way, url, name } satisfies Call);
    const message =
      `a worker does not have the file of ${name}, ${file} with the SHA-256 ${hash.slice(0, 12)}…: give all workers the same ` +
      'file by --tasks, and restart them when it changes';
    throw new SyncError('ERR_FUNCTION', message);
  }

  /** Cancels a batch, whether it runs or is still to come. */
  cancel(id: string): void {
    this.#cancelled.add(id);
    setTimeout(() => this.#cancelled.delete(id), REMEMBERED).unref();
    this.#running.get(id)?.cancel();
  }

  close(): void {
    this.#pool.terminate();
  }
}
