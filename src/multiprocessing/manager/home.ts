/**
 * The part of a manager that is in shared memory: where its requests go, and which agent serves them. All of its
 * proxies are known by this one cell, so making a proxy takes no memory of the arena.
 *
 * ```text
 * cell  0   descriptor
 *       1   SERVER     the agent that serves it; 0 until it has begun
 *       2   LAST       the number that was given last: to a client, or to a proxy on its way
 *       3   REQUESTS   the cell of the ring of requests; written once
 *       4   REFUSED    a client that the server cannot reply to, which has still to read it; else 0
 * ```
 */
import { type Kind, PLAIN } from '../../core/memory/cells.js';
import { MANAGER_CODE } from '../../core/memory/codes.js';
import { HANDLE } from '../../core/memory/handle.js';
import { remains } from '../../core/memory/slots.js';
import { Place } from '../../core/share/place.js';
import { SharedObject } from '../../core/share/shared-object.js';
import { Channel } from '../pool/channel.js';
import type { MemoryHandle } from '../ring/memories.js';
import { SIDES_WORDS } from '../ring/ring.js';
import type { Described, ProxyHandle } from './access.js';

const SERVER = 1;
const LAST = 2;
const REQUESTS = 3;
const REFUSED = 4;

/** How many words of its arena a new ring takes, whatever the arena's grain. */
const RING_WORDS = 16 + SIDES_WORDS;

/** The view that stands for a proxy: see arrival.ts. */
export const PROXY_VIEW = 'proxy';

export class Home extends SharedObject {
  /** @internal */
  static override readonly kind: Kind = {
    name: 'Manager',
    code: MANAGER_CODE,
    gates: 0,
    role: PLAIN,
    words: REFUSED + 1,
    views: [PROXY_VIEW],
  };

  readonly requests: Channel;

  /** @param where undefined for a new manager */
  constructor(where: Place | undefined) {
    super(where ?? {}, where === undefined ? RING_WORDS : 0);
    const { arena, cell } = this;
    if (where === undefined) {
      this.requests = new Channel({ arena });
      Atomics.store(arena.words, cell + REQUESTS, this.requests.cell);
    } else {
      this.requests = new Channel(new Place(arena, arena.words[cell + REQUESTS], where.handle));
    }
  }

  /** @internal */
  override [HANDLE](): MemoryHandle {
    return { ...super[HANDLE](), memory: this.requests[HANDLE]().memory };
  }

  /** @returns the handle of a proxy of one of its objects */
  proxyHandle({ object, type, methods }: Described, token: number): ProxyHandle {
    return { ...this[HANDLE](), kind: `${Home.kind.name}.${PROXY_VIEW}`, object, type, methods, token };
  }

  /** The key by which an agent's proxies find the manager they belong to. */
  get key(): string {
    return `${this.arena.id}:${this.cell}`;
  }

  /** @returns a number that no other client and no other proxy on its way has */
  nextNumber(): number {
    // As the word REFUSED stores it.
    return (Atomics.add(this.arena.words, this.cell + LAST, 1) + 1) | 0;
  }

  /** Records that the calling agent serves the manager. */
  begin(): void {
    Atomics.store(this.arena.words, this.cell + SERVER, this.arena.agentId);
  }

  /** Whether the agent that served the manager is dead. */
  get isDeserted(): boolean {
    const { words, member } = this.arena;
    const server = Atomics.load(words, this.cell + SERVER);
    if (server === 0) return false;
    member.vigil?.look();
    return !remains(words, server);
  }

  /**
   * Records that the server cannot reply to a client.
   *
   * @param late whether a client that has not read its own refusal by now waits no longer, and so is dead
   * @returns false when another client has still to read its refusal
   */
  refuse(client: number, late: boolean): boolean {
    const { words } = this.arena;
    const before = Atomics.compareExchange(words, this.cell + REFUSED, 0, client);
    if (late && before !== 0) Atomics.store(words, this.cell + REFUSED, client);
    return late || before === 0;
  }

  /** Whether the server has refused a client, which calls this. */
  isRefused(client: number): boolean {
    return Atomics.compareExchange(this.arena.words, this.cell + REFUSED, client, 0) === client;
  }

  /** @returns kind and number, for people */
  override toString(): string {
    return this.label;
  }
}
