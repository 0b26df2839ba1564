/**
 * What a Lock and a Semaphore of many machines have in common: a request for a permit, which waits in the server's
 * queue, and the hold that results from it.
 */
import { checkFunction, refusal, type WaitOptions } from '../core/arguments.js';
import { SyncError, TimeoutError } from '../core/errors.js';
import { Abort, LATE } from './abort.js';
import { now } from './clock.js';
import type { Request } from './keeper.js';
import { LeaseHold } from './lease-hold.js';
import type { Link } from './link.js';
import { Nap } from './nap.js';
import { ASK, RELEASE } from './scripts.js';
import type { Server } from './server.js';

/** How long after the earliest end of a holder's lease, as the server reported it, a waiter asks again, in ms. */
const AFTER_END = 2;

/** What the script answers. */
type Answer =
  | { readonly kind: 'held'; readonly fence: number; readonly abandoned: boolean }
  | { readonly kind: 'waits'; readonly end: number; readonly fence: number }
  | { readonly kind: 'neither' };
type Grant = Extract<Answer, { readonly kind: 'held' }>;

/** A request under way. */
interface Waiter {
  readonly request: Request;
  /** The latest grant reported by a message; it may have lapsed since. */
  grant: Grant | undefined;
  /** Woken when there may be news. */
  readonly nap: Nap;
}

/** @internal */
export abstract class Leased {
  readonly #link: Link;
  readonly #permits: number;
  readonly #keys: readonly string[];
  readonly #label: string;

  /** @internal */
  constructor(link: Link, kind: string, name: string, permits: number) {
    this.#link = link;
    this.#permits = permits;
    const base = `${link.namespace}:{${kind}:${name}}:`;
    this.#keys = [`${base}meta`, `${base}held`, `${base}queue`, `${base}alive`];
    this.#label = `${kind === 'lock' ? 'Lock' : 'Semaphore'} ${JSON.stringify(name)}`;
  }

  /**
   * Waits until it is acquired. Waiters acquire it in the order of arrival, whatever machine they are on.
   *
   * @param options.timeout the longest time to wait, in ms; an answer of the server is awaited for at least 100 ms; 0
   *   tries once
   * @param options.signal ends the wait
   * @returns the hold; rejected with TimeoutError when the time was up, or with the signal's reason
   * @throws TypeError or RangeError when an option is invalid
   * @throws SyncError `ERR_UNREACHABLE`, `ERR_SERVER_TIMEOUT`, `ERR_SERVER_FULL`, `ERR_READ_ONLY` or
   *   `ERR_SERVER_REFUSED`, depending on what is wrong with the server; `ERR_NOT_REPLICATED` when too few replicas have
   *   the grant; `ERR_OTHER_PERMITS` when others use a semaphore with a different number of permits; `ERR_WORKER_DIED`
   *   when the thread that renews leases has ended; `ERR_LIMIT` when this connection holds and waits for too many;
   *   `ERR_LEASE_LOST` when a failover lost the grant before the replicas had it; `ERR_CLOSED`
   */
  async holdAsync(options: WaitOptions = {}): Promise<LeaseHold> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    const { timeout = Infinity, signal } = options;
    const link = this.#link;
    link.checkOpen();
    return link.server.complete(this.#hold(timeout, signal));
  }

