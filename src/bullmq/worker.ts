/** A machine that works for others: it takes batches from the queue, has them run, and stores their outcomes there. */
import { pathToFileURL } from 'node:url';
import type * as Bullmq from 'bullmq';
import type { ConnectionOptions, Job, Worker } from 'bullmq';
import { type Address, addressOf, checkNamespace } from '../distributed/address.js';
import { now } from '../distributed/clock.js';
import { peer } from '../distributed/peer.js';
import { type Connection, connectionFor, Server } from '../distributed/server.js';
import { serverError } from '../distributed/server-error.js';
import type { BatchOutcome } from '../joblib/parallel/backend.js';
import { failureOfResult } from '../joblib/parallel/batch.js';
import { cpuCount } from '../multiprocessing/cpu-count.js';
import { hashOf } from './code.js';
import { Grouped } from './grouped.js';
import { Held } from './held.js';
import { encoded } from './payload.js';
import { type Carried, carry, doneLine, KEPT, type Names, namesIn, QUEUE, sessionOf } from './queue.js';
import { Runner } from './runner.js';

/** What a worker is started with. */
interface QueueWorkerOptions {
  /** The files of the functions that it may call. */
  readonly tasks: readonly string[];
  /** How many batches it works on concurrently; as many as there are processors by default. */
  readonly concurrency?: number | undefined;
  readonly namespace?: string | undefined;
  /** Called with errors from which the worker recovers. */
  readonly onTrouble: (message: string) => void;
}

/** How long a command may take, in ms. */
const PATIENCE = 5000;
/** A worker that has not renewed its lock on a batch for this long is dead, in ms; others look for dead ones this often. */
const LOCK = 5000;
const STALLED = 1000;
/** One message reports the ends of at most this many batches. */
const MOST_TOLD = 32;
/** How many workers may die or freeze over a batch before it is given up. */
const MOST_STALLED = 3;

/** What is to be reported of a batch. */
interface Done {
  readonly session: string;
  readonly line: string;
}

/** What a queue worker works with, and closes at its end. */
interface Equipment {
  readonly address: Address;
  readonly names: Names;
  readonly server: Server;
  readonly ears: Server;
  readonly runner: Runner;
  /** Closed by its creator: BullMQ does not close it. */
  readonly connection: Connection;
}

/** A running queue worker. */
export class QueueWorker {
  readonly #has: Equipment;
  readonly #worker: Worker;
  readonly #concurrency: number;
  readonly #held = new Held();
  /** What is done while a message is under way goes together in the next one. */
  readonly #telling = new Grouped<Done>(MOST_TOLD, (done) => this.#publish(done));

