/**
 * A client of a manager: an agent that has proxies, and sends requests for what is called on them.
 *
 * ```text
 *  client ──▶ requests: one ring, of all clients ──▶ the manager's worker
 *         ◀── replies of blocking calls ────────────
 *         ◀── replies of its tasks' calls ──────────    both rings are the client's own
 * ```
 *
 * Blocking calls have a ring of their own. An agent makes only one at a time, so its reply is the next to arrive there.
 *
 * **Deaths.** A client that waits checks from time to time whether the manager's worker is alive (home.ts). The worker
 * checks its clients in the same way, and lets go of what a dead one had (server/clients.ts).
 */
import { SyncError } from '../../core/errors.js';
import { checkMayBlock } from '../../core/wait/block.js';
import { delay, later } from '../../core/wait/turns.js';
import { askSpawner } from '../../host/life.js';
import { addCaller } from '../pool/caller.js';
import { Channel } from '../pool/channel.js';
import { ENDED, NONE } from '../ring/outcome.js';
import type { Ring } from '../ring/ring.js';
import { type Access, type Described, Kept, type ProxyHandle } from './access.js';
import type { Home } from './home.js';
import {
  CALL,
  CLAIM,
  fromRow,
  HELLO,
  KEPT,
  LEND,
  LET_GO,
  type Reply,
  ReplySegments,
  type Request,
  type RequestForm,
  RequestSegments,
  THREW,
} from './messages.js';

/** How long a client waits before it checks whether the manager is alive, in ms. */
const LOOK_MS = 100;
/** How long owed requests wait before they are tried again, in ms. */
const AGAIN_MS = 100;

/** A call of a task. */
interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Keeps an object for one proxy. */
class Grip {
  constructor(readonly object: number) {}
}

const grips = new FinalizationRegistry<{ readonly link: Link; readonly object: number }>(({ link, object }) =>
  link.forget(object),
);

export class Link implements Access {
  readonly #home: Home;
  /** The error with which the manager's worker ended, for the agent that started it. */
  readonly #death: (() => unknown) | undefined;
  readonly #requests: Ring;
  readonly #client: number;
  readonly #replies: Ring;
  /** Undefined until a task calls. */
  #taskReplies: Ring | undefined;
  readonly #pending = new Map<number, Pending>();
  #listens = false;
  /** Whether the manager has reported that it cannot reply; it reports that once. */
  #isRefused = false;
  #lastCall = 0;
  /** Requests that nobody waits for and that found no room, oldest first. Later ones go behind them. */
  readonly #owed: Request[] = [];
  /** The arguments of calls under way: proxies in them must live until the manager has them. */
  readonly #sent = new Map<number, readonly unknown[]>();

  constructor(home: Home, death?: () => unknown) {
    this.#home = home;
    this.#death = death;
    this.#requests = home.requests.open((memory) => new RequestSegments(memory));
    this.#client = home.nextNumber();
    this.#replies = this.#newReplies(false);
  }

  get label(): string {
    return this.#home.label;
  }

  get isOver(): boolean {
    return this.#requests.isShut || this.#home.isDeserted;
  }

  /** Ends the manager for all agents. */
  shut(): void {
    this.#requests.shut(true);
  }

