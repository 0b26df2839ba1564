/**
 * What blocking and async functions whose results are kept have in common: how a result is found, claimed, kept and
 * logged.
 */

import { isThenable } from '../../core/arguments.js';
import { SyncError } from '../../core/errors.js';
import { now } from '../../core/wait/clock.js';
import { hash } from '../hash/hash.js';
import { shortened } from '../shortened.js';
import type { Identity } from './identity.js';
import { type Dependencies, keyOf } from './key.js';
import { unlessRefused } from './refused.js';
import { ShelvedResult } from './result.js';
import type { Entry, Shelf } from './shelf.js';

/** What is known of a kept result. */
export interface CallMetadata<Args extends unknown[] = unknown[]> {
  /** What the function is called with now. */
  readonly args: Args;
  /** When the result was computed, in ms since the epoch. */
  readonly time: number;
  /** How long that took, in ms. */
  readonly duration: number;
}

/** Ignores the outcome of a promise that is refused: its rejection must not end the program. */
export const letGo = (promise: PromiseLike<unknown>): void => void promise.then(undefined, () => {});

/** The right to compute a result. */
interface Claim {
  /** Gives the right up, whether or not the result was computed. */
  release(): void;
}

export const isClaim = (seen: Entry | Claim): seen is Claim => 'release' in seen;

/** If no lock file can be made, everybody computes. */
const UNCLAIMED: Claim = { release: () => {} };

const NOTHING = (): void => {};
const NO = (): boolean => false;

/** From this level of `verbose` on, results that were found are logged, too. */
const TELLS_ALL = 11;

export class Calls {
  readonly #identity: Identity;
  /** The hash of the function's source. */
  readonly #source: string;
  readonly #shelf: Shelf;
  readonly #dependencies: Dependencies;
  readonly #verbose: number;
  readonly #isValid: ((metadata: CallMetadata<never[]>) => boolean) | undefined;

  constructor(
    identity: Identity,
    shelf: Shelf,
    dependencies: Dependencies,
    verbose: number,
    isValid: ((metadata: CallMetadata<never[]>) => boolean) | undefined,
  ) {
    this.#identity = identity;
    this.#source = hash(identity.source);
    this.#shelf = shelf;
    this.#dependencies = dependencies;
    this.#verbose = verbose;
    this.#isValid = isValid;
  }

  /** @throws SyncError `ERR_NOT_HASHABLE` when an argument has no hash */
  keyOf(args: readonly unknown[]): string {
    return keyOf(this.#source, args, this.#dependencies);
  }

  /** @returns the result, if there is one that may be used */
  find(key: string, args: readonly unknown[]): Entry | undefined {
    if (unlessRefused(() => this.#shelf.dropOld(), NO))
      this.#say(1, () => `${this.#identity.name} has changed; its old results are dropped`);
    const entry = this.#read(key, args);
    if (entry === undefined) return undefined;
    const { time, duration } = entry;
    if (!this.#mayBeUsed({ args: args as never[], time, duration })) return undefined;
    this.#say(TELLS_ALL, () => `found ${this.#told(args)}`);
    return entry;
  }

  #mayBeUsed(metadata: CallMetadata<never[]>): boolean {
    const answer: unknown = this.#isValid === undefined || this.#isValid(metadata);
    // A promise would count as yes, whatever its outcome.
    if (isThenable(answer)) {
      letGo(answer);
      throw new TypeError('cacheValidationCallback must itself return whether a result may be used, not a promise');
    }
    return Boolean(answer);
  }

  #read(key: string, args: readonly unknown[]): Entry | undefined {
    const anew = ({ message }: Error): undefined => {
      console.warn(`[Memory] the result of ${this.#told(args)} is computed anew: ${message}`);
      unlessRefused(() => this.#shelf.remove(key), NOTHING);
    };
    try {
      return unlessRefused(() => this.#shelf.read(key), anew);
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      return anew(error);
    }
  }

  /** @returns the result; or the right to compute it; or nothing, while another agent computes it */
  look(key: string, args: readonly unknown[]): Entry | Claim | undefined {
    const found = this.find(key, args);
    if (found !== undefined) return found;
    const claim = unlessRefused<Claim | undefined>(
      () => this.#shelf.claim(key),
      () => UNCLAIMED,
    );
    // Another agent may have computed it just before the claim.
    const late = claim && this.#shelf.has(key) ? this.find(key, args) : undefined;
    if (late === undefined) return claim;
    claim?.release();
    return late;
  }

  /** Whether this agent is computing that result. */
  isUnderWayHere(key: string): boolean {
    return this.#shelf.isClaimedHere(key);
  }

  /** @returns when the computation begins, for `keep` */
  begin(args: readonly unknown[]): number {
    this.#say(1, () => `computing ${this.#told(args)}`);
    return now();
  }

  /**
   * Keeps a result.
   *
   * @throws SyncError `ERR_NOT_CLONEABLE` when something in it cannot be kept
   */
  keep(key: string, args: readonly unknown[], begun: number, value: unknown): Entry {
    const entry: Entry = { value, time: Date.now(), duration: now() - begun };
    unlessRefused(
      () => this.#shelf.write(key, entry),
      ({ message }) => console.warn(`[Memory] the result of ${this.#told(args)} is not kept: ${message}`),
    );
    this.#say(1, () => `${this.#told(args)} took ${(entry.duration / 1000).toFixed(3)} s`);
    return entry;
  }

  shelved<Result>(key: string, args: readonly unknown[]): ShelvedResult<Result> {
    return new ShelvedResult(this.#shelf, key, this.#told(args));
  }

  clear(): void {
    this.#shelf.clear();
  }

  #say(level: number, text: () => string): void {
    if (this.#verbose >= level) console.log(`[Memory] ${text()}`);
  }

  #told(args: readonly unknown[]): string {
    return `${this.#identity.name}(${shortened(args)})`;
  }
}
