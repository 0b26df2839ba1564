/**
 * The messages in the two rings of a pool.
 *
 * ```text
 * task    word 0, 1  SLOT, GENERATION                result   word 0, 1  SLOT, GENERATION
 *              2     FORM: how it is called                        2     FORM: what came of it, and AT which item
 *              3     ARGS: where the arguments are                 3     WORKER: the number of the worker
 *              4     CALLEE: the number of the function            4 …   a value of the codec
 *              5     TEXT: where its text is (texts.ts); or 0,
 *                    and it stands in 6 … as a text of the codec
 *              ARGS  a value of the codec
 * ```
 */

import { sending, type Way } from '../../core/memory/ways.js';
import { copyBytes } from '../../tasks/codec/copy.js';
import type { Codec } from '../../tasks/codec/index.js';
import { MOST_FUNCTIONS, Recent } from '../../tasks/recent.js';
import { plainCodec } from '../child/messages.js';
import { ItemCodec } from '../ring/items.js';
import { Segments } from '../ring/segments.js';
import type { Claims } from './claims.js';
import { type Named, NOTHING, PoolMemories } from './memory.js';
import type { Texts } from './texts.js';

const SLOT = 0;
const GENERATION = 1;
const FORM = 2;
/** ARGS of a task, WORKER of a result. */
const LAST = 3;
const RESULT_WORDS = 4;
const CALLEE = 4;
const TEXT = 5;
const TASK_WORDS = 6;
/** What to do about a task, or the results of one, that has too many bytes. */
const TOO_LARGE = 'give a smaller chunkSize where it is a chunk, or send a SharedArrayBuffer';

/** One call; its arguments. */
export const APPLY = 0;
/** A call for each of several items; the items. The first that throws ends it. */
export const MAP = 1;
/** The same, with the arguments of each call in the place of items. */
export const STARMAP = 2;
/** A call for each of several items, whatever becomes of the others. */
export const EACH = 3;
export type TaskForm = typeof APPLY | typeof MAP | typeof STARMAP | typeof EACH;

/** What the call returned, or an array of what the calls returned. */
export const VALUE = 0;
/** What it threw. */
export const THREW = 1;
/** Of EACH, if some threw: an array of pairs, `[true, value]` or `[false, error]`. */
export const MIXED = 2;
/** The worker has done as many tasks as it may. */
export const LEAVING = 3;
/** The initializer threw it. */
export const BROKEN = 4;
/** The task goes back because it was not begun, with its arguments as bytes. */
export const RETURNED = 5;
/** The form is written with the number of the item at which it threw, + 1, if that is known. */
const AT_SHIFT = 8;
const MOST_AT = 2 ** 22;
export const formWith = (form: ResultForm, at: number | undefined): number =>
  at === undefined || at > MOST_AT ? form : form | ((at + 1) << AT_SHIFT);
export const formIn = (word: number): ResultForm => (word & ((1 << AT_SHIFT) - 1)) as ResultForm;
export const atIn = (word: number): number | undefined => (word >> AT_SHIFT === 0 ? undefined : (word >> AT_SHIFT) - 1);
export type ResultForm = typeof VALUE | typeof THREW | typeof MIXED | typeof LEAVING | typeof BROKEN | typeof RETURNED;

const argsMemory = new PoolMemories();
const argsCodec = new ItemCodec('args', { memories: argsMemory });
/** For child processes, which share no memory. */
const plainArgs = plainCodec('args');
const resultMemory = new PoolMemories();
const resultCodec = new ItemCodec('the result', { memories: resultMemory });

/** Arguments as bytes, and the memory that they refer to. */
export interface Encoded {
  readonly bytes: Uint8Array;
  readonly named: Named;
  readonly ways: readonly Way[];
}

/**
 * Encodes arguments for a task that has to wait before it can be put.
 *
 * @param isPlain whether they are for child processes
 * @throws SyncError `ERR_NOT_CLONEABLE` when something in them cannot be sent
 */
