/** An Event shared by many machines. */
import { refusal, type WaitOptions } from '../core/arguments.js';
import { Abort, LATE } from './abort.js';
import { now } from './clock.js';
import type { Link } from './link.js';
import { Nap } from './nap.js';
import { SET_EVENT } from './scripts.js';

/**
 * A flag that processes on any number of machines share by its name, and can wait for. It has no owner: it stays as it
 * was last set or cleared.
 *
 * @example
 * ```ts
 * import { connect } from 'atomics-sync-free/distributed';
 * await using cluster = await connect('redis://127.0.0.1');
 * const ready = cluster.Event('index is built');
 * await ready.clearAsync();
 * const waiting = ready.waitAsync({ timeout: 10_000 });
 * await ready.setAsync();
 * console.log(await waiting, await ready.isSetAsync()); // true true
 * ```
 */
export class DistributedEvent {
  readonly #link: Link;
  readonly #key: string;
  readonly #channel: string;
  readonly #label: string;

  /** @internal */
  constructor(link: Link, name: string) {
    this.#link = link;
    this.#key = `${link.namespace}:{event:${name}}`;
    this.#channel = `${this.#key}:set`;
    this.#label = `Event ${JSON.stringify(name)}`;
  }

  /** Sets the event and releases all waiters. Rejected, like all of these methods, when the server fails. */
  async setAsync(): Promise<void> {
    this.#link.checkOpen();
    await this.#link.server.run(SET_EVENT, [this.#key], [this.#channel]);
  }

  /** Clears the event: whoever waits from now on waits until it is set again. */
  async clearAsync(): Promise<void> {
    this.#link.checkOpen();
    await this.#link.server.command('HDEL', this.#key, 'set');
  }

  /** @returns whether it is set */
  async isSetAsync(): Promise<boolean> {
    return (await this.#look()).isSet;
  }

  async #look(): Promise<{ readonly isSet: boolean; readonly generation: number }> {
    this.#link.checkOpen();
    const [set, generation] = (await this.#link.server.command('HMGET', this.#key, 'set', 'generation')) as unknown[];
    return { isSet: set === '1', generation: Number(generation ?? 0) };
  }

  /**
   * Waits until the event is set, or has been set and cleared again meanwhile.
   *
   * @param options how long to wait
   * @param options.timeout the longest time to wait, in ms; an answer of the server is awaited for at least 100 ms
   * @param options.signal ends the wait
   * @returns true when it is set; false when the time was up. Rejected with the signal's reason
   * @throws TypeError or RangeError when an option is invalid
   */
  async waitAsync(options: WaitOptions = {}): Promise<boolean> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    const { timeout = Infinity, signal } = options;
    const { ears, lookers, lease } = this.#link;
    const until = now() + timeout;
    const nap = new Nap();
    const hear = (): void => nap.wake();
    this.#link.checkOpen();
    const abort = new Abort(signal, timeout);
    lookers.add(hear);
    try {
      await abort.or(ears.subscribe(this.#channel, hear));
      let seen = Infinity;
      for (;;) {
        const { isSet, generation } = await abort.or(this.#look());
        if (isSet || generation > seen) return true;
        // It is lower than before on a server that has lost its data.
        seen = generation;
        if (now() >= until) return false;
        // A message may be lost, so look again after a lease.
        await abort.or(nap.sleep(Math.min(lease, Math.max(1, until - now()))));
      }
    } catch (error) {
      if (error === LATE) return false;
      throw error;
    } finally {
      abort.end();
      nap.wake();
      lookers.delete(hear);
      ears.unsubscribe(this.#channel, hear);
    }
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