  private constructor(
    has: Equipment,
    bullmq: typeof Bullmq,
    concurrency: number,
    onTrouble: (message: string) => void,
  ) {
    this.#has = has;
    this.#concurrency = concurrency;
    const worker = new bullmq.Worker<Carried, Carried>(QUEUE, (job) => this.#work(job), {
      connection: has.connection as ConnectionOptions,
      prefix: has.names.prefix,
      concurrency,
      lockDuration: LOCK,
      stalledInterval: STALLED,
      maxStalledCount: MOST_STALLED,
      removeOnComplete: { age: KEPT },
      removeOnFail: { age: KEPT },
    });
    worker.on('error', (error) => onTrouble(troubleOf(error, has.address.label)));
    worker.on('completed', (job, result) => this.#tell(job, result));
    worker.on('failed', (job) => this.#tell(job));
    this.#worker = worker;
  }

  /**
   * Starts working.
   *
   * @throws SyncError by what is wrong with the server; `ERR_MISSING_PEER`; `ERR_FUNCTION` when a file cannot be read
   */
  static async start(url: string, options: QueueWorkerOptions): Promise<QueueWorker> {
    const { tasks, concurrency = cpuCount(), namespace = 'asf', onTrouble } = options;
    const address = addressOf(url);
    checkNamespace(namespace);
    const names = namesIn(namespace);
    const urls = new Map(tasks.map((file) => pathToFileURL(file).href).map((module) => [hashOf(module), module]));
    const bullmq = await peer('bullmq', () => import('bullmq'));
    const server = await Server.open(address, PATIENCE);
    const ears = await Server.open(address, PATIENCE);
    const runner = new Runner(server, urls, concurrency);
    await ears.subscribe(names.cancelled, (name) => runner.cancel(name));
    const connection = await connectionFor(address);
    const equipment = { address, names, server, ears, runner, connection };
    const started = new QueueWorker(equipment, bullmq, concurrency, onTrouble);
    await started.#worker.waitUntilReady();
    return started;
  }

  async #work(job: Job<Carried>): Promise<Carried> {
    const { server, names, runner } = this.#has;
    const id = job.id ?? '';
    const outcome = await runner.outcomeOf(id, job.data);
    // BullMQ retries a job that throws.
    const isLast = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    if (outcome.failure !== undefined && !isLast) throw new Error('a call threw');
    this.#worker.concurrency = this.#concurrency * this.#held.after(outcome.duration);
    const result = names.parts(id, 'result');
    try {
      return await carry(server, result, encodedOutcome(outcome));
    } catch (error) {
      // It is too large for the server at present; saying so takes few bytes.
      return carry(server, result, encodedOutcome({ ...outcome, values: [], failure: { error } }));
    }
  }

  #tell(job: Job<Carried> | undefined, result?: Carried): void {
    if (job?.id !== undefined) this.#telling.add({ session: sessionOf(job.id), line: doneLine(job.id, result) });
  }

  async #publish(done: readonly Done[]): Promise<void> {
    const { server, names } = this.#has;
    const messages = new Map<string, string>();
    for (const { session, line } of done) {
      const before = messages.get(session);
      messages.set(session, before === undefined ? line : `${before}\n${line}`);
    }
    const commands = [...messages].map(([session, text]) => ['PUBLISH', names.done(session), text] as const);
    await server.commands(commands).catch(() => {});
  }

  /**
   * Takes no more batches, and resolves when those that it has are done, or once the server has been away for so long that
   * others may have them.
   */
  async closeAsync(): Promise<void> {
    const { server, ears, runner, connection } = this.#has;
    await this.#unlessAway(this.#worker.pause());
    await this.#worker.close(true);
    connection.disconnect();
    runner.close();
    await this.#telling.idle();
    await Promise.all([server.close(), ears.close()]);
  }

  /** Resolves when the work is done, or will never be: BullMQ waits for a server for as long as it takes. */
  async #unlessAway(work: Promise<unknown>): Promise<void> {
    const { server, names } = this.#has;
    let timer: ReturnType<typeof setInterval> | undefined;
    const away = new Promise<void>((resolve) => {
      let reached = now();
      const look = async (): Promise<void> => {
        try {
          await server.command('EXISTS', names.completed);
          reached = now();
        } catch {
          if (now() - reached > LOCK) resolve();
        }
      };
      timer = setInterval(look, STALLED);
    });
    await Promise.race([work.catch(() => {}), away]);
    clearInterval(timer);
  }
}

/** The bytes of an outcome; if it cannot leave this machine, the bytes of the reason. */
function encodedOutcome(outcome: BatchOutcome): Uint8Array {
  try {
    return encoded(outcome, 'the result');
  } catch (error) {
    const failure = failureOfResult(error, 'the result');
    return encoded({ values: [], duration: outcome.duration, failure } satisfies BatchOutcome, 'the result');
  }
}

/** BullMQ's own errors name the job; those of the connection may hold what must not be shown. */
function troubleOf(error: Error, label: string): string {
  const isServers = error.name === 'ReplyError' || 'code' in error || 'errno' in error;
  return isServers ? serverError(error, label, false).message : error.message;
}
