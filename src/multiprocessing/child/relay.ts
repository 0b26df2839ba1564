/**
 * Carries the items of a connection over a link, both ways. There is one at either end of the link:
 *
 * ```text
 *  parent ──pipe── relay of the keeper ══link══ relay of the child ──pipe── function of the child
 * ```
 *
 * The pipes are like any others, so agents that block in the parent, or in a thread of the child, are served; the agent
 * whose event loop carries the items is not. At most WINDOW items per direction are on their way or wait for room in a
 * pipe.
 */
import { SyncError, TimeoutError } from '../../core/errors.js';
import { turn } from '../../core/wait/turns.js';
import type { Frame, Link } from '../../host/link.js';
import type { Connection } from '../connection.js';
import { EndOfFileError } from '../errors.js';
import { END, FAILED, ITEM, plainCodec, TAKEN } from './messages.js';

const WINDOW = 64;

export class Relay {
  readonly #link: Link;
  readonly #index: number;
  readonly #connection: Connection;
  readonly #onFailure: (error: Error) => void;
  readonly #rest: (wait: () => Promise<unknown>) => Promise<unknown>;
  readonly #codec = plainCodec('item');
  readonly #finishing = new AbortController();
  /** Resolved once it has nothing more to send. */
  readonly pumped: Promise<void>;
  /** What has arrived is passed on in order. */
  #arriving: Promise<void> = Promise.resolve();
  #onItsWay = 0;
  #taken = 0;
  #goOn: (() => void) | undefined;
  #whenGone: (() => void)[] = [];

  /**
   * @param index by which both ends of the link know the connection
   * @param connection this relay's own end
   * @param onFailure told why nothing more arrives, unless it is a normal end
   * @param rest runs its waits while it has nothing to carry
   */
  constructor(
    link: Link,
    index: number,
    connection: Connection,
    onFailure: (error: Error) => void,
    rest = (wait: () => Promise<unknown>): Promise<unknown> => wait(),
  ) {
    this.#link = link;
    this.#index = index;
    this.#connection = connection;
    this.#onFailure = onFailure;
    this.#rest = rest;
    this.pumped = connection.readable ? this.#pump() : Promise.resolve();
  }

  async #pump(): Promise<void> {
    try {
      for (;;) {
        this.#link.send(ITEM, this.#index, this.#codec.current.encodeToBytes(await this.#next()));
        this.#onItsWay++;
        if (!this.#connection.poll()) this.#tellGone();
        await this.#link.room();
        if (this.#onItsWay >= WINDOW) await new Promise<void>((resolve) => (this.#goOn = resolve));
      }
    } catch (error) {
      this.#stop(error);
    }
  }

  /** The next item; once it is to finish, only items that are already there. */
  async #next(): Promise<unknown> {
    const { signal } = this.#finishing;
    try {
      if (!signal.aborted) return await this.#rest(() => this.#connection.recvAsync({ signal }));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return this.#connection.recv(0);
  }

  #stop(error: unknown): void {
    const isEnd = error instanceof EndOfFileError || error instanceof TimeoutError || this.#connection.closed;
    if (isEnd) this.#link.send(END, this.#index);
    else this.#link.send(FAILED, this.#index, plainCodec('the error').current.encodeToBytes(error));
    this.#connection.close();
    this.#tellGone();
  }

  #tellGone(): void {
    for (const tell of this.#whenGone) tell();
    this.#whenGone = [];
  }

  /** Resolved once nothing waits to be sent. */
  async gone(): Promise<void> {
    if (this.#connection.closed) return;
    if (this.#connection.poll()) await new Promise<void>((resolve) => this.#whenGone.push(resolve));
    // The relay sends what it has taken within this turn.
    else await turn();
  }

  /** Handles a frame for its connection. */
  hear({ kind, message }: Frame): void {
    if (kind === TAKEN) {
      this.#onItsWay -= this.#codec.current.decodeBytes(message) as number;
      this.#goOn?.();
    } else {
      this.#arriving = this.#arriving.then(() => this.#arrive(kind, message));
    }
  }

  async #arrive(kind: number, message: Uint8Array): Promise<void> {
    try {
      if (kind === ITEM) await this.#connection.sendAsync(this.#codec.current.decodeBytes(message));
      if (kind === FAILED) this.#onFailure(this.#codec.current.decodeBytes(message) as Error);
      if (kind !== ITEM) this.#connection.close();
    } catch (error) {
      const isOver = error instanceof SyncError && /^ERR_(BROKEN_PIPE|CLOSED)$/.test(error.code);
      if (!isOver) this.#onFailure(error as Error);
      this.#link.send(END, this.#index);
      this.#connection.close();
    }
    if (++this.#taken < WINDOW / 2) return;
    this.#link.send(TAKEN, this.#index, this.#codec.current.encodeToBytes(this.#taken));
    this.#taken = 0;
  }

  /** Sends what there is to send, and reports the end. */
  async finish(): Promise<void> {
    this.#finishing.abort();
    await this.pumped;
  }

  /** Resolved once everything that arrived has been passed on. The other end of the link is gone. */
  async settle(): Promise<void> {
    await this.#arriving;
    this.#goOn?.();
    this.#connection.close();
  }
}
