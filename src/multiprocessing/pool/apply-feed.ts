/** The work of `apply`: one task. */
import type { AsyncResult } from './async-result.js';
import type { Draft, Feed } from './feed.js';
import { type ResultForm, VALUE } from './messages.js';

export class ApplyFeed<Result> implements Feed {
  readonly #result: AsyncResult<Result>;
  #draft: Draft | undefined;

  constructor(
    result: AsyncResult<Result>,
    readonly retries: number,
    draft?: Draft,
  ) {
    this.#result = result;
    this.#draft = draft;
  }

  get exhausted(): boolean {
    return this.#draft === undefined;
  }

  next(): Draft | undefined {
    const draft = this.#draft;
    this.#draft = undefined;
    return draft;
  }

  take(_draft: Draft, form: ResultForm, value: unknown): void {
    if (form === VALUE) this.#result.resolve(value as Result);
    else this.#result.reject(value);
  }

  abort(error: unknown): void {
    this.#result.reject(error);
  }

  unbind(): void {}
}
