/**
 * The worker of a manager: it takes requests one by one, calls the methods, and replies. All objects are its own, so a
 * method that returns synchronously is one step as every agent sees it. The reply to one that returns a promise comes
 * later, and others are served meanwhile.
 *
 * It waits for requests by blocking, and after a while through its event loop: blocking is faster, and the event loop
 * lets promises, pools and the garbage collector proceed.
 */
import { isThenable } from '../../../core/arguments.js';
import { now } from '../../../core/wait/clock.js';
import { turn } from '../../../core/wait/turns.js';
import { awaited } from '../../../tasks/frame.js';
import type { Channel } from '../../pool/channel.js';
import { ENDED, NONE } from '../../ring/outcome.js';
import type { Ring } from '../../ring/ring.js';
import type { Home } from '../home.js';
import { CALL, CLAIM, HELLO, KEPT, LEND, type Request, RequestSegments, THREW, toRow, VALUE } from '../messages.js';
import { Client } from './clients.js';
import type { Desk } from './desk.js';
import { Update } from './kinds.js';
import { Managed } from './objects.js';

/**
 * How long it blocks for a request before it waits through the event loop, in ms; the second while methods wait for
 * something.
 */
const IDLE_MS = 5;
const BUSY_IDLE_MS = 0.5;
/** How long requests may keep the event loop from turning, in ms; the second while methods wait for something. */
const TURN_MS = 50;
const BUSY_TURN_MS = 2;
/** How often it checks its clients, in ms; also how long one that it cannot reply to has to read that. */
const SWEEP_MS = 1000;
/** How long it waits for requests through the event loop while such clients have still to be told, in ms. */
const TELL_MS = 20;

export class Server {
  readonly #home: Home;
  readonly #desk: Desk;
  readonly #requests: Ring;
  #segments!: RequestSegments;
  readonly #clients = new Map<number, Client>();
  /** Clients to which it cannot reply and which have still to be told, one by one; and when the last one was told. */
  readonly #refused = new Set<number>();
  #told = 0;
  /** How many methods have returned promises that are still pending. */
  #busy = 0;

  constructor(home: Home, desk: Desk) {
    this.#home = home;
    this.#desk = desk;
    this.#requests = home.requests.open((memory) => {
      this.#segments = new RequestSegments(memory);
      return this.#segments;
    });
  }

  /** Serves until the requests are shut. */
  async serve(): Promise<void> {
    const { consumer } = this.#requests;
    let turned = now();
    let swept = turned;
    for (;;) {
      const idle = this.#busy > 0 ? BUSY_IDLE_MS : IDLE_MS;
      const soon = this.#attempt(() => consumer.get(idle));
      const request = soon === NONE ? await this.#wait() : soon;
      if (request === ENDED) return;
      if (request !== NONE) this.#handle(request as Request);
      const time = now();
      if (this.#refused.size > 0) this.#refuse(time);
      if (time - swept > SWEEP_MS) {
        swept = time;
        this.#sweep();
      }
      if (time - turned > (this.#busy > 0 ? BUSY_TURN_MS : TURN_MS)) {
        await turn();
        turned = now();
      }
    }
  }

  /** A request that refers to memory that has not arrived is left to `#wait`. */
  #attempt(get: () => unknown): unknown {
    try {
      return get();
    } catch {
      return NONE;
    }
  }

  async #wait(): Promise<unknown> {
    const { consumer } = this.#requests;
    try {
      return await consumer.getAsync({ timeout: this.#refused.size > 0 ? TELL_MS : SWEEP_MS });
    } catch {
      // The memory that the next request refers to is no longer available.
      this.#segments.givesUp = true;
      const request = consumer.get(IDLE_MS);
      this.#segments.givesUp = false;
      return request;
    }
  }

  #handle(request: Request): void {
    const { form, client, call, object } = request;
    const known = this.#clients.get(client);
    if (form === HELLO) {
      this.#welcome(request, known);
    } else if (form === CALL) {
      this.#answer(request, known);
    } else {
      const { objects } = this.#desk;
      const managed = objects.get(object);
      if (form === CLAIM) objects.giveBack(call);
      if (managed === undefined) return;
      if (form === LEND) objects.lend(call, managed);
      else if (form === CLAIM) known?.keep(managed);
      else known?.letGo(managed);
    }
  }

  #welcome({ client, args, failure }: Request, known: Client | undefined): void {
    // Its calls will show that there is no way to reply.
    if (failure !== undefined) return;
    const [channel, agent, forTasks] = args as unknown as [Channel, number, boolean];
    if (forTasks) known?.open(channel);
    else this.#clients.set(client, new Client(channel, agent));
  }

  #answer({ client, call, object, method, args, failure }: Request, known: Client | undefined): void {
    if (known === undefined) {
      this.#refused.add(client);
    } else if (failure !== undefined) {
      known.reply(call, THREW, failure.error);
    } else {
      this.#call(known, call, object, method, args);
    }
  }

  #call(client: Client, call: number, object: number, method: string, args: readonly unknown[]): void {
    try {
      const result = this.#desk.perform(object, method, args);
      if (isThenable(result)) void this.#replyLater(client, call, result);
      else this.#reply(client, call, result);
    } catch (error) {
      client.reply(call, THREW, error);
    }
  }

  async #replyLater(client: Client, call: number, promise: PromiseLike<unknown>): Promise<void> {
    this.#busy++;
    try {
      this.#reply(client, call, await awaited(promise));
    } catch (error) {
      client.reply(call, THREW, error);
    } finally {
      this.#busy--;
    }
  }

  #reply(client: Client, call: number, result: unknown): void {
    if (result instanceof Managed) {
      client.keep(result);
      client.reply(call, KEPT, toRow(result.described));
    } else if (result instanceof Update) {
      const value = result.make();
      if (client.reply(call, VALUE, value)) result.set(value);
    } else {
      client.reply(call, VALUE, result);
    }
  }

  #refuse(time: number): void {
    const [client] = this.#refused;
    if (!this.#home.refuse(client, time - this.#told > SWEEP_MS)) return;
    this.#refused.delete(client);
    this.#told = time;
  }

  /** Lets go of what dead clients had. */
  #sweep(): void {
    this.#desk.objects.expire();
    for (const [number, client] of this.#clients) if (client.isDead) this.#clients.delete(number);
  }
}
