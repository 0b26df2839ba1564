/**
 * The bypass: how the owner of a pool sends a task to a child process itself, past its keeper (keeper.ts), while the
 * child has nothing to do. A call that is awaited thus wakes the child at once, and the keeper only for the answer.
 *
 * ```text
 * of each worker:
 * word 0   STATE       CLOSED, OPEN, WRITING or SENT
 *      1   DESCRIPTOR  what the child reads is written to it
 *      2   TOLD        the number of the function that the child was told of last; NOTHING if none
 *      3   SLOT        \  the task that was sent
 *      4   GENERATION  /
 *      5   PID         the child, by the operating system's number
 *
 *           keeper          owner             owner           keeper
 *   CLOSED ────────▶ OPEN ────────▶ WRITING ────────▶ SENT ────────▶ CLOSED     the keeper takes the task on
 *                    OPEN ────────▶ CLOSED    by the keeper, which is about to write itself
 *                                   WRITING ────────▶ CLOSED    by the owner, if nothing could be written;
 *                                                               by the keeper, if the answer is there already
 * ```
 *
 * The owner writes to the child while the state is WRITING, and the keeper while it is CLOSED or SENT; the other words
 * are the writer's. So frames never mix, and the keeper takes a task on before it sends another, so it knows in which
 * order the child has them. It opens the bypass when the child has nothing to do, and closes it before the descriptor
 * is closed, whose number may be reused from then on. The owner claims the task for the worker before it writes;
 * whoever dies, the task is lost with the worker.
 */
import { kill, writeNow } from '#host';
import { SyncError } from '../../core/errors.js';
import { sleep } from '../../core/wait/sleep.js';
import { frameOf, HEADER, joined, writeHeader } from '../../host/link.js';
import { copyBytes } from '../../tasks/codec/copy.js';
import { Memory } from '../../tasks/codec/index.js';
import { plainCodec } from '../child/messages.js';
import { CALL, TASK } from './child.js';
import type { Claims } from './claims.js';
import type { Callee, Content, TaskItem } from './messages.js';

const STATE = 0;
const DESCRIPTOR = 1;
const TOLD = 2;
const SLOT = 3;
const GENERATION = 4;
const PID = 5;
/** No two workers share a cache line. */
const WORDS = 16;

const CLOSED = 0;
const OPEN = 1;
const WRITING = 2;
const SENT = 3;

const NOTHING = -1;

/** The most bytes of a frame with a task. */
const MOST_BYTES = 4096;
/**
 * The same with the function before it: what a child reads has room for that when it is empty, so all is written at
 * once.
 */
const MOST_WRITTEN = 2 * MOST_BYTES;
/** The header of a frame is placed so that its message begins at a multiple of 8. */
const START = 16 - HEADER;
/** A write takes microseconds. An owner that takes this many ms has died in it. */
const WRITING_MS = 1000;

/** A task, by its place on the board. */
export type Place = Pick<TaskItem, 'slot' | 'generation'>;

/** The words of all workers. */
export function bypassWords(workers: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * WORDS * workers));
}

/** The bypass of one worker, as its keeper uses it. */
export class Bypass {
  readonly #words: Int32Array;