  #newReplies(tasks: boolean): Ring {
    const channel = new Channel();
    this.#tell(HELLO, 0, 0, [channel, channel.arena.agentId, tasks]);
    return channel.open((memory) => new ReplySegments(memory));
  }

  // --- calls --------------------------------------------------------------------------------------------------------

  call(
    object: number,
    method: string,
    args: readonly unknown[],
    above: (...args: never[]) => unknown = this.call,
  ): unknown {
    checkMayBlock(this.#home);
    const call = this.#nextCall();
    const request: Request = { form: CALL, client: this.#client, call, object, method, args };
    const told = (error: unknown): unknown => {
      addCaller(error, `${method}()`, above);
      return error;
    };
    this.#sent.set(call, args);
    try {
      while (!this.#pay(LOOK_MS)) this.#look();
      while (this.#unlessEnded(this.#requests.producer.put(request, LOOK_MS)) === NONE) this.#look();
      for (;;) {
        const reply = this.#replies.consumer.get(LOOK_MS);
        if (reply === NONE) this.#look();
        // Nobody wants the reply to a call that was cut short.
        else if ((reply as Reply).call === call) return this.#result(reply as Reply, told);
      }
    } finally {
      this.#sent.delete(call);
    }
  }

  async callAsync(object: number, method: string, args: readonly unknown[]): Promise<unknown> {
    this.#taskReplies ??= this.#newReplies(true);
    const call = -this.#nextCall();
    const request: Request = { form: CALL, client: this.#client, call, object, method, args };
    const { producer } = this.#requests;
    this.#sent.set(call, args);
    try {
      while (!this.#pay(0)) {
        this.#look();
        await delay(AGAIN_MS);
      }
      let outcome = this.#unlessEnded(producer.put(request, 0));
      while (outcome === NONE) {
        outcome = this.#unlessEnded(await producer.putAsync(request, { timeout: LOOK_MS }));
        if (outcome === NONE) this.#look();
      }
      return await new Promise((resolve, reject) => {
        this.#pending.set(call, { resolve, reject });
        if (!this.#listens) void this.#listen(this.#taskReplies as Ring);
      });
    } finally {
      this.#sent.delete(call);
    }
  }

  #nextCall(): number {
    this.#lastCall = (this.#lastCall % 0x7fffffff) + 1;
    return this.#lastCall;
  }

  /** Takes replies as long as tasks wait for any. */
  async #listen({ consumer }: Ring): Promise<void> {
    this.#listens = true;
    try {
      while (this.#pending.size > 0) {
        const reply = await consumer.getAsync({ timeout: LOOK_MS }, true);
        if (reply === NONE) this.#look();
        else this.#deliver(reply as Reply);
      }
    } catch (error) {
      for (const { reject } of this.#pending.values()) reject(error);
      this.#pending.clear();
    } finally {
      this.#listens = false;
    }
  }

  #deliver(reply: Reply): void {
    const pending = this.#pending.get(reply.call);
    if (pending === undefined) return;
    this.#pending.delete(reply.call);
    try {
      pending.resolve(this.#result(reply, (error) => error));
    } catch (error) {
      pending.reject(error);
    }
  }

  /** @param told makes what is thrown from an error that arrived */
  #result({ form, value, failure }: Reply, told: (error: unknown) => unknown): unknown {
    if (failure !== undefined) throw failure.error;
    if (form === KEPT) return new Kept(fromRow(value as unknown[]));
    if (form === THREW) throw told(value);
    return value;
  }

  // --- proxies ------------------------------------------------------------------------------------------------------

  handle(described: Described): ProxyHandle {
    const token = this.#home.nextNumber();
    try {
      this.#tell(LEND, token, described.object);
    } catch (error) {
      // The handle is being written into the requests: it goes to the manager itself, where it is kept for this agent.
      if ((error as SyncError).code !== 'ERR_SELF_DEADLOCK') throw error;
    }
    return this.#home.proxyHandle(described, token);
  }

  keep(object: number, token: number | undefined): object {
    if (token !== undefined) this.#tell(CLAIM, token, object);
    const grip = new Grip(object);
    grips.register(grip, { link: this, object }, grip);
    return grip;
  }

  letGo(kept: object): void {
    grips.unregister(kept);
    this.forget((kept as Grip).object);
  }

  /** An object has one proxy fewer. */
  forget(object: number): void {
    this.#tell(LET_GO, 0, object);
  }

  // --- the ring of requests -----------------------------------------------------------------------------------------

  /** Puts a request that nobody waits for, in its turn; it has no effect once the manager has ended. */
  #tell(form: RequestForm, call: number, object: number, args: readonly unknown[] = []): void {
    this.#owed.push({ form, client: this.#client, call, object, method: '', args });
    if (this.#owed.length === 1 && !this.#pay(0)) this.#payLater();
  }

  /**
   * Puts what is owed.
   *
   * @param timeout how long to wait for each, in ms
   * @returns whether nothing is owed any more
   */
  #pay(timeout: number): boolean {
    const owed = this.#owed;
    while (owed.length > 0) {
      let outcome: unknown;
      try {
        outcome = this.#requests.producer.put(owed[0], timeout);
      } finally {
        // A request that cannot be put at all must not hold up the others.
        if (outcome !== NONE) owed.shift();
      }
      if (outcome === NONE) return false;
    }
    return true;
  }

  #payLater(): void {
    later(() => {
      try {
        if (!this.isOver && !this.#pay(0)) this.#payLater();
      } catch {
        // This agent was taken for dead: its next call is refused.
      }
    }, AGAIN_MS);
  }

  #unlessEnded<T>(outcome: T): T {
    if (outcome === ENDED) throw this.#ended();
    return outcome;
  }

  /** @throws SyncError `ERR_MANAGER_ENDED` when the manager has ended; `ERR_NO_SLOT` when it cannot reply */
  #look(): void {
    this.#isRefused ||= this.#home.isRefused(this.#client);
    if (this.#isRefused) {
      throw new SyncError(
        'ERR_NO_SLOT',
        `${this.label} cannot reply to this agent, whose arena its worker cannot join; ask it from an agent with fewer peers`,
      );
    }
    // The agent that started the worker also learns how it ended, unless nobody is left to tell it.
    askSpawner();
    const over = this.#death === undefined ? this.isOver : this.#requests.isShut || this.#death() !== undefined;
    if (!over) return;
    // Others need not find out for themselves.
    if (!this.#requests.isShut) this.shut();
    throw this.#ended();
  }

  #ended(): SyncError {
    const error = new SyncError(
      'ERR_MANAGER_ENDED',
      `${this.label} has ended, and its objects with it: it was shut down, or its worker has died`,
    );
    const cause = this.#death?.();
    if (cause !== undefined) error.cause = cause;
    return error;
  }
}