export function encodeArgs(args: unknown, isPlain: boolean): Encoded {
  const outer = argsMemory.begin();
  let named = NOTHING;
  let sent: { readonly written: Uint8Array; readonly ways: readonly Way[] };
  try {
    sent = sending(() => codecFor(isPlain).encodeToBytes(args));
  } finally {
    named = argsMemory.end(outer);
  }
  return { bytes: sent.written, named, ways: sent.ways };
}

const codecFor = (isPlain: boolean): Codec => (isPlain ? plainArgs : argsCodec).current;

/** A function as the owner of a pool knows it. */
export class Callee {
  /** The text of a `Call`, by which workers find it, as a message. */
  readonly bytes: Uint8Array;
  /** Where workers find that; 0 if each task has to carry it. */
  readonly at: number;

  /**
   * @param id no other function of the pool has it
   * @param text a `Call` as JSON
   * @param label what people call it
   */
  constructor(
    readonly id: number,
    readonly text: string,
    readonly label: string,
    texts: Texts,
  ) {
    this.bytes = argsCodec.current.encodeToBytes(text);
    this.at = texts.add(this.bytes);
  }
}

/** What a task is about. */
export interface Content {
  readonly form: TaskForm;
  readonly callee: Callee;
  readonly args?: unknown;
  /** The arguments, if they are already encoded. */
  readonly encoded?: Encoded | undefined;
}

/** A task as its owner puts it. */
export interface TaskItem {
  readonly slot: number;
  readonly generation: number;
  readonly draft: Content;
  /** The memory that the arguments refer to, once it is put. */
  named: Named;
  /** What is on its way in the arguments, if these are encoded as they are put. */
  ways: readonly Way[];
}

/** A task as a worker gets it, claimed. */
export interface TakenTask {
  readonly slot: number;
  readonly generation: number;
  readonly form: TaskForm;
  /** The number of the function, and what it is: a `Call` as JSON. */
  readonly callee: number;
  readonly call: string;
  readonly args: readonly unknown[];
  /** The arguments as bytes, if they are for a child process. */
  readonly bytes: Uint8Array | undefined;
  /** Why it could not be read, if it could not. */
  readonly failure: { readonly error: unknown } | undefined;
}

/** The task ring's memory, as both sides see it. */
export class TaskSegments extends Segments {
  readonly #claims: Claims;
  readonly #worker: number;
  readonly #texts: Texts;
  readonly #isPlain: boolean;
  /** The texts of functions that have come before; they are not read again as long as they come now and then. */
  readonly #calls = new Recent<number, string>(MOST_FUNCTIONS);

  /**
   * @param worker the number of the worker that takes from it; 0 if none is taken
   * @param isPlain whether the tasks are for child processes, to which their arguments are passed on as bytes
   */
  constructor(memory: SharedArrayBuffer, claims: Claims, worker: number, texts: Texts, isPlain: boolean) {
    super(memory);
    this.#isPlain = isPlain;
    this.#claims = claims;
    this.#worker = worker;
    this.#texts = texts;
  }

  override get cure(): string {
    return TOO_LARGE;
  }

  override leastBytes({ draft: { encoded } }: TaskItem): number {
    return encoded === undefined ? 0 : encoded.bytes.length;
  }

