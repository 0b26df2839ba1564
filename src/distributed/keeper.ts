/** The agent's side of its keeper: how it is started, and which requests it keeps. */

import { start } from '#host';
import { type ErrorCode, SyncError } from '../core/errors.js';
import { hereOf } from '../core/here.js';
import type { HostWorker } from '../host/host.js';
import type { KeeperOrder, Kept, News, Told } from './keeper-main.js';
import { type KnownObject, KnownObjects } from './known-objects.js';
import { Slots } from './slots.js';

/** Where the keeper's file is; not in one expression, because bundlers would then copy the file without its imports. */
const ENTRY = '../distributed/keeper-main.js';
const here = /* @__PURE__ */ hereOf(import.meta.url);

/** A request of this agent. */
export interface Request {
  /** Its name on the server, which ends in its number. */
  readonly id: string;
  readonly sequence: number;
  readonly slot: number;
  readonly object: KnownObject;
  /** Called when the keeper finds that the server no longer knows the request, or has granted it. */
  onNotice: (kind: 'lost' | 'granted') => void;
}

export class Keeper {
  readonly slots: Slots;
  readonly #worker: HostWorker;
  readonly #client: string;
  readonly #bySequence = new Map<number, Request>();
  readonly #objects = new KnownObjects();
  #sequence = 0;
  #death: SyncError | undefined;

  private constructor(worker: HostWorker, slots: Slots, client: string) {
    this.#worker = worker;
    this.slots = slots;
    this.#client = client;
  }

  /** @throws SyncError whatever its connection fails with */
  static start(order: Omit<KeeperOrder, 'buffer'>): Promise<Keeper> {
    const slots = new Slots();
    return new Promise((resolve, reject) => {
      const hear = (told: Told): void => {
        if (told.kind === 'ready') resolve(keeper);
        else if (told.kind === 'failed') reject(new SyncError(told.code as ErrorCode, told.message));
        else keeper.#bySequence.get(told.sequence)?.onNotice(told.kind);
      };
      const worker = start(new URL(ENTRY, here), {
        name: 'atomics-sync-free keeper',
        data: { ...order, buffer: slots.buffer } satisfies KeeperOrder,
        onMessage: (message) => hear(message as Told),
      });
      const keeper = new Keeper(worker, slots, order.client);
      worker.unref();
      worker.exit.then((exit) => {
        const why = exit.cause === 'threw' ? `: ${(exit.error as Error).message}` : '';
        keeper.#death = new SyncError('ERR_WORKER_DIED', `the lease keeper has ended${why}; connect again`);
        reject(keeper.#death);
        // Held leases last until they expire. Waiters ask again, and get the error then.
        for (const { onNotice } of keeper.#bySequence.values()) onNotice('granted');
      });
    });
  }

  /**
   * A new request, kept from now on.
   *
   * @param deadline until when its lease surely lasts, by `now()`
   * @throws SyncError `ERR_LIMIT` when there are too many; `ERR_WORKER_DIED` when the keeper has ended
   */
  enter(kept: Kept, deadline: number, onNotice: Request['onNotice']): Request {
    this.checkAlive();
    const object = this.#objects.get(kept.keys[0]) ?? this.#tellOf(kept);
    const sequence = ++this.#sequence;
    const slot = this.slots.enter(object.number, sequence, deadline);
    if (slot === undefined)
      throw new SyncError('ERR_LIMIT', 'this connection holds and waits for too many locks at the same time');
    object.users++;
    const entered = { id: `${this.#client}.${sequence}`, sequence, slot, object, onNotice };
    this.#bySequence.set(sequence, entered);
    return entered;
  }

  #tellOf(kept: Kept): KnownObject {
    const forgotten = this.#objects.forgetSome();
    const object = this.#objects.add(kept.keys[0]);
    this.#worker.send({ object: object.number, kept, forgotten } satisfies News);
    return object;
  }

  /** @throws SyncError `ERR_WORKER_DIED` */
  checkAlive(): void {
    if (this.#death !== undefined) throw this.#death;
  }

  /** Stops keeping a request. */
  leave({ sequence, slot, object }: Request): void {
    if (!this.#bySequence.delete(sequence)) return;
    this.slots.leave(slot);
    object.users--;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
