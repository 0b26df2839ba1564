/**
 * The courier: a worker that puts batches into the queue and fetches what comes of them, so that the program may block or
 * compute meanwhile. A message says that a job is done; it may be lost, so a sweep looks at all that is awaited.
 */
import { randomBytes } from 'node:crypto';
import type { ConnectionOptions, Queue as JobQueue } from 'bullmq';
import { serve } from '#host';
import { SyncError } from '../core/errors.js';
import { attachWith, type Shared } from '../core/share/sharing.js';
import type { Address } from '../distributed/address.js';
import { now } from '../distributed/clock.js';
import { peer } from '../distributed/peer.js';
import { connectionFor, Server } from '../distributed/server.js';
import { serverError } from '../distributed/server-error.js';
import { Event } from '../sync/event.js';
import {
  BATCH,
  type BatchJob,
  type Carried,
  type Code,
  carry,
  fetchCarried,
  isLarge,
  KEPT,
  namesIn,
  QUEUE,
} from './queue.js';

/** What a courier is started with. */
export interface CourierOrder {
  readonly address: Address;
  readonly namespace: string;
  readonly port: MessagePort;
  /** An event, which is set whenever something has been sent to the port. */
  readonly sent: Shared<Event>;
}

/** What the program asks for. */
export type Request =
  | {
      readonly kind: 'submit';
      readonly id: number;
      readonly functions: readonly Code[];
      readonly bytes: Uint8Array;
      readonly retries: number;
    }
  | { readonly kind: 'cancel'; readonly id: number };

/** What comes of a batch: an encoded outcome, or why there is none. */
export type Delivery =
  | { readonly id: number; readonly bytes: Uint8Array }
  | { readonly id: number; readonly code: string; readonly message: string };

interface Pending {
  readonly id: number;
  readonly name: string;
  readonly functions: readonly Code[];
  readonly bytes: Uint8Array;
  readonly retries: number;
  isFetching: boolean;
}

/** How long a command may take, in ms. */
const PATIENCE = 5000;
/** How often it looks at all that is awaited, in ms. */
const SWEEP = 2000;
/** After so long without the server, or without any worker, batches fail, in ms. */
const LONGEST_AWAY = 30_000;
const LONGEST_ALONE = 60_000;
/** A batch in which a call has thrown is tried again after so long, and twice as long each time, in ms. */
const PAUSE = 100;

const attach = attachWith(Event);

serve<CourierOrder>(async ({ address, namespace, port, sent }, parent) => {
  const event = attach(sent);
  const names = namesIn(namespace);
  const session = randomBytes(8).toString('hex');
  const pending = new Map<string, Pending>();
  const early: Request[] = [];
  let take = (request: Request): void => void early.push(request);
  parent.listen((request) => take(request as Request));

  function deliver(delivery: Delivery): void {
    port.postMessage(delivery);
    event.set();
  }

  const fail = (id: number, error: unknown): void => {
    const { code, message } = serverError(error, address.label, true);
    deliver({ id, code, message });
  };

  let server: Server;
  let ears: Server;
  let queue: JobQueue;
  try {
    const { Queue } = await peer('bullmq', () => import('bullmq'));
    server = await Server.open(address, PATIENCE);
    ears = await Server.open(address, PATIENCE);
    const connection = (await connectionFor(address)) as ConnectionOptions;
    queue = new Queue(QUEUE, { connection, prefix: names.prefix });
    queue.on('error', () => {});
    await ears.subscribe(names.done(session), (name) => void collect(name));
  } catch (error) {
    take = ({ kind, id }) => {
      if (kind === 'submit') fail(id, error);
    };
    early.forEach(take);
    return;
  }

  async function add({ name, functions, bytes, retries }: Pending): Promise<void> {
    const calls = await carry(server, names.parts(name, 'arguments'), bytes);
    const data: BatchJob = { session, functions, calls };
    await queue.add(BATCH, data, {
      // To add a job of the same name again changes nothing.
      jobId: name,
      attempts: retries + 1,
      backoff: { type: 'exponential', delay: PAUSE },
      removeOnComplete: { age: KEPT },
      removeOnFail: { age: KEPT },
    });
  }

  function drop(name: string): Pending | undefined {
    const batch = pending.get(name);
    pending.delete(name);
    return batch;
  }

  /** First it is taken from those that wait, for a worker that has become free would begin it. */
  async function giveUp(name: string): Promise<void> {
    await queue.remove(name).catch(() => {});
    await server.command('PUBLISH', names.cancelled, name).catch(() => {});
  }

  let reached = now();
  let served = now();

  /** Fetches what has come of a batch, if anything has. */
  async function collect(name: string): Promise<void> {
    const batch = pending.get(name);
    if (batch === undefined || batch.isFetching) return;
    batch.isFetching = true;
    try {
      const fields = ['timestamp', 'finishedOn', 'returnvalue', 'failedReason'];
      const [added, finished, value, reason] = (await server.command('HMGET', names.job(name), ...fields)) as (
        | string
        | null
      )[];
      reached = now();
      // A server that has lost its data has lost the job: it is done again.
      if (added === null) await add(batch);
      if (finished === null) return;
      if (value !== null) {
        const carried = JSON.parse(value) as Carried;
        const bytes = await fetchCarried(server, carried);
        if (drop(name) !== undefined) deliver({ id: batch.id, bytes });
        if ('parts' in carried) await server.command('DEL', carried.parts);
      } else if (drop(name) !== undefined) {
        const message = `the workers that had a batch of Parallel died, or were away for too long: ${reason}`;
        deliver({ id: batch.id, code: 'ERR_WORKER_DIED', message });
      }
      if (isLarge(batch.bytes)) await server.command('DEL', names.parts(name, 'arguments'));
    } catch {
      // It is looked at again by the sweep, which knows how long the server has been away.
    } finally {
      batch.isFetching = false;
    }
  }

  function failAll(error: SyncError): void {
    for (const { name, id } of [...pending.values()]) if (drop(name) !== undefined) fail(id, error);
  }

  async function sweep(): Promise<void> {
    if (pending.size === 0) {
      reached = served = now();
      return;
    }
    await Promise.all([...pending.keys()].map(collect));
    if (now() - reached > LONGEST_AWAY)
      failAll(
        new SyncError('ERR_UNREACHABLE', `the server ${address.label} has been away for ${LONGEST_AWAY / 1000} s`),
      );
    const workers = await queue.getWorkersCount().catch(() => 1);
    if (workers > 0) served = now();
    else if (now() - served > LONGEST_ALONE) {
      const how = 'npx atomics-sync-free worker redis://… --tasks FILE';
      failAll(
        new SyncError('ERR_NO_WORKERS', `no worker has been there for ${LONGEST_ALONE / 1000} s; start one: ${how}`),
      );
    }
  }

  take = (request) => {
    const name = `${session}-${request.id}`;
    if (request.kind === 'cancel') {
      if (drop(name) === undefined) return;
      void giveUp(name);
      return;
    }
    const batch: Pending = { ...request, name, isFetching: false };
    pending.set(name, batch);
    add(batch).catch((error) => {
      // Where the connection broke, the job may be there or not: the sweep finds out.
      const known = serverError(error, address.label, true);
      if (known.code !== 'ERR_UNREACHABLE' && known.code !== 'ERR_SERVER_TIMEOUT' && drop(name) !== undefined)
        fail(batch.id, known);
    });
  };
  early.forEach(take);
  let isSweeping = false;
  setInterval(async () => {
    if (isSweeping) return;
    isSweeping = true;
    await sweep();
    isSweeping = false;
  }, SWEEP);
});