  override encode(item: TaskItem, start: number, end: number): number {
    const { form, callee, args, encoded } = item.draft;
    const { words } = this;
    const from = start + 4 * TASK_WORDS;
    const at = callee.at === 0 ? from + callee.bytes.length : from;
    if (at > end) return -1;
    writeHeader(words, start, item.slot, item.generation, form, at);
    words[start / 4 + CALLEE] = callee.id;
    words[start / 4 + TEXT] = callee.at;
    if (callee.at === 0) this.memory.u8.set(callee.bytes, from);
    if (encoded === undefined) {
      const outer = argsMemory.begin();
      try {
        return codecFor(this.#isPlain).encode(args, this.memory, at, end);
      } finally {
        item.named = argsMemory.end(outer);
      }
    }
    const { bytes, named } = encoded;
    item.named = named;
    if (at + bytes.length > end) return -1;
    copyBytes(bytes, this.memory.u8, at);
    return at + bytes.length;
  }

  override sends(item: TaskItem, ways: readonly Way[]): void {
    item.ways = ways;
  }

  /** @returns the task, or undefined when nobody wants it any more */
  override decode(start: number, end: number): TakenTask | undefined {
    const { words } = this;
    const header = start / 4;
    const slot = words[header + SLOT];
    const generation = words[header + GENERATION];
    const form = words[header + FORM] as TaskForm;
    const at = words[header + LAST];
    const isWanted = (): boolean => this.#claims.isQueued(slot, generation);
    if (!isWanted()) return undefined;
    const callee = words[header + CALLEE];
    let call = '';
    let args: unknown;
    let bytes: Uint8Array | undefined;
    let failure: { readonly error: unknown } | undefined;
    const outer = argsMemory.begin(isWanted);
    try {
      call = this.#callOf(callee, words[header + TEXT], start + 4 * TASK_WORDS, at);
      if (this.#isPlain) bytes = this.memory.u8.slice(at, end);
      else args = argsCodec.current.decode(this.memory, at, end);
    } catch (error) {
      // The error is the task's, not that of the worker that takes it.
      failure = { error };
    }
    argsMemory.end(outer);
    if (!this.#claims.claim(slot, generation, this.#worker)) return undefined;
    return { slot, generation, form, callee, call, args: args as unknown[], bytes, failure };
  }

  /** The owner of the pool knows what was on its way in it: flights.ts. */
  override discard(): void {}

  #callOf(callee: number, text: number, start: number, end: number): string {
    const codec = argsCodec.current;
    const before = this.#calls.get(callee);
    if (before !== undefined) return before;
    const call = text === 0 ? (codec.decode(this.memory, start, end) as string) : this.#texts.read(text, codec);
    this.#calls.set(callee, call);
    return call;
  }
}

/** A result as a worker puts it. */
export interface Result {
  readonly slot: number;
  readonly generation: number;
  readonly form: ResultForm;
  readonly worker: number;
  readonly value: unknown;
  /** Of MAP and STARMAP: at which of its items it threw. */
  readonly at?: number | undefined;
  /** The value as bytes, in place of `value`, if a child process has sent it. */
  readonly bytes?: Uint8Array | undefined;
  /** The memory that the value refers to, once it is put, or got. */
  named?: Named | undefined;
}

/** The result ring's memory, as both sides see it. */
export class ResultSegments extends Segments {
  override get cure(): string {
    return TOO_LARGE;
  }

  override leastBytes({ bytes }: Result): number {
    return bytes === undefined ? 0 : bytes.length;
  }

  override encode(result: Result, start: number, end: number): number {
    const { slot, generation, form, worker, value, at, bytes } = result;
    const from = start + 4 * RESULT_WORDS;
    if (from > end) return -1;
    writeHeader(this.words, start, slot, generation, formWith(form, at), worker);
    if (bytes !== undefined) {
      if (from + bytes.length > end) return -1;
      copyBytes(bytes, this.memory.u8, from);
      return from + bytes.length;
    }
    const outer = resultMemory.begin();
    try {
      return resultCodec.current.encode(value, this.memory, from, end);
    } finally {
      result.named = resultMemory.end(outer);
    }
  }

  override discard(start: number, end: number): void {
    super.discard(start + 4 * RESULT_WORDS, end);
  }

  override decode(start: number, end: number): Result {
    const { words } = this;
    const header = start / 4;
    const slot = words[header + SLOT];
    const generation = words[header + GENERATION];
    const form = formIn(words[header + FORM]);
    const at = atIn(words[header + FORM]);
    const worker = words[header + LAST];
    const from = start + 4 * RESULT_WORDS;
    const outer = resultMemory.begin();
    try {
      const value = resultCodec.current.decode(this.memory, from, end);
      return { slot, generation, form, worker, value, at, named: resultMemory.end(outer) };
    } catch (error) {
      return { slot, generation, form: THREW, worker, value: error, named: resultMemory.end(outer) };
    }
  }
}

function writeHeader(
  words: Int32Array,
  start: number,
  slot: number,
  generation: number,
  form: number,
  last: number,
): void {
  const at = start / 4;
  words[at + SLOT] = slot;
  words[at + GENERATION] = generation;
  words[at + FORM] = form;
  words[at + LAST] = last;
}