  /**
   * @param descriptor what a new child reads, which has been told of no function
   * @param pid the child
   */
  constructor(words: Int32Array, worker: number, descriptor: number, pid: number) {
    this.#words = words.subarray(WORDS * (worker - 1), WORDS * worker);
    Atomics.store(this.#words, STATE, CLOSED);
    Atomics.store(this.#words, DESCRIPTOR, descriptor);
    Atomics.store(this.#words, TOLD, NOTHING);
    Atomics.store(this.#words, PID, pid);
  }

  /** Records, while it is closed, that the child was told of a function. @returns whether it had not been before */
  tell(callee: number): boolean {
    return Atomics.exchange(this.#words, TOLD, callee) !== callee;
  }

  open(): void {
    Atomics.compareExchange(this.#words, STATE, CLOSED, OPEN);
  }

  /**
   * Closes it, unless it is closed.
   *
   * @returns the task that the child was sent, if there is one
   * @throws SyncError `ERR_INVARIANT` when the owner does not finish writing
   */
  close(): Place | undefined {
    for (let ms = 0; ms < WRITING_MS; ms++) {
      const state = Atomics.compareExchange(this.#words, STATE, OPEN, CLOSED);
      if (state === SENT) return this.take();
      if (state !== WRITING) return undefined;
      sleep(1);
    }
    throw new SyncError('ERR_INVARIANT', 'the owner of a pool has been writing to a child process for too long');
  }

  /** Whether there is a task that the child was sent. */
  get hasTask(): boolean {
    return Atomics.load(this.#words, STATE) === SENT;
  }

  /** Takes the task that the child was sent, if there is one: the child has answered it, or `hasTask` is true. */
  take(): Place | undefined {
    const words = this.#words;
    if (Atomics.load(words, STATE) < WRITING) return undefined;
    const task = { slot: words[SLOT], generation: words[GENERATION] };
    Atomics.store(words, STATE, CLOSED);
    return task;
  }
}

const argsCodec = plainCodec('args');

/** The bypasses of all workers, as the owner of the pool uses them. */
export class Bypasses {
  readonly #words: Int32Array;
  readonly #claims: Claims;
  readonly #frame = new Memory(new ArrayBuffer(MOST_BYTES));

  constructor(words: Int32Array, claims: Claims) {
    this.#words = words;
    this.#claims = claims;
  }

  /**
   * Sends a task to a child that has nothing to do.
   *
   * @returns whether there is one, and it was sent
   * @throws SyncError `ERR_NOT_CLONEABLE` when its arguments cannot be sent
   */
  send(task: TaskItem): boolean {
    let at = 0;
    while (at < this.#words.length && Atomics.load(this.#words, at + STATE) !== OPEN) at += WORDS;
    if (at === this.#words.length) return false;
    const frame = this.#frameOf(task.draft);
    return frame !== undefined && this.#write(at, task, frame);
  }

  /** @returns undefined when it has too many bytes */
  #frameOf({ form, args, encoded }: Content): Uint8Array | undefined {
    const { u8, byteLength } = this.#frame;
    const from = START + HEADER;
    let end = -1;
    if (encoded === undefined) {
      end = argsCodec.current.encode(args, this.#frame, from, byteLength);
    } else if (encoded.bytes.length <= byteLength - from) {
      copyBytes(encoded.bytes, u8, from);
      end = from + encoded.bytes.length;
    }
    if (end < 0) return undefined;
    writeHeader(u8, START, end - from, TASK, form);
    return u8.subarray(START, end);
  }

  #write(at: number, { slot, generation, draft }: TaskItem, frame: Uint8Array): boolean {
    const words = this.#words;
    const state = at + STATE;
    if (Atomics.compareExchange(words, state, OPEN, WRITING) !== OPEN) return false;
    words[at + SLOT] = slot;
    words[at + GENERATION] = generation;
    this.#claims.claim(slot, generation, at / WORDS + 1);
    const { callee } = draft;
    const told = words[at + TOLD];
    const bytes = told === callee.id ? frame : withCall(callee, frame);
    // Set before the write: once the child has answered, the word is the keeper's, which may tell the child of another
    // function.
    words[at + TOLD] = callee.id;
    const written = bytes.length > MOST_WRITTEN ? 0 : writeNow(words[at + DESCRIPTOR], bytes);
    if (written === 0) {
      words[at + TOLD] = told;
      this.#claims.queue(slot, generation);
      Atomics.store(words, state, CLOSED);
      return false;
    }
    // There is no way to learn when there is room for the rest; the task is lost with the child.
    if (written < bytes.length) kill(words[at + PID], 'SIGKILL');
    Atomics.compareExchange(words, state, WRITING, SENT);
    return true;
  }
}

/** A frame after one that tells the child of the function. */
function withCall({ text }: Callee, frame: Uint8Array): Uint8Array {
  const call = frameOf(CALL, 0, new TextEncoder().encode(text), true);
  return joined([call, frame], call.length + frame.length);
}
