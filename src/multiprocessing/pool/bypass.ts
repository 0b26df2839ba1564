/**
 * The bypass: how the owner of a pool sends a child process a task itself, past its keeper (keeper.ts), while the child has
 * nothing to do. A call that is awaited so wakes the child at once, and the keeper only for the answer.
 *
 * ```text
 * of each worker:
 * word 0   STATE       CLOSED, OPEN, WRITING or SENT
 *      1   DESCRIPTOR  what the child reads is written to it
 *      2   TOLD        the function of which the child was told last, by its number; NOTHING when of none
 *      3   SLOT        \  the task that was sent
 *      4   GENERATION  /
 *      5   PID         the child, by the operating system's number
 *
 *           keeper          owner             owner           keeper
 *   CLOSED ────────▶ OPEN ────────▶ WRITING ────────▶ SENT ────────▶ CLOSED     the keeper takes the task on
 *                    OPEN ────────▶ CLOSED    by the keeper, which is about to write itself
 *                                   WRITING ────────▶ CLOSED    by the owner, where nothing could be written;
 *                                                               by the keeper, where the answer is there already
 * ```
 *
 * The owner writes to the child while it is WRITING, and the keeper while it is CLOSED or SENT; the other words are the
 * writer's. So frames never mix, and the keeper takes a task on before it sends another: it knows in which order the child has
 * them. It opens the bypass when the child has nothing, and closes it before the descriptor is closed, whose number may be
 * another's from then on. The owner claims the task for the worker before it writes; whoever dies, it is lost with the worker.
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
/** No two workers write to one line of a cache. */
const WORDS = 16;

const CLOSED = 0;
const OPEN = 1;
const WRITING = 2;
const SENT = 3;

const NOTHING = -1;

/** The most bytes of a frame with a task. */
const MOST_BYTES = 4096;
/** With the function before it: what a child reads has room for them when it is empty, so all are written at once. */
const MOST_WRITTEN = 2 * MOST_BYTES;
/** The header of a frame is put so that its message begins at a multiple of 8. */
const START = 16 - HEADER;
/** A write takes microseconds. An owner that takes so many ms has died in it. */
const WRITING_MS = 1000;

/** A task, by its place on the board. */
export type Place = Pick<TaskItem, 'slot' | 'generation'>;

/** The words of all workers. */
export function bypassWords(workers: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * WORDS * workers));
}

/** That of one worker, as its keeper has it. */
export class Bypass {
  readonly #words: Int32Array;

  /**
   * @param descriptor what a new child reads, which was told of no function
   * @param pid the child
   */
  constructor(words: Int32Array, worker: number, descriptor: number, pid: number) {
    this.#words = words.subarray(WORDS * (worker - 1), WORDS * worker);
    Atomics.store(this.#words, STATE, CLOSED);
    Atomics.store(this.#words, DESCRIPTOR, descriptor);
    Atomics.store(this.#words, TOLD, NOTHING);
    Atomics.store(this.#words, PID, pid);
  }

  /** Says that the child was told of a function. @returns whether it had not been before; to be called while it is closed */
  tell(callee: number): boolean {
    return Atomics.exchange(this.#words, TOLD, callee) !== callee;
  }

  open(): void {
    Atomics.compareExchange(this.#words, STATE, CLOSED, OPEN);
  }

  /**
   * Closes it, unless it is.
   *
   * @returns the task that the child was sent, if there is one
   * @throws SyncError `ERR_INVARIANT` when the owner does not come to an end
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

  /** The task that the child was sent, if there is one: it has answered it, or `hasTask`. */
  take(): Place | undefined {
    const words = this.#words;
    if (Atomics.load(words, STATE) < WRITING) return undefined;
    const task = { slot: words[SLOT], generation: words[GENERATION] };
    Atomics.store(words, STATE, CLOSED);
    return task;
  }
}

const argsCodec = plainCodec('args');

/** Those of all workers, as the owner of the pool has them. */
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
    // Before it is written: with the answer the word is the keeper's, which may tell the child of another function.
    words[at + TOLD] = callee.id;
    const written = bytes.length > MOST_WRITTEN ? 0 : writeNow(words[at + DESCRIPTOR], bytes);
    if (written === 0) {
      words[at + TOLD] = told;
      this.#claims.queue(slot, generation);
      Atomics.store(words, state, CLOSED);
      return false;
    }
    // Nobody could say when there is room for the rest; the task is lost with the child.
    if (written < bytes.length) kill(words[at + PID], 'SIGKILL');
    Atomics.compareExchange(words, state, WRITING, SENT);
    return true;
  }
}

/** A frame behind one that tells the child of the function. */
function withCall({ text }: Callee, frame: Uint8Array): Uint8Array {
  const call = frameOf(CALL, 0, new TextEncoder().encode(text), true);
  return joined([call, frame], call.length + frame.length);
}