  async #hold(timeout: number, signal: AbortSignal | undefined): Promise<LeaseHold> {
    const link = this.#link;
    const began = now();
    const waiter = this.#enter();
    const { request } = waiter;
    const abort = new Abort(signal, timeout);
    let asked: Promise<unknown> | undefined;
    const answered = <T>(promise: Promise<T>): Promise<T> => {
      asked = promise;
      return abort.or(promise);
    };
    try {
      for (;;) {
        const answer = await answered(this.#ask(request, timeout === 0 ? 'try' : 'wait'));
        const granted = answer.kind === 'held' ? answer : await abort.or(this.#sleep(waiter, answer, began + timeout));
        if (granted === 'late') throw LATE;
        if (granted === undefined) continue;
        link.checkOpen();
        link.slots.hold(request.slot);
        if (link.witness !== undefined) await answered(this.#confirm(request, link.witness));
        return this.#holdOf(request, granted);
      }
    } catch (error) {
      link.server.complete(this.#giveUp(request, asked));
      throw error === LATE ? new TimeoutError(`${this.#label} could not be acquired within ${timeout} ms`) : error;
    } finally {
      abort.end();
      waiter.nap.wake();
    }
  }

  #enter(): Waiter {
    const { lease, margin } = this.#link;
    const kept = { keys: this.#keys, limit: this.#permits };
    const nap = new Nap();
    const wake = (): void => nap.wake();
    const request = this.#link.keeper.enter(kept, now() + lease - margin, wake);
    const waiter: Waiter = { request, grant: undefined, nap };
    const hear = (text: string): void => {
      waiter.grant = grantOf(text);
      nap.wake();
    };
    this.#link.waiters.set(request.id, { hear, look: wake });
    return waiter;
  }

  /** Asks, or asks again: the lease starts afresh, as holder or as waiter. */
  async #ask(
    { id, slot }: Request,
    mode: 'wait' | 'try' | 'renew',
    server: Server = this.#link.server,
  ): Promise<Answer> {
    this.#link.checkOpen();
    // Without a keeper, a grant could not be kept for longer than a lease.
    this.#link.keeper.checkAlive();
    const { channels, lease, margin, slots } = this.#link;
    const before = now();
    const args = [id, channels, lease, this.#permits, mode];
    const [kind, more, fence] = (await server.run(ASK, this.#keys, args)) as [number, unknown, unknown];
    if (kind === -2)
      throw new SyncError('ERR_OTHER_PERMITS', `${this.#label} is in use with ${more} permits, not ${this.#permits}`);
    if (kind === -1) return { kind: 'neither' };
    slots.extend(slot, before + lease - margin);
    return kind === 1 ? grantOf(String(more)) : { kind: 'waits', end: now() + Number(more), fence: Number(fence) };
  }

  /**
   * Waits for the message of the grant.
   *
   * @returns the grant, `'late'`, or undefined when the caller is to ask again
   */
  async #sleep(waiter: Waiter, answer: Answer, until: number): Promise<Grant | 'late' | undefined> {
    if (answer.kind !== 'waits') return 'late';
    // A grant whose fence is not above that of the answer has lapsed since.
    const fresh = (): Grant | undefined =>
      waiter.grant !== undefined && waiter.grant.fence > answer.fence ? waiter.grant : undefined;
    if (fresh() === undefined) await waiter.nap.sleep(Math.max(1, Math.min(answer.end + AFTER_END, until) - now()));
    return fresh() ?? (now() >= until ? 'late' : undefined);
  }

  /** Waits until enough replicas have the grant: WAIT counts those that have all writes of its connection up to the renewal. */
  async #confirm(request: Request, witness: Server): Promise<void> {
    const { replicas, patience } = this.#link;
    const [answer, copies] = await Promise.all([
      this.#ask(request, 'renew', witness),
      witness.command('WAIT', replicas, Math.ceil(patience / 2)),
    ]);
    if (answer.kind !== 'held')
      throw new SyncError('ERR_LEASE_LOST', `${this.#label} was lost in a failover; acquire it again`);
    if (Number(copies) >= replicas) return;
    const message = `${this.#label} was granted, but only ${copies} of ${replicas} replicas confirmed it, so it was released again`;
    throw new SyncError('ERR_NOT_REPLICATED', message);
  }

  #holdOf(request: Request, { fence, abandoned }: Grant): LeaseHold {
    const { slots } = this.#link;
    const hold = new LeaseHold(
      {
        label: this.#label,
        deadline: () => slots.deadline(request.slot),
        release: () => this.#return(request),
      },
      fence,
      abandoned,
    );
    this.#link.waiters.delete(request.id);
    request.onNotice = (kind) => {
      if (kind === 'lost') hold.lose();
    };
    return hold;
  }

  /** @returns whether it was held until now */
  async #return(request: Request): Promise<boolean> {
    const { server, slots } = this.#link;
    this.#link.checkOpen();
    const { losses } = server;
    const lasts = slots.deadline(request.slot) > now();
    // If the connection was lost, the release may have been sent twice, and the second one finds nothing.
    return (await this.#release(request)) || (lasts && server.losses > losses);
  }

  /** @returns whether the server had it held until now */
  async #release(request: Request): Promise<boolean> {
    const { server, channels, waiters, keeper } = this.#link;
    waiters.delete(request.id);
    keeper.leave(request);
    return (await server.run(RELEASE, this.#keys, [request.id, channels])) === 1;
  }

  /**
   * Releases the request, whatever has become of it, once nobody asks for it any more: its answer would still extend the
   * lease. If the release does not reach the server, the lease expires by itself.
   */
  async #giveUp(request: Request, asked: Promise<unknown> | undefined): Promise<void> {
    await asked?.catch(() => {});
    await this.#release(request).catch(() => {});
  }

  /**
   * Runs a function while holding it.
   *
   * @param fn is passed the hold; its result is awaited
   * @param options as for `holdAsync`
   * @returns what the function returned; rejected as `holdAsync` and the function are, and with `ERR_LEASE_LOST` when
   *   the lease was over before the function was
   */
  async runAsync<Result>(fn: (held: LeaseHold) => Result, options: WaitOptions = {}): Promise<Awaited<Result>> {
    checkFunction('fn', fn);
    const held = await this.holdAsync(options);
    let result: Awaited<Result>;
    try {
      result = await fn(held);
    } catch (error) {
      // The function's error matters more than an error of the release.
      await held.releaseAsync().catch(() => {});
      throw error;
    }
    await held.releaseAsync();
    return result;
  }

  /** @internal How many are held, by the server's latest state; a lapsed lease is counted until somebody asks. */
  protected async count(): Promise<number> {
    this.#link.checkOpen();
    return Number(await this.#link.server.command('ZCARD', this.#keys[1]));
  }

  /** @returns the kind and name, for people */
  toString(): string {
    return this.#label;
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

function grantOf(text: string): Grant {
  const [fence, flag] = text.split(' ');
  return { kind: 'held', fence: Number(fence), abandoned: flag === '1' };
}
