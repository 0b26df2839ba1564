/** A client of a manager, as the manager's worker knows it: where its replies go, and what it has proxies of. */
import { remains } from '../../../core/memory/slots.js';
import { tellOf } from '../../../tasks/untold.js';
import type { Channel } from '../../pool/channel.js';
import { NONE } from '../../ring/outcome.js';
import type { Ring } from '../../ring/ring.js';
import { KEPT, type Reply, type ReplyForm, ReplySegments, THREW } from '../messages.js';
import type { Managed } from './objects.js';

/** How long a reply that finds no room waits before each check whether the client is alive, in ms. */
const ROOM_MS = 1000;

export class Client {
  readonly #channel: Channel;
  /** Its agent, in the arena of the ring. */
  readonly #agent: number;
  readonly #replies: Ring;
  #taskReplies: Ring | undefined;
  /** How many proxies it has, by their object. */
  readonly #has = new Map<Managed, number>();

  constructor(channel: Channel, agent: number) {
    this.#channel = channel;
    this.#agent = agent;
    this.#replies = ringOf(channel);
  }

  /** Opens the ring of the replies for its tasks. */
  open(channel: Channel): void {
    this.#taskReplies = ringOf(channel);
  }

  /** Whether its agent is dead. */
  get isDead(): boolean {
    const { words, member } = this.#channel.arena;
    member.vigil?.look();
    return !remains(words, this.#agent);
  }

  /** It has one more proxy. */
  keep(managed: Managed): void {
    this.#has.set(managed, (this.#has.get(managed) ?? 0) + 1);
  }

  /** It has one proxy fewer. */
  letGo(managed: Managed): void {
    const left = (this.#has.get(managed) ?? 0) - 1;
    if (left > 0) this.#has.set(managed, left);
    else this.#has.delete(managed);
  }

  /**
   * Replies to a call; if the value cannot be sent, an error is sent in its place.
   *
   * @returns false if that was so
   */
  reply(call: number, form: ReplyForm, value: unknown): boolean {
    const ring = call < 0 ? this.#taskReplies : this.#replies;
    if (ring === undefined) return true;
    const reply: Reply = { call, form, value };
    try {
      this.#put(ring, reply);
      return true;
    } catch (refused) {
      if (form === KEPT) throw refused;
      this.#instead(ring, reply, refused);
      return false;
    }
  }

  #put(ring: Ring, reply: Reply): void {
    if (ring.producer.put(reply, 0) === NONE) void this.#putLater(ring, reply);
  }

  /** Others do not wait for a client that does not take its replies. */
  async #putLater(ring: Ring, reply: Reply): Promise<void> {
    try {
      while (!this.isDead && (await ring.producer.putAsync(reply, { timeout: ROOM_MS })) === NONE);
    } catch (refused) {
      // That a reply cannot be sent may be found only once there is room for it.
      this.#instead(ring, reply, refused);
    }
  }

  #instead(ring: Ring, { call, form, value }: Reply, refused: unknown): void {
    tellOf(form === THREW, value, refused, (error) => this.#put(ring, { call, form: THREW, value: error }));
  }
}

const ringOf = (channel: Channel): Ring => channel.open((memory) => new ReplySegments(memory));
