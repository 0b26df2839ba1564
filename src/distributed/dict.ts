/** A dict shared by many machines that refuses writes from holders that have lost their lock. */
import { checkFields, type Fields, shown } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import { Codec } from '../tasks/codec/index.js';
import type { Link } from './link.js';
import { WRITE_DICT } from './scripts.js';
import type { Argument } from './server.js';
import { checkText } from './text.js';

/** Options of a write. */
export interface WriteOptions {
  /** The fence of the lock that guards the dict: `held.fence`. 0 by default. */
  readonly fence?: number | undefined;
}

const WRITE_FIELDS: Fields<WriteOptions> = { fence: true };

const codec = new Codec({ root: 'value' });

/**
 * Values by key, which processes on any number of machines share by the dict's name. Values are copies: anything that
 * structured clone can carry, without shared memory.
 *
 * The dict remembers the highest fence with which it was written, and refuses a write with a lower one, atomically on
 * the server. So once one write has had a fence, all writes need one, and a holder that has lost its lock without
 * knowing it can no longer change anything.
 *
 * @typeParam Value what the values are
 *
 * @example
 * ```ts
 * import { connect } from 'atomics-sync-free/distributed';
 * await using cluster = await connect('redis://127.0.0.1');
 * const prices = cluster.dict<number>('prices');
 * await prices.setAsync('tea', 3, { fence: 7 });
 * const stale = await prices.setAsync('tea', 2, { fence: 6 }).catch((error) => error.code);
 * console.log(await prices.getAsync('tea'), stale); // 3 ERR_STALE_FENCE
 * ```
 */
export class DistributedDict<Value = unknown> {
  readonly #link: Link;
  readonly #keys: readonly [string, string];
  readonly #label: string;

  /** @internal */
  constructor(link: Link, name: string) {
    this.#link = link;
    const base = `${link.namespace}:{dict:${name}}`;
    this.#keys = [base, `${base}:fence`];
    this.#label = `dict ${JSON.stringify(name)}`;
    // `dict[key] = value` is an error: it would set a property of this object, which nobody else sees.
    Object.preventExtensions(this);
  }

  /**
   * @param key any string without half of a surrogate pair
   * @returns the value; undefined when there is none. Rejected, like all of these methods, when the server fails
   * @throws TypeError when the key is not such a string
   */
  async getAsync(key: string): Promise<Value | undefined> {
    return decoded(await this.#read('HGET', checkedKey(key))) as Value | undefined;
  }

  /**
   * @param key any string without half of a surrogate pair
   * @returns whether there is a value
   * @throws TypeError when the key is not such a string
   */
  async hasAsync(key: string): Promise<boolean> {
    return (await this.#read('HEXISTS', checkedKey(key))) === 1;
  }

  /** @returns how many values there are */
  async sizeAsync(): Promise<number> {
    return Number(await this.#read('HLEN'));
  }

  /** @returns all keys, in no order */
  async keysAsync(): Promise<string[]> {
    return ((await this.#read('HKEYS')) as Uint8Array[]).map(String);
  }

  /** @returns all keys with their values, in no order */
  async entriesAsync(): Promise<[string, Value][]> {
    const flat = (await this.#read('HGETALL')) as Uint8Array[];
    return Array.from({ length: flat.length / 2 }, (_, at) => [
      String(flat[2 * at]),
      decoded(flat[2 * at + 1]) as Value,
    ]);
  }

  /**
   * Puts a value under a key.
   *
   * @param key any string without half of a surrogate pair
   * @param value anything that structured clone can carry, without shared memory
   * @param options with the fence of the lock that guards the dict
   * @throws TypeError when the key is not such a string, or the fence is not a whole number of 0 or more
   * @throws SyncError `ERR_STALE_FENCE` when the fence is lower than one seen before; `ERR_NOT_CLONEABLE` when the
   *   value cannot be sent
   */
  async setAsync(key: string, value: Value, options: WriteOptions = {}): Promise<void> {
    await this.#write(options, 'HSET', checkedKey(key), codec.encodeToBytes(value));
  }

  /**
   * Removes a key.
   *
   * @param key any string without half of a surrogate pair
   * @param options with the fence of the lock that guards the dict
   * @returns whether it was there
   * @throws TypeError when the key is not such a string, or the fence is not a whole number of 0 or more
   * @throws SyncError `ERR_STALE_FENCE` when the fence is lower than one seen before
   */
  async deleteAsync(key: string, options: WriteOptions = {}): Promise<boolean> {
    return (await this.#write(options, 'HDEL', checkedKey(key))) === 1;
  }

  /**
   * Removes all keys; the highest fence is kept.
   *
   * @param options with the fence of the lock that guards the dict
   * @throws TypeError when the fence is not a whole number of 0 or more
   * @throws SyncError `ERR_STALE_FENCE` when the fence is lower than one seen before
   */
  async clearAsync(options: WriteOptions = {}): Promise<void> {
    await this.#write(options, 'DEL');
  }

  async #read(command: string, ...args: readonly Argument[]): Promise<unknown> {
    this.#link.checkOpen();
    return this.#link.server.bytes(command, this.#keys[0], ...args);
  }

  async #write(options: WriteOptions, command: string, ...args: readonly (string | Uint8Array)[]): Promise<unknown> {
    checkFields('a write to a dict', options, WRITE_FIELDS);
    const { fence = 0 } = options;
    if (!Number.isSafeInteger(fence) || fence < 0)
      throw new TypeError(`fence must be the fence of a hold, not ${shown(fence)}`);
    this.#link.checkOpen();
    const sent = args.map((each) => (typeof each === 'string' ? each : Buffer.from(each)));
    const [done, answer] = (await this.#link.server.run(WRITE_DICT, this.#keys, [
      fence,
      command,
      ...sent,
    ])) as unknown[];
    if (done === 1) return answer;
    throw new SyncError(
      'ERR_STALE_FENCE',
      `${this.#label} was already written with fence ${answer}, so fence ${fence} is stale: somebody else has acquired the lock since`,
    );
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

function checkedKey(key: string): string {
  checkText('key', key);
  return key;
}

const decoded = (bytes: unknown): unknown => (bytes === null ? undefined : codec.decodeBytes(bytes as Uint8Array));
