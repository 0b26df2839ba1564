/** The work of `apply`: one task, which is its own draft. */
import { endWays } from '../../core/memory/ways.js';
import type { AsyncResult } from './async-result.js';
import type { Draft, Feed } from './feed.js';
import { APPLY, type Callee, type Encoded, type ResultForm, VALUE } from './messages.js';

export class ApplyFeed<Result> implements Feed, Draft {
  readonly form = APPLY;
  readonly from = 0;
  readonly count = 1;
  readonly callee: Callee;
  readonly retries: number;
  slot = -1;
  args: unknown;
  encoded: Encoded | undefined = undefined;
  /** Whether it has still to be begun. */
  #waits = false;
  readonly #result: AsyncResult<Result>;

  constructor(result: AsyncResult<Result>, callee: Callee, args: unknown, retries: number) {
    this.#result = result;
    this.callee = callee;
    this.args = args;
    this.retries = retries;
  }

  /** Lets it be begun later, or again, whatever happens to its arguments meanwhile. */
  detach(encoded: Encoded): void {
    this.encoded = encoded;
    this.args = undefined;
    this.#waits = true;
  }

  get exhausted(): boolean {
    return !this.#waits;
  }

  next(): Draft | undefined {
    if (!this.#waits) return undefined;
    this.#waits = false;
    return this;
  }

  take(_draft: Draft, form: ResultForm, value: unknown): void {
    this.#endWays();
    if (form === VALUE) this.#result.resolve(value as Result);
    else this.#result.fail(value);
  }

  abort(error: unknown): void {
    this.#endWays();
    this.#result.reject(error);
  }

  /** Not earlier, because it may be begun again. */
  #endWays(): void {
    if (this.encoded !== undefined) endWays(this.encoded.ways);
  }

  unbind(): void {}
}
