/** What a machine does that works for others: it takes batches from the queue, and has its Pool make their calls. */
import { pathToFileURL } from 'node:url';
import type { ConnectionOptions, Job, Worker } from 'bullmq';
import { SyncError } from '../core/errors.js';
import { addressOf, checkNamespace } from '../distributed/address.js';
import { peer } from '../distributed/peer.js';
import { type Connection, connectionFor, Server } from '../distributed/server.js';
import { serverError } from '../distributed/server-error.js';
import type { BatchOutcome } from '../joblib/parallel/backend.js';
import { failureOfResult, runBatch } from '../joblib/parallel/batch.js';
import type { PackedCalls } from '../joblib/parallel/packed-calls.js';
import { cpuCount } from '../multiprocessing/cpu-count.js';
import type { AsyncResult } from '../multiprocessing/pool/async-result.js';
import { Pool } from '../multiprocessing/pool/pool.js';
import type { Call } from '../tasks/call.js';
import { hashOf } from './code.js';
import { Grouped } from './grouped.js';
import { Held } from './held.js';
import { decoded, encoded } from './payload.js';
import { type Carried, type Code, carry, doneLine, fetchCarried, KEPT, namesIn, QUEUE, sessionOf } from './queue.js';

/** What a worker is started with. */
export interface QueueWorkerOptions {
  /** The files of the functions that it may call. */
  readonly tasks: readonly string[];
  /** How many batches it works at at the same time; as many as there are processors by default. */
  readonly concurrency?: number | undefined;
  readonly namespace?: string | undefined;
  /** Is told what goes wrong and is made up for. */
  readonly onTrouble: (message: string) => void;
}

/** How long a command may take, in ms. */
const PATIENCE = 5000;
/** A worker that has not renewed its hold of a batch for so long is dead, in ms; and so often others look for dead ones. */
const LOCK = 5000;
const STALLED = 1000;
/** How long it is remembered that a batch was given up, in ms. */
const REMEMBERED = 60_000;
/** Of so many batches at most one message tells that they are done. */
const MOST_TOLD = 32;
/** So many workers may die of a batch, or be frozen, before it is given up. */
const MOST_STALLED = 3;

/** What is to be told of a batch. */
interface Done {
  readonly session: string;
  readonly line: string;
}

/** A worker of the queue, at work. */
export class QueueWorker {
  readonly #server: Server;
  readonly #ears: Server;
  readonly #worker: Worker;
  /** Whoever makes it ends it: BullMQ does not. */
  readonly #connection: Connection;
  readonly #pool: Pool;
  readonly #telling: Grouped<Done>;

  private constructor(
    server: Server,
    ears: Server,
    worker: Worker,
    connection: Connection,
    pool: Pool,
    telling: Grouped<Done>,
  ) {
    this.#server = server;
    this.#ears = ears;
    this.#worker = worker;
    this.#connection = connection;
    this.#pool = pool;
    this.#telling = telling;
  }

