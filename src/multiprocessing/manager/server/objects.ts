/**
 * The objects of a manager, and who has them.
 *
 * An object is kept for each proxy of a client, and for each that is on its way to one (`lend`). The proxies that other
 * objects of the manager hold refer to it as any object refers to another, so the garbage collector sees them, cycles
 * included: this table only refers to it weakly.
 */
import { now } from '../../../core/wait/clock.js';
import type { Described } from '../access.js';
import type { ObjectKind } from './kinds.js';

/** An object of a manager. */
export class Managed {
  readonly described: Described;

  constructor(
    object: number,
    readonly target: object,
    readonly kind: ObjectKind,
  ) {
    const { type, methods } = kind;
    this.described = { object, type, methods: type === 'object' ? [...methods.keys()] : [] };
  }
}

/** How long a proxy that is on its way keeps its object, in ms, if it never arrives. */
const LEASE_MS = 600_000;

export class Objects {
  readonly #known = new Map<number, WeakRef<Managed>>();
  readonly #collected = new FinalizationRegistry<number>((object) => this.#known.delete(object));
  /** By token, the oldest first. */
  readonly #lent = new Map<number, { readonly managed: Managed; readonly since: number }>();
  #last = 0;

  add(target: object, kind: ObjectKind): Managed {
    const managed = new Managed(++this.#last, target, kind);
    this.#known.set(this.#last, new WeakRef(managed));
    this.#collected.register(managed, this.#last);
    return managed;
  }

  get(object: number): Managed | undefined {
    return this.#known.get(object)?.deref();
  }

  lend(token: number, managed: Managed): void {
    this.#lent.set(token, { managed, since: now() });
  }

  giveBack(token: number): void {
    this.#lent.delete(token);
  }

  /** Gives up the proxies that have not arrived in time. */
  expire(): void {
    const oldest = now() - LEASE_MS;
    for (const [token, { since }] of this.#lent) {
      if (since > oldest) return;
      this.#lent.delete(token);
    }
  }
}
