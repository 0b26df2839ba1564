/**
 * The batches that a program awaits: puts them into the queue and collects their outcomes. A message says that a job is
 * done; it may be lost, so a sweep looks at everything awaited. The job on the server is authoritative.
 *
 * ```text
 *  submit ──▶ adding ──▶ the job is there ──▶ a message, or the sweep ──▶ collecting ──▶ delivered, and the job is removed
 *    │                        │ lost by the server: added again                │ failed: delivered as an error
 *    └─ give up ◀── cancel ◀──┴─ no server, or no worker, for its patience ◀───┘
 * ```
 */
import type { Queue } from 'bullmq';
import { SyncError } from '../core/errors.js';
import { now } from '../distributed/clock.js';
import type { Server } from '../distributed/server.js';
import { serverError } from '../distributed/server-error.js';
import { Grouped } from './grouped.js';
import { BATCH, type Carried, carry, fetchCarried, idOf, isLarge, KEPT, type Names, readDone } from './queue.js';

/** A batch to run. */
export interface Batch {
  /** The number that the program knows it by. */
  readonly id: number;
  /** The encoded calls. */
  readonly bytes: Uint8Array;
  /** How many more times it is tried when a call throws. */
  readonly retries: number;
  /** How long it waits without a server or a worker, in ms. */
  readonly patience: number;
}

/** Receives the outcome of a batch: encoded, or why there is none. */
interface Receiver {
  done(id: number, bytes: Uint8Array): void;
  failed(id: number, error: SyncError): void;
}

interface Pending extends Batch {
  /** The job's id. */
  readonly name: string;
  readonly since: number;
}

/** How the queue is reached. */
export interface Way {
  readonly server: Server;
  readonly queue: Queue;
  readonly names: Names;
  /** The prefix of this program's job ids. */
  readonly session: string;
}

/** The pause before a batch in which a call threw is tried again, doubled each time, in ms. */
const PAUSE = 100;
/** How many jobs are sent to the server at a time, and how many are fetched. */
const MOST_ADDED = 32;
const MOST_COLLECTED = 256;

/** What a job's hash says about its end. */
const FIELDS = ['timestamp', 'finishedOn', 'returnvalue', 'failedReason'] as const;

export class Batches {
  readonly #way: Way;
  readonly #receiver: Receiver;
  readonly #pending = new Map<string, Pending>();
  readonly #adding = new Grouped<Pending>(MOST_ADDED, (batches) => this.#add(batches));
  readonly #collecting = new Grouped<string>(MOST_COLLECTED, (names) => this.#collect(names));
  readonly #removing = new Grouped<string>(MOST_COLLECTED, (names) => this.#remove(names));
  /** When the server last took a change, and when a worker was last there. */
  #reached = now();
  #served = now();
  #hasAdded = false;
  /** Why the server takes no changes. */
  #trouble: SyncError | undefined;

  constructor(way: Way, receiver: Receiver) {
    this.#way = way;
    this.#receiver = receiver;
  }

  submit(batch: Batch): void {
    const pending = { ...batch, name: this.#nameOf(batch.id), since: now() };
    this.#pending.set(pending.name, pending);
    this.#adding.add(pending);
  }

  /** Stops awaiting a batch. */
  cancel(id: number): void {
    const batch = this.#drop(this.#nameOf(id));
    if (batch !== undefined) void this.#giveUp(batch);
  }

  /** Handles a message: one line for each job that is done, perhaps with its result. */
  hear(message: string): void {
    for (const line of message.split('\n')) this.#hearLine(line);
  }

  #hearLine(line: string): void {
    const [name, bytes] = readDone(line);
    if (bytes !== undefined) {
      const batch = this.#drop(name);
      if (batch !== undefined) this.#receiver.done(batch.id, bytes);
    }
    if (this.#pending.has(name)) this.#collecting.add(name);
    // It was delivered, or it was given up without its worker knowing.
    else this.#removing.add(name);
  }

  #nameOf(id: number): string {
    return idOf(this.#way.session, id);
  }

  #drop(name: string): Pending | undefined {
    const batch = this.#pending.get(name);
    this.#pending.delete(name);
    return batch;
  }

  #fail({ name, id }: Pending, error: SyncError): void {
    if (this.#drop(name) !== undefined) this.#receiver.failed(id, error);
  }

  // --- into the queue ----------------------------------------------------------------------------------------------------

  async #add(batches: readonly Pending[]): Promise<void> {
    const wanted = batches.filter(({ name }) => this.#pending.has(name));
    if (wanted.length === 0) return;
    const trouble = await this.#addJobs(wanted);
    // What was given up meanwhile may have been added since.
    for (const batch of wanted) if (!this.#pending.has(batch.name)) void this.#giveUp(batch);
    if (trouble === undefined) return;
    for (const batch of wanted) {
      this.#fail(batch, trouble);
      void this.#giveUp(batch);
    }
  }

  /** @returns why they cannot be added, if it is useless to try again */
  async #addJobs(wanted: readonly Pending[]): Promise<SyncError | undefined> {
    try {
      await this.#way.queue.addBulk(await Promise.all(wanted.map((batch) => this.#jobOf(batch))));
      this.#hasAdded = true;
      return undefined;
    } catch (error) {
      const known = this.#explained(error);
      // After a broken connection the jobs may or may not be there, and once a server has become a replica, the next connection
      // may lead to the new primary: the sweep finds out.
      if (known.code === 'ERR_UNREACHABLE' || known.code === 'ERR_SERVER_TIMEOUT') return undefined;
      return known.code === 'ERR_READ_ONLY' && this.#hasAdded ? undefined : known;
    }
  }

