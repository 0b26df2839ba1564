/**
 * The results of one function, in a folder of their own:
 *
 * ```text
 * source.js     the function as it was when they were computed
 * KEY.asf       a result: when it was computed (ms since the epoch) and how long that took (ms), as two doubles, and the value
 * KEY.lock      an agent is computing it: see lock-file.ts
 * *.tmp         an agent is writing it
 * ```
 */

import { create, look, makeFolder, read, readFor, remove, write } from '#files';
import { Codec } from '../../tasks/codec/index.js';
import { seal, unseal } from '../record.js';
import { utf8 } from '../utf8.js';
import { LockFile } from './lock-file.js';

export const RESULT = '.asf';
const LABEL = 'source.js';
/** How often one write is tried while others remove the folder. */
const TRIES = 10;
/** When a result was computed, and how long that took. */
const HEAD_BYTES = 16;

const codec = new Codec({ root: 'the result' });

/** A result, and what is known of its computation. */
export interface Entry {
  readonly value: unknown;
  /** When it was done, in ms since the epoch. */
  readonly time: number;
  /** How long it took, in ms. */
  readonly duration: number;
}

export class Shelf {
  readonly #folder: string;
  readonly #source: string;
  readonly #level: number;
  readonly #lockTimeout: number;
  #compared = false;

  /**
   * @param source of the function
   * @param level of compression
   * @param lockTimeout after how many ms an agent that computes a result is taken for dead
   */
  constructor(folder: string, source: string, level: number, lockTimeout: number) {
    this.#folder = folder;
    this.#source = source;
    this.#level = level;
    this.#lockTimeout = lockTimeout;
  }

  /**
   * Drops the results of another source, once.
   *
   * @returns whether there were some
   */
  dropOld(): boolean {
    if (this.#compared) return false;
    this.#compared = true;
    const label = read(`${this.#folder}/${LABEL}`);
    const isOld = label !== undefined && utf8().decoder.decode(label) !== this.#source;
    if (isOld) this.clear();
    return isOld;
  }

  has(key: string): boolean {
    return look(this.#pathOf(key)) !== undefined;
  }

  /**
   * @returns undefined when there is no such result
   * @throws SyncError when it is damaged
   */
  read(key: string): Entry | undefined {
    return readFor(this.#pathOf(key), (file) => {
      const content = unseal(file);
      const head = new DataView(content.buffer, content.byteOffset, HEAD_BYTES);
      return {
        time: head.getFloat64(0, true),
        duration: head.getFloat64(8, true),
        value: codec.decodeBytes(content.subarray(HEAD_BYTES)),
      };
    });
  }

  /** @throws SyncError `ERR_NOT_CLONEABLE` when something in it cannot be written */
  write(key: string, { value, time, duration }: Entry): void {
    const head = new DataView(new ArrayBuffer(HEAD_BYTES));
    head.setFloat64(0, time, true);
    head.setFloat64(8, duration, true);
    const file = seal([new Uint8Array(head.buffer), codec.encodeToBytes(value)], this.#level);
    const label = `${this.#folder}/${LABEL}`;
    this.#inFolder(() => {
      if (look(label) === undefined) write(label, utf8().encoder.encode(this.#source));
      write(this.#pathOf(key), ...file);
    });
  }

  /** @returns the right to compute a result, undefined while another agent has it */
  claim(key: string): LockFile | undefined {
    return this.#inFolder(() => LockFile.take(this.#lockOf(key), this.#lockTimeout));
  }

  /** Whether this agent is computing that result. */
  isClaimedHere(key: string): boolean {
    return LockFile.isHere(this.#lockOf(key));
  }

  remove(key: string): void {
    remove(this.#pathOf(key));
  }

  clear(): void {
    remove(this.#folder);
  }

  #lockOf(key: string): string {
    return `${this.#folder}/${key}.lock`;
  }

  #pathOf(key: string): string {
    return `${this.#folder}/${key}${RESULT}`;
  }

  /** Acts in the folder, which other processes may remove at any time. All folders are kept out of version control. */
  #inFolder<T>(act: () => T): T {
    for (let tries = 1; ; tries++) {
      try {
        if (tries > 1) {
          makeFolder(this.#folder);
          create(`${this.#folder}/../.gitignore`, '*\n');
        }
        return act();
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'ENOENT' || tries === TRIES) throw error;
      }
    }
  }
}
