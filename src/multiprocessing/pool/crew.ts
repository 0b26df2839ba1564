/** The workers of a pool, by their numbers: how they are started, found dead, and ended. */
import { microtask } from '../../core/wait/turns.js';
import type { Entry } from '../../host/roll.js';
import type { ForeignWorker } from '../../host/settings.js';
import { client } from '../../tasks/client.js';
import { WorkerDiedError } from '../../tasks/died.js';
import type { Job } from '../../tasks/job.js';
import { resolveOwn } from '../../tasks/target.js';
import { currentProcess } from '../here.js';
import type { StartMethod } from '../start-method.js';
import type { ProcessWorkers } from '../workers.js';
import type { Claims } from './claims.js';
import { keepWorker } from './keeper.js';
import { type Brief, poolWorker } from './worker.js';

/** What all workers are told. */
export interface Briefing extends Omit<Brief, 'worker' | 'name' | 'board' | 'parent' | 'child'> {
  readonly startMethod: StartMethod;
  /** Makes a worker whose own module serves the functions; by default the package does. */
  readonly make: (() => ForeignWorker) | undefined;
  readonly workers: ProcessWorkers;
}

/** A worker that has ended. */
export interface Dead {
  readonly worker: number;
  readonly name: string;
  readonly entry: Entry;
  readonly error: WorkerDiedError;
  /** Whether it had become able to take tasks. */
  readonly wasReady: boolean;
  /** Whether it left, because there was nothing more to do. */
  readonly hasLeft: boolean;
}

export class Crew {
  readonly #name: string;
  readonly #briefing: Briefing;
  readonly #claims: Claims;
  readonly #onEnded: () => void;
  /** The working ones, by number − 1. */
  readonly #jobs: (Job | undefined)[] = [];
  /** Those that have been replaced, or will not be, until they have ended. */
  readonly #leaving = new Set<Entry>();

  /**
   * @param name of the pool
   * @param onEnded called in a turn of the event loop after a worker has ended
   */
  constructor(name: string, briefing: Briefing, claims: Claims, onEnded: () => void) {
    this.#name = name;
    this.#briefing = briefing;
    this.#claims = claims;
    this.#onEnded = onEnded;
  }

  /** Starts a worker under a number; the one that had it is no longer known by it. */
  start(worker: number): void {
    this.dismiss(worker);
    this.#claims.setReady(worker, false);
    const name = this.#nameOf(worker);
    const board = this.#claims.words;
    const { startMethod, make, workers, ...briefing } = this.#briefing;
    const { settings, onOutput, child } = workers;
    const brief: Brief = { ...briefing, child, worker, name, board, parent: currentProcess() };
    this.#jobs[worker - 1] = client().start({
      ...resolveOwn(startMethod === 'process' ? keepWorker : poolWorker, make),
      args: [brief],
      settings,
      onOutput,
      name,
      daemon: true,
      kind: 'helper',
      // It may be called in the middle of a call that asks about another worker.
      onEnded: () => microtask(this.#onEnded),
    });
  }

  /** Forgets which worker has a number; that worker is about to end, or has ended. */
  dismiss(worker: number): void {
    const job = this.#jobs[worker - 1];
    if (job !== undefined) this.#leaving.add(job.entry);
    this.#jobs[worker - 1] = undefined;
  }

  /**
   * Ends a worker that is still busy with a task that was given up. One that keeps a child process has been told, and
   * ends the child itself: it knows which tasks have not begun, and gives them back.
   */
  end(worker: number): void {
    if (this.#briefing.startMethod !== 'process') this.#jobs[worker - 1]?.terminate();
  }

  terminateAll(): void {
    for (const job of this.#jobs) job?.terminate();
  }

  /** The working ones that have ended. */
  dead(): Dead[] {
    const { roll } = client();
    const found: Dead[] = [];
    this.#jobs.forEach((job, i) => {
      if (job === undefined || roll.has(job.entry)) return;
      const worker = i + 1;
      const wasReady = this.#claims.isReady(worker);
      const hasLeft = job.outcome()?.kind === 'value';
      found.push({
        worker,
        name: this.#nameOf(worker),
        entry: job.entry,
        wasReady,
        hasLeft,
        error: this.#deathOf(job, worker),
      });
    });
    return found;
  }

  /** Whether a dead worker still has its number. */
  isOf({ worker, entry }: Dead): boolean {
    return this.#jobs[worker - 1]?.entry === entry;
  }

  #deathOf(job: Job, worker: number): WorkerDiedError {
    const outcome = job.outcome();
    const error = outcome?.kind === 'threw' ? outcome.error : undefined;
    if (error instanceof WorkerDiedError) return error;
    const why = error === undefined ? 'ended' : `ended by an uncaught error: ${error}`;
    return new WorkerDiedError(`${this.#nameOf(worker)} ${why}`, error === undefined ? undefined : 1, error);
  }

  /** All that have not ended, including those that are leaving. */
  alive(): Entry[] {
    const { roll } = client();
    for (const entry of this.#leaving) if (!roll.has(entry)) this.#leaving.delete(entry);
    const working = this.#jobs.flatMap((job) => (job === undefined ? [] : [job.entry]));
    return [...working.filter((entry) => roll.has(entry)), ...this.#leaving];
  }

  #nameOf(worker: number): string {
    return `${this.#name}-worker-${worker}`;
  }
}
