/**
 * The work of `imap` and `imapUnordered`: tasks for chunks of an input that is taken lazily, only as far ahead of the
 * reader of the results as a bound allows. So an endless input works as well as a list.
 */
import { shown } from '../../core/arguments.js';
import { AsyncInput } from './async-input.js';
import type { Within } from './context.js';
import type { Draft, Feed } from './feed.js';
import { type Callee, EACH, MIXED, type ResultForm, VALUE } from './messages.js';
import type { ReadAhead } from './read-ahead.js';
import { inItem } from './which.js';

/** What is read: what the function returned or threw, or what the input threw. */
export type Reading =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: unknown; readonly isFromWorker?: boolean }
  | { readonly kind: 'end' };

const END: Reading = { kind: 'end' };

export class ImapFeed implements Feed {
  readonly #callee: Callee;
  readonly #input: Iterator<unknown> | AsyncInput;
  /** What was taken of the next chunk, whose rest is not there yet. */
  #begun: unknown[] = [];
  readonly #ordered: boolean;
  readonly #chunkSize: number;
  readonly #ahead: ReadAhead;
  readonly #within: Within;
  /** How many items were taken from the input. */
  #taken = 0;
  /** How many results were read; in order, the index of the next one. */
  #read = 0;
  /** Results that were not read, by their indices; unordered ones by their order of arrival. */
  readonly #readings = new Map<number, Reading>();
  #came = 0;
  #ended = false;
  /** What is read after all results: the error of the input, or of what has ended it. */
  #last: Reading = END;
  #waiting: (() => void)[] = [];

  /** @param within the context in which the input takes its steps */
  constructor(
    callee: Callee,
    input: Iterator<unknown> | AsyncInput,
    ordered: boolean,
    chunkSize: number,
    ahead: ReadAhead,
    readonly retries: number,
    within: Within,
  ) {
    this.#callee = callee;
    this.#input = input;
    this.#ordered = ordered;
    this.#chunkSize = chunkSize;
    this.#ahead = ahead;
    this.#within = within;
  }

  /** Whether the input has to be waited for in the event loop. */
  get isAsync(): boolean {
    return this.#input instanceof AsyncInput;
  }

  get exhausted(): boolean {
    return this.#ended;
  }

  next(): Draft | undefined {
    if (this.#ended || this.#taken - this.#read + this.#chunkSize > this.#ahead.items) return undefined;
    return this.#within(this.#take);
  }

  readonly #take = (): Draft | undefined => {
    const args = this.#begun;
    let last: Reading | undefined;
    try {
      while (args.length < this.#chunkSize && last === undefined) {
        if (this.isAsync && !(this.#input as AsyncInput).hasNext) return undefined;
        const result = this.#input.next();
        if (this.#ended) return undefined;
        // Otherwise it would count as an item, and there would be no end of them.
        if (Object(result) !== result)
          throw new TypeError(`the iterator of the items returned ${shown(result)}, not an object`);
        if (result.done) last = END;
        else args.push(result.value);
      }
    } catch (error) {
      if (!this.#ended) last = { kind: 'error', error };
    }
    this.#begun = [];
    const from = this.#taken;
    this.#taken += args.length;
    // Not earlier, or waiters would be told that nothing is left.
    if (last !== undefined) this.#end(last);
    return args.length === 0 ? undefined : { form: EACH, callee: this.#callee, args, from, count: args.length };
  };

  #end(last: Reading): void {
    this.#ended = true;
    this.#last = last;
    this.#tell();
  }

  take({ from, count }: Draft, form: ResultForm, value: unknown): void {
    this.#ahead.came(count);
    for (let i = 0; i < count; i++)
      this.#readings.set(this.#ordered ? from + i : this.#came++, this.#readingOf(form, value, from, i));
    this.#tell();
  }

  abort(error: unknown): void {
    if (this.#ended && this.#read + this.#readings.size >= this.#taken) return;
    // What has come is read first; what is missing never comes.
    this.#taken = this.#read + this.#contiguous();
    const wasEnded = this.#ended;
    this.#end({ kind: 'error', error });
    if (!wasEnded) this.#closeInput();
  }

  /** Closes the input; the error that is reported is the reason, not what the input throws as it is closed. */
  #closeInput(): void {
    try {
      this.#within(() => this.#input.return?.());
    } catch {}
  }

  /** How many results can be read one after the other. */
  #contiguous(): number {
    let count = 0;
    while (this.#readings.has(this.#read + count)) count++;
    return count;
  }

  unbind(): void {
    this.#ahead.unbind();
  }

  /** Whether `read` has an answer. */
  get isReadable(): boolean {
    return this.#readings.has(this.#read) || (this.#ended && this.#read >= this.#taken);
  }

  /** @returns the next result, or the end; it must be readable */
  read(): Reading {
    const reading = this.#readings.get(this.#read);
    if (reading === undefined) {
      const last = this.#last;
      this.#last = END;
      return last;
    }
    this.#readings.delete(this.#read++);
    return reading;
  }

  /** Calls something once `read` has an answer, which it must read at once: the next may be another's. */
  whenReady(tell: () => void): void {
    if (this.isReadable) tell();
    else this.#waiting.push(tell);
  }

  /** Takes that back. */
  forget(tell: () => void): void {
    this.#waiting = this.#waiting.filter((other) => other !== tell);
  }

  #tell(): void {
    while (this.isReadable && this.#waiting.length > 0) this.#waiting.shift()?.();
  }

  /**
   * Called when nobody will read any more.
   *
   * @throws what the input throws as it is closed
   */
  close(): void {
    const wasEnded = this.#ended;
    this.#ended = true;
    this.#last = END;
    this.#readings.clear();
    this.#read = this.#taken;
    this.#tell();
    if (!wasEnded) this.#within(() => this.#input.return?.());
  }

  #readingOf(form: ResultForm, value: unknown, from: number, i: number): Reading {
    if (form === VALUE) return { kind: 'value', value: (value as unknown[])[i] };
    if (form !== MIXED) return { kind: 'error', error: value, isFromWorker: true };
    const [returned, what] = (value as [boolean, unknown][])[i];
    if (returned) return { kind: 'value', value: what };
    return { kind: 'error', error: inItem(what, from + i, this.#callee.label), isFromWorker: true };
  }
}
