/** An Event of many machines. */
import { refusal, type WaitOptions } from '../core/arguments.js';
import { Abort, LATE } from './abort.js';
import { now } from './clock.js';
import type { Link } from './link.js';
import { Nap } from './nap.js';
import { SET_EVENT } from './scripts.js';

/**
 * A flag that processes of any number of machines share by its name, and can wait for. It has no owner: it stays as it was
 * set.
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

  /** Sets it, and releases all who wait. Rejected by what is the matter with the server, as all of these are. */
  async setAsync(): Promise<void> {
    this.#link.checkOpen();
    await this.#link.server.run(SET_EVENT, [this.#key], [this.#channel]);
  }

  /** Takes it back: who waits from now on waits until it is set again. */
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
   * Waits until it is set, or was set and taken back meanwhile.
   *
   * @param options how long to wait
   * @param options.timeout the longest time to wait, in ms, and for an answer of the server 100 ms at the least
   * @param options.signal ends the wait
   * @returns false when the time was up; rejected with the signal's reason
   * @throws TypeError or RangeError when an option is not what it must be
   */
  async waitAsync(options: WaitOptions = {}): Promise<boolean> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    const { timeout = Infinity, signal } = options;
    const { ears, lookers, lease } = this.#link;
    const until = now() + timeout;
    const nap = new Nap();
    let heard = false;
    const hear = (): void => {
      heard = true;
      nap.wake();
    };
    this.#link.checkOpen();
    const abort = new Abort(signal, timeout);
    lookers.add(hear);
    try {
      await abort.or(ears.subscribe(this.#channel, hear));
      const { generation: first, isSet } = await abort.or(this.#look());
      for (let current = { isSet, generation: first }; ; current = await abort.or(this.#look())) {
        if (current.isSet || current.generation !== first) return true;
        if (now() >= until) return false;
        // A message may be lost: it looks again after a lease.
        if (!heard) await abort.or(nap.sleep(Math.min(lease, Math.max(1, until - now()))));
        heard = false;
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

  /** @returns which it is, for people */
  toString(): string {
    return this.#label;
  }
}
