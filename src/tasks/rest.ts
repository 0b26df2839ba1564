/** The worker's side of a berth: when it may rest there, and how it gets its next order. */
import { receive, supervises } from '#host';
import { later } from '../core/wait/turns.js';
import { Berth, type Berthed } from '../host/berth.js';
import { listenTo } from '../host/line.js';
import { rollOf } from '../host/roll.js';
import type { Request } from '../host/spawner.js';
import { type BerthEnd, duty, type Letter, type Order, type Rests } from './order.js';
import type { Parcel } from './parcels.js';

/** How long an unused worker rests, in ms. */
const IDLE_MS = 10_000;

const parcel = ({ bytes, sameMemory }: Berthed, { memory }: Parcel): Parcel => ({
  bytes,
  memory: sameMemory ? memory : [],
});

export class Rest implements Rests {
  readonly #berth: Berth;
  readonly #port: MessagePort;
  #hasRested = false;
  /** On hosts where messages are delivered as events: the last one, and who waits for it. */
  #told: unknown;
  #hear: (() => void) | undefined;

  constructor({ buffer, port }: BerthEnd) {
    this.#berth = new Berth(buffer);
    this.#port = port;
    if (supervises) return;
    listenTo(port, (message) => {
      this.#told = message;
      this.#hear?.();
    });
  }

  get isAsked(): boolean {
    return this.#berth.isAsked;
  }

  begin(): void {
    duty()?.stock?.begin();
  }

  isAsBefore(): boolean {
    return duty()?.stock?.isAsBefore() ?? true;
  }

  async next(last: Order): Promise<Order | undefined> {
    if (!this.#hasRested) last.spawner.postMessage({ kind: 'rests', entry: last.entry } satisfies Request);
    this.#hasRested = true;
    this.#berth.rest();
    if (supervises) this.#berth.awaitOrder(IDLE_MS);
    else await this.#message();
    const given = this.#berth.take();
    if (given === undefined) return undefined;
    const { entry } = this.#berth;
    const roll = rollOf(last.roll);
    const name = roll.nameOf(entry) ?? '';
    const { call, args } = given === 'apart' ? this.#letter() : { call: last.call, args: parcel(given, last.args) };
    return { ...last, entry, name, daemon: roll.isDaemon(entry), call, args };
  }

  #message(): Promise<void> {
    return new Promise((resolve) => {
      this.#hear = resolve;
      later(resolve, IDLE_MS);
    });
  }

  #letter(): Letter {
    return (supervises ? receive(this.#port)?.message : this.#told) as Letter;
  }
}