  async #jobOf({ name, bytes, retries }: Pending): Promise<{ name: string; data: Carried; opts: object }> {
    const { server, names } = this.#way;
    const data = await carry(server, names.parts(name, 'arguments'), bytes);
    // Adding a job of the same name again changes nothing.
    const opts = { jobId: name };
    const again = { attempts: retries + 1, backoff: { type: 'exponential', delay: PAUSE } };
    return { name: BATCH, data, opts: retries === 0 ? opts : { ...opts, ...again } };
  }

  /** First removes it from the waiting jobs, so that no worker that becomes free begins it. */
  async #giveUp({ name }: Pending): Promise<void> {
    const { server, queue, names } = this.#way;
    await queue.remove(name).catch(() => {});
    await server.command('PUBLISH', names.cancelled, name).catch(() => {});
    // It may be done already, and told of, but not fetched.
    await server.command('UNLINK', names.parts(name, 'arguments'), names.parts(name, 'result')).catch(() => {});
  }

  // --- out of it ---------------------------------------------------------------------------------------------------------

  async #collect(wanted: readonly string[]): Promise<void> {
    const { server, names } = this.#way;
    const asked = wanted.filter((name) => this.#pending.has(name));
    if (asked.length === 0) return;
    try {
      const answers = await server.commands(asked.map((name) => ['HMGET', names.job(name), ...FIELDS]));
      const over = await Promise.all(
        asked.map((name, at) => this.#take(name, answers[at] as (string | null)[]).catch(() => false)),
      );
      for (const name of asked.filter((_, at) => over[at])) this.#removing.add(name);
    } catch {
      // The sweep looks at them again; it knows how long the server has been away.
    }
  }

  /**
   * Delivers the outcome of a batch, if there is one.
   *
   * @param fields those of its job
   * @returns whether the job is over
   */
  async #take(name: string, [added, finished, value, reason]: readonly (string | null)[]): Promise<boolean> {
    const batch = this.#pending.get(name);
    if (batch === undefined) return false;
    // A server that has lost its data has lost the job: add it again.
    if (added === null) this.#adding.add(batch);
    if (finished === null) return false;
    if (value === null) {
      const message = `the workers that ran a batch of Parallel died, or were unreachable for too long: ${reason}`;
      this.#fail(batch, new SyncError('ERR_WORKER_DIED', message));
      return true;
    }
    const bytes = await fetchCarried(this.#way.server, JSON.parse(value) as Carried);
    if (this.#drop(name) !== undefined) this.#receiver.done(batch.id, bytes);
    return true;
  }

  /** Removes everything about these jobs from the server. */
  async #remove(over: readonly string[]): Promise<void> {
    const { server, names } = this.#way;
    const keys = over.flatMap((id) => [names.job(id), names.parts(id, 'arguments'), names.parts(id, 'result')]);
    const commands = [
      ['ZREM', names.completed, ...over],
      ['ZREM', names.failed, ...over],
      ['UNLINK', ...keys],
    ] as const;
    await server.commands(commands).catch(() => {});
  }

  // --- what no message tells ---------------------------------------------------------------------------------------------

  /** Looks at everything awaited, and gives up what has waited for longer than its patience. */
  async sweep(): Promise<void> {
    if (this.#pending.size === 0) {
      this.#reached = this.#served = now();
      return;
    }
    const { server, names, session } = this.#way;
    for (const name of this.#pending.keys()) this.#collecting.add(name);
    try {
      // This removes nothing, but a server that takes no changes refuses it.
      const probe = ['UNLINK', names.parts(session, 'result')] as const;
      await server.commands([probe, ...[...this.#pending.values()].flatMap((batch) => this.#keeping(batch))]);
      this.#reached = now();
      const [, workers] = (await server.command('PUBSUB', 'NUMSUB', names.cancelled)) as [string, number];
      if (Number(workers) > 0) this.#served = now();
    } catch (error) {
      this.#trouble = this.#explained(error);
      // Whether workers are there is unknown.
      this.#served = now();
    }
    for (const batch of [...this.#pending.values()]) {
      const error = this.#whyTooLong(batch);
      if (error === undefined) continue;
      this.#fail(batch, error);
      void this.#giveUp(batch);
    }
  }

  /** @returns the command by which the arguments of a batch last for as long as it is awaited */
  #keeping({ name, bytes }: Pending): (readonly [string, string, number])[] {
    return isLarge(bytes) ? [['EXPIRE', this.#way.names.parts(name, 'arguments'), KEPT]] : [];
  }

  #whyTooLong({ since, patience }: Pending): SyncError | undefined {
    const seconds = (moment: number): number => Math.round((now() - Math.max(moment, since)) / 1000);
    const isTooLong = (moment: number): boolean => now() - Math.max(moment, since) > patience;
    const { label } = this.#way.server;
    if (isTooLong(this.#reached)) {
      const { code, message } =
        this.#trouble ?? new SyncError('ERR_UNREACHABLE', `the server ${label} cannot be reached`);
      return new SyncError(code, `${message}; this has lasted for ${seconds(this.#reached)} s`);
    }
    if (!isTooLong(this.#served)) return undefined;
    const how = 'npx atomics-sync-free worker redis://… --tasks FILE';
    return new SyncError(
      'ERR_NO_WORKERS',
      `no worker for batches of this version has been connected for ${seconds(this.#served)} s; start one: ${how}`,
    );
  }

  #explained(error: unknown): SyncError {
    return serverError(error, this.#way.server.label, true);
  }
}