  /**
   * Begins to work.
   *
   * @throws SyncError what is the matter with the server, or `ERR_MISSING_PEER`, or `ERR_FUNCTION` when a file cannot be read
   */
  static async start(url: string, options: QueueWorkerOptions): Promise<QueueWorker> {
    const { tasks, concurrency = cpuCount(), namespace = 'asf', onTrouble } = options;
    const address = addressOf(url);
    checkNamespace(namespace);
    const names = namesIn(namespace);
    const urls = new Map(tasks.map((file) => pathToFileURL(file).href).map((module) => [hashOf(module), module]));
    const { Worker } = await peer('bullmq', () => import('bullmq'));
    const server = await Server.open(address, PATIENCE);
    const ears = await Server.open(address, PATIENCE);
    const pool = new Pool(concurrency);
    const held = new Held();
    const running = new Map<string, AsyncResult<BatchOutcome>>();
    /** Those that were given up lately: one may be on its way from the server. */
    const cancelled = new Set<string>();
    await ears.subscribe(names.cancelled, (name) => {
      cancelled.add(name);
      setTimeout(() => cancelled.delete(name), REMEMBERED).unref();
      running.get(name)?.cancel();
    });

    const textOf = (code: Code): string =>
      JSON.stringify({ way: code.way, url: foundIn(urls, code), name: code.name } satisfies Call);

    async function outcomeOf(id: string, carried: Carried): Promise<BatchOutcome> {
      const calls = decoded(await fetchCarried(server, carried)) as PackedCalls<Code>;
      const batch = { ...calls, functions: calls.functions.map(textOf) };
      const result = pool.applyAsync(runBatch, [batch]) as AsyncResult<BatchOutcome>;
      running.set(id, result);
      if (cancelled.has(id)) result.cancel();
      try {
        return await result;
      } finally {
        running.delete(id);
      }
    }

    async function work(job: Job<Carried>): Promise<Carried> {
      const id = job.id ?? '';
      let outcome: BatchOutcome;
      try {
        outcome = await outcomeOf(id, job.data);
      } catch (error) {
        outcome = { values: [], duration: 0, failure: failureOfResult(error, 'the result') };
      }
      // BullMQ tries again what throws.
      const isLast = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
      if (outcome.failure !== undefined && !isLast) throw new Error('a call has thrown');
      worker.concurrency = concurrency * held.after(outcome.duration);
      const result = names.parts(id, 'result');
      try {
        return await carry(server, result, encodedOutcome(outcome));
      } catch (error) {
        // It is too large for the server as it is now; that can be said in few bytes.
        return carry(server, result, encodedOutcome({ ...outcome, values: [], failure: { error } }));
      }
    }

    const connection = await connectionFor(address);
    const worker = new Worker<Carried, Carried>(QUEUE, work, {
      connection: connection as ConnectionOptions,
      prefix: names.prefix,
      concurrency,
      lockDuration: LOCK,
      stalledInterval: STALLED,
      maxStalledCount: MOST_STALLED,
      removeOnComplete: { age: KEPT },
      removeOnFail: { age: KEPT },
    });
    worker.on('error', (error) => onTrouble(troubleOf(error, address.label)));
    // What is done while a message is under way goes together in the next one.
    const telling = new Grouped<Done>(MOST_TOLD, async (done) => {
      const messages = new Map<string, string>();
      for (const { session, line } of done) {
        const before = messages.get(session);
        messages.set(session, before === undefined ? line : `${before}\n${line}`);
      }
      const commands = [...messages].map(([session, text]) => ['PUBLISH', names.done(session), text] as const);
      await server.commands(commands).catch(() => {});
    });
    const tell = (job: Job<Carried> | undefined, result?: Carried): void => {
      if (job?.id !== undefined) telling.add({ session: sessionOf(job.id), line: doneLine(job.id, result) });
    };
    worker.on('completed', tell);
    worker.on('failed', (job) => tell(job));
    await worker.waitUntilReady();
    return new QueueWorker(server, ears, worker, connection, pool, telling);
  }

  /** Takes no more batches, and ends when those that it has are done. */
  async closeAsync(): Promise<void> {
    await this.#worker.close();
    await this.#telling.idle();
    this.#connection.disconnect();
    this.#pool.terminate();
    await Promise.all([this.#server.close(), this.#ears.close()]);
  }
}

/** @returns the file of this machine that has the same content */
function foundIn(urls: ReadonlyMap<string, string>, { file, hash, name }: Code): string {
  const url = urls.get(hash);
  if (url !== undefined) return url;
  const message =
    `a worker does not have the file of ${name}, ${file} with the SHA-256 ${hash.slice(0, 12)}…: give all workers the same ` +
    'file by --tasks, and start them again when it changes';
  throw new SyncError('ERR_FUNCTION', message);
}

/** What a call returned may be what cannot leave this machine. */
function encodedOutcome(outcome: BatchOutcome): Uint8Array {
  try {
    return encoded(outcome, 'the result');
  } catch (error) {
    const failure = failureOfResult(error, 'the result');
    return encoded({ values: [], duration: outcome.duration, failure } satisfies BatchOutcome, 'the result');
  }
}

/** BullMQ's own errors say which job; those of the connection may hold what must not be shown. */
function troubleOf(error: Error, label: string): string {
  const isServers = error.name === 'ReplyError' || 'code' in error || 'errno' in error;
  return isServers ? serverError(error, label, false).message : error.message;
}
