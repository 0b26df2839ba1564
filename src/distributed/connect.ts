/** How a program connects to a cluster. */
import { randomBytes } from 'node:crypto';
import { checkFields, checkInteger, type Fields } from '../core/arguments.js';
import { addressOf, checkNamespace } from './address.js';
import { Cluster } from './cluster.js';
import { Keeper } from './keeper.js';
import { channelsOf, Link } from './link.js';
import { Server } from './server.js';

/** How a cluster is used. */
export interface ConnectOptions {
  /** Prefix of all keys; `'asf'` by default. No key of another namespace is read or written. */
  readonly namespace?: string | undefined;
  /**
   * How long a lock or permit stays held when its lease is no longer renewed, in ms: others wait this long for a lock
   * whose holder has died. 10,000 by default. A command waits at most half as long for its answer.
   */
  readonly lease?: number | undefined;
  /** How many replicas must have a grant before the caller receives it; 0 by default. */
  readonly replicas?: number | undefined;
}

const FIELDS: Fields<ConnectOptions> = { namespace: true, lease: true, replicas: true };

const LEAST_LEASE = 100;
const MOST_LEASE = 24 * 60 * 60 * 1000;
const MOST_REPLICAS = 100;
/** This fraction of a lease is not used, to allow for clocks that run at different speeds. */
const MARGIN = 0.02;

/**
 * Connects to a Redis (6.2 or later) or Valkey server.
 *
 * @param url `redis://[user:password@]host[:port][/database]`, or `rediss://…` for TLS; no error or log repeats it
 * @param options the namespace, how long leases last, and how many replicas must have a grant
 * @returns a cluster, which provides locks, semaphores, events and dicts
 * @throws TypeError or RangeError when an argument is invalid
 * @throws SyncError `ERR_MISSING_PEER` when ioredis is not installed; `ERR_UNREACHABLE` or `ERR_SERVER_REFUSED`,
 *   depending on what is wrong with the server
 *
 * @example
 * ```ts
 * import { connect } from 'atomics-sync-free/distributed';
 * const cluster = await connect('redis://127.0.0.1', { namespace: 'example', lease: 5_000 });
 * await cluster.Lock('once').runAsync(async () => {
 *   // alone in here, on all machines
 * });
 * await cluster.closeAsync();
 * ```
 */
export async function connect(url: string | URL, options: ConnectOptions = {}): Promise<Cluster> {
  checkFields('connect', options, FIELDS);
  const { namespace = 'asf', lease = 10_000, replicas = 0 } = options;
  const address = addressOf(url);
  checkNamespace(namespace);
  checkInteger('lease', lease, LEAST_LEASE, MOST_LEASE);
  checkInteger('replicas', replicas, 0, MOST_REPLICAS);
  const client = randomBytes(8).toString('hex');
  const settings = { namespace, client, lease, margin: lease * MARGIN, patience: lease / 2, replicas };
  const server = await Server.open(address, settings.patience);
  let ears: Server | undefined;
  let witness: Server | undefined;
  let keeper: Keeper | undefined;
  try {
    ears = await Server.open(address, settings.patience);
    if (replicas > 0) witness = await Server.open(address, settings.patience);
    keeper = await Keeper.start({ ...settings, address, channels: channelsOf(namespace) });
    const link = new Link(settings, { server, ears, witness }, keeper);
    await link.listen(client);
    return new Cluster(link);
  } catch (error) {
    await Promise.all([server.close(), ears?.close(), witness?.close(), keeper?.close()]);
    throw error;
  }
}
