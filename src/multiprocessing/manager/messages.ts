/**
 * The messages in the rings of a manager.
 *
 * ```text
 * request  word 0   FORM                                   reply  word 0   CALL
 *               1   CLIENT: its number                                 1   FORM: what came of it
 *               2   CALL: the number of the call,                      2 …   a value of the codec
 *                   below 0 if a task waits for it
 *               3   OBJECT: its number
 *               4   ARGS: where the arguments are
 *               6 …   the method, a text of the codec
 *               ARGS  a value of the codec
 * ```
 *
 * A message that cannot be read is an error of its own call, not of whatever reads the ring.
 */
import { ItemCodec } from '../ring/items.js';
import { missingMemory } from '../ring/memories.js';
import { Segments } from '../ring/segments.js';
import type { Described } from './access.js';

/** A client has a ring for replies: of blocking calls, or of those of its tasks. */
export const HELLO = 0;
/** A method is called. */
export const CALL = 1;
/** A proxy is on its way to another agent; in place of the call is the token under which the object is lent. */
export const LEND = 2;
/** A proxy has arrived in an agent; in place of the call is the token. */
export const CLAIM = 3;
/** There is one proxy fewer. */
export const LET_GO = 4;
export type RequestForm = typeof HELLO | typeof CALL | typeof LEND | typeof CLAIM | typeof LET_GO;

/** What the method returned. */
export const VALUE = 0;
/** What it threw. */
export const THREW = 1;
/** What it returned stays with the manager; a Described. */
export const KEPT = 2;
export type ReplyForm = typeof VALUE | typeof THREW | typeof KEPT;

/** Why a message could not be read, if it could not. */
type Failure = { readonly error: unknown } | undefined;

export interface Request {
  readonly form: RequestForm;
  readonly client: number;
  readonly call: number;
  readonly object: number;
  /** Of CALL. */
  readonly method: string;
  /** Of CALL; of HELLO the ring, the client's agent in its arena, and whether it is for tasks. */
  readonly args: readonly unknown[];
  readonly failure?: Failure;
}

export interface Reply {
  readonly call: number;
  readonly form: ReplyForm;
  readonly value: unknown;
  readonly failure?: Failure;
}

/** How a Described is written: an array is shorter. */
export const toRow = ({ object, type, methods }: Described): unknown[] => [object, type, methods];
export const fromRow = ([object, type, methods]: unknown[]): Described =>
  ({ object, type, methods }) as unknown as Described;

const FORM = 0;
const CLIENT = 1;
const CALL_NUMBER = 2;
const OBJECT = 3;
const ARGS = 4;
const REQUEST_WORDS = 6;

const REPLY_CALL = 0;
const REPLY_FORM = 1;
const REPLY_WORDS = 2;

const argsCodec = new ItemCodec('args');
const resultCodec = new ItemCodec('the result');

abstract class MessageSegments extends Segments {
  /** Whether missing memory is an error of the message; otherwise the reader may get it, and read again. */
  givesUp = false;

  override get cure(): string {
    return 'send it in parts, or a SharedArrayBuffer';
  }

  override leastBytes(): number {
    return 0;
  }

  /** @returns a value, or why it cannot be read */
  protected read(
    codec: ItemCodec,
    start: number,
    end: number,
  ): { readonly value?: unknown; readonly failure: Failure } {
    try {
      return { value: codec.current.decode(this.memory, start, end), failure: undefined };
    } catch (error) {
      if (!this.givesUp && missingMemory(error) !== undefined) throw error;
      return { failure: { error } };
    }
  }
}

export class RequestSegments extends MessageSegments {
  override encode({ form, client, call, object, method, args }: Request, start: number, end: number): number {
    const { words, memory } = this;
    const from = start + 4 * REQUEST_WORDS;
    if (from > end) return -1;
    const codec = argsCodec.current;
    const at = codec.encode(method, memory, from, end);
    if (at < 0) return -1;
    const header = start / 4;
    words[header + FORM] = form;
    words[header + CLIENT] = client;
    words[header + CALL_NUMBER] = call;
    words[header + OBJECT] = object;
    words[header + ARGS] = at;
    return codec.encode(args, memory, at, end);
  }

  override discard(start: number, end: number): void {
    super.discard(this.words[start / 4 + ARGS], end);
  }

  override decode(start: number, end: number): Request {
    const { words } = this;
    const header = start / 4;
    const at = words[header + ARGS];
    const method = argsCodec.current.decode(this.memory, start + 4 * REQUEST_WORDS, at) as string;
    const { value, failure } = this.read(argsCodec, at, end);
    return {
      form: words[header + FORM] as RequestForm,
      client: words[header + CLIENT],
      call: words[header + CALL_NUMBER],
      object: words[header + OBJECT],
      method,
      args: value as unknown[],
      failure,
    };
  }
}

export class ReplySegments extends MessageSegments {
  override encode({ call, form, value }: Reply, start: number, end: number): number {
    const from = start + 4 * REPLY_WORDS;
    if (from > end) return -1;
    this.words[start / 4 + REPLY_CALL] = call;
    this.words[start / 4 + REPLY_FORM] = form;
    return resultCodec.current.encode(value, this.memory, from, end);
  }

  override discard(start: number, end: number): void {
    super.discard(start + 4 * REPLY_WORDS, end);
  }

  override decode(start: number, end: number): Reply {
    const { value, failure } = this.read(resultCodec, start + 4 * REPLY_WORDS, end);
    const header = start / 4;
    return {
      call: this.words[header + REPLY_CALL],
      form: this.words[header + REPLY_FORM] as ReplyForm,
      value,
      failure,
    };
  }
}
