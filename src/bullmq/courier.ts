/** The program's side of its courier. */

import { receive, start } from '#host';
import { hereOf } from '../core/here.js';
import { remains } from '../core/memory/slots.js';
import { share } from '../core/share/sharing.js';
import { now } from '../core/wait/clock.js';
import { release, retain } from '../core/wait/keep-alive.js';
import type { Address } from '../distributed/address.js';
import { listenTo } from '../host/line.js';
import { Event } from '../sync/event.js';
import type { Batch } from './batches.js';
import type { CourierOrder, Delivery, Request } from './courier-main.js';

/** Where the courier's file is; not in one expression, because bundlers would then copy the file without its imports. */
const ENTRY = '../bullmq/courier-main.js';
const here = /* @__PURE__ */ hereOf(import.meta.url);

/** A host's port, which can keep its agent alive or not. */
interface HostPort extends MessagePort {
  unref(): void;
}

/** The outcome of a batch. */
export type Outcome = Exclude<Delivery, { readonly kind: 'ended' }>;
type Take = (outcome: Outcome) => void;

/** How often a blocked caller checks whether the courier lives, in ms; and how long it may take until that can be known. */
const LOOK_MS = 500;
const BEGINS_WITHIN_MS = 60_000;

export class Courier {
  readonly #port: HostPort;
  /** Its agent in the event's arena, once it has begun. */
  readonly #agent = new Int32Array(new SharedArrayBuffer(4));
  readonly #started = now();
  /** Set whenever something has been sent to the port. */
  readonly #sent = new Event();
  readonly #send: (request: Request) => void;
  readonly #awaited = new Map<number, Take>();
  #latest = 0;
  #end: { readonly code: string; readonly message: string } | undefined;

  constructor(address: Address, namespace: string) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1 as HostPort;
    const worker = start(new URL(ENTRY, here), {
      name: 'atomics-sync-free courier',
      data: { address, namespace, port: port2, sent: share(this.#sent), agent: this.#agent } satisfies CourierOrder,
      transfer: [port2],
      onMessage: () => {},
    });
    worker.unref();
    this.#send = (request) => worker.send(request);
    listenTo(port1, (message) => this.#receive(message as Delivery));
    this.#port.unref();
    worker.exit.then((exit) => {
      this.#died(exit.cause === 'threw' ? `: ${(exit.error as Error).message}` : '');
    });
  }

  #died(why: string): void {
    this.#receive({ kind: 'ended', code: 'ERR_WORKER_DIED', message: `the courier of batches has ended${why}` });
  }

  /** Whether it has ended. */
  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** @param take receives the outcome, once; at once if the courier has ended */
  submit(batch: Omit<Batch, 'id'>, take: Take): number {
    const id = ++this.#latest;
    this.#awaited.set(id, take);
    retain();
    if (this.#end === undefined) this.#send({ kind: 'submit', batch: { ...batch, id } });
    else this.#take({ kind: 'failed', id, ...this.#end });
    return id;
  }

  /** Stops awaiting a batch. @returns whether it was awaited */
  cancel(id: number): boolean {
    if (this.#forget(id) === undefined) return false;
    this.#send({ kind: 'cancel', id });
    return true;
  }

  /**
   * Blocks until a condition is true, handling what arrives meanwhile.
   *
   * @param timeout in ms
   * @returns whether the condition is true
   */
  wait(isSo: () => boolean, timeout: number): boolean {
    const until = now() + timeout;
    for (;;) {
      this.#sent.clear();
      for (let next = receive(this.#port); next !== undefined; next = receive(this.#port))
        this.#receive(next.message as Delivery);
      if (isSo()) return true;
      const left = until - now();
      if (left <= 0) return false;
      if (!this.#sent.wait(Math.min(left, LOOK_MS))) this.#look();
    }
  }

  /** No host reports the courier's end to a blocked agent. Whatever the courier sent before its end has arrived by then. */
  #look(): void {
    const agent = Atomics.load(this.#agent, 0);
    const { words, member } = this.#sent.arena;
    member.vigil?.look();
    if (agent === 0 && now() - this.#started > BEGINS_WITHIN_MS) this.#died(' before it began');
    if (agent !== 0 && !remains(words, agent)) this.#died('');
  }

  #receive(delivery: Delivery): void {
    if (delivery.kind !== 'ended') {
      this.#take(delivery);
      return;
    }
    const { code, message } = delivery;
    this.#end ??= { code, message };
    for (const id of [...this.#awaited.keys()]) this.#take({ kind: 'failed', id, code, message });
  }

  #take(outcome: Outcome): void {
    this.#forget(outcome.id)?.(outcome);
  }

  #forget(id: number): Take | undefined {
    const take = this.#awaited.get(id);
    if (this.#awaited.delete(id)) release();
    return take;
  }
}
