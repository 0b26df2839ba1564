/**
 * The keeper: a worker that renews the leases of an agent over its own connection, so that they last however long the
 * agent's event loop is busy.
 */
import { serve } from '#host';
import type { Address } from './address.js';
import { now } from './clock.js';
import { ASK } from './scripts.js';
import { Server } from './server.js';
import { type Due, Slots, WAITS } from './slots.js';

/** What a request is for. */
export interface Kept {
  readonly keys: readonly string[];
  readonly limit: number;
}

/** What a keeper is told later: of a new object, and which objects are forgotten. */
export interface News {
  readonly object: number;
  readonly kept: Kept;
  readonly forgotten: readonly number[];
}

/** What a keeper is started with. */
export interface KeeperOrder {
  readonly address: Address;
  readonly buffer: SharedArrayBuffer;
  /** The prefix of this agent's request names, and that of the channels on which clients listen. */
  readonly client: string;
  readonly channels: string;
  /** In ms. */
  readonly lease: number;
  /** How much earlier than the server the agent considers its lease to be over, in ms. */
  readonly margin: number;
  /** The longest time that a command may take, in ms. */
  readonly patience: number;
}

/** What a keeper reports: that it is ready or why not; that the server no longer knows a request, or has granted it. */
export type Told =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'lost' | 'granted'; readonly slot: number; readonly sequence: number };

/** How many times per lease it looks for leases to renew, and the fraction of a lease left at most when it renews. */
const LOOKS = 10;
const RENEWED_WITHIN = 2 / 3;

/** Renews the leases that are due. */
class Renewals {
  readonly #order: KeeperOrder;
  readonly #server: Server;
  readonly #tell: (told: Told) => void;
  readonly #slots: Slots;
  readonly #objects = new Map<number, Kept>();

  constructor(order: KeeperOrder, server: Server, tell: (told: Told) => void) {
    this.#order = order;
    this.#server = server;
    this.#tell = tell;
    this.#slots = new Slots(order.buffer);
  }

  learn({ object, kept, forgotten }: News): void {
    this.#objects.set(object, kept);
    for (const each of forgotten) this.#objects.delete(each);
  }

  look(): void {
    const { lease, margin } = this.#order;
    for (const due of this.#slots.due(now() + (lease - margin) * RENEWED_WITHIN)) {
      const kept = this.#objects.get(due.object);
      // The message that says what the request is for may arrive after the slot has been entered.
      if (kept !== undefined) void this.#renew(due, kept);
      else this.#slots.renewed(due.slot, undefined);
    }
  }

  async #renew({ slot, sequence }: Due, { keys, limit }: Kept): Promise<void> {
    const { client, channels, lease, margin } = this.#order;
    const before = now();
    let answer: unknown[];
    try {
      const args = [`${client}.${sequence}`, channels, lease, limit, 'renew'];
      answer = (await this.#server.run(ASK, keys, args)) as unknown[];
    } catch {
      // The next look asks again; until then the agent goes by the deadline.
      this.#slots.renewed(slot, undefined);
      return;
    }
    const lost = Number(answer[0]) < 0;
    const state = this.#slots.renewed(slot, lost ? 0 : before + lease - margin);
    if (state === 0) return;
    if (lost) this.#tell({ kind: 'lost', slot, sequence });
    else if (state === WAITS && answer[0] === 1) this.#tell({ kind: 'granted', slot, sequence });
  }
}

serve<KeeperOrder>(async (order, parent) => {
  const tell = (told: Told): void => parent.send(told);
  let server: Server;
  try {
    server = await Server.open(order.address, order.patience);
  } catch (error) {
    const { code, message } = error as { readonly code: string; readonly message: string };
    tell({ kind: 'failed', code, message });
    return;
  }
  const renewals = new Renewals(order, server, tell);
  parent.listen((news) => renewals.learn(news as News));
  setInterval(() => renewals.look(), order.lease / LOOKS);
  tell({ kind: 'ready' });
});
