// Messages by kind, in the order of their arrival, for both ends of a crew: waiting for one is always bounded.

/** What crosses between a crew's threads. */
export interface Letter {
  readonly kind: string;
  readonly value: unknown;
}

interface Reader {
  readonly kind: string;
  readonly take: (value: unknown) => void;
  readonly fail: (error: Error) => void;
}

export class Mailbox {
  readonly #letters: Letter[] = [];
  readonly #readers = new Set<Reader>();
  #closed: Error | undefined;

  put(letter: Letter): void {
    for (const reader of this.#readers) {
      if (reader.kind === letter.kind) {
        reader.take(letter.value);
        return;
      }
    }
    this.#letters.push(letter);
  }

  /** Nothing will come any more: whoever waits now, or finds nothing later, gets `reason`. The first reason stays. */
  close(reason: Error): void {
    this.#closed ??= reason;
    for (const reader of this.#readers) reader.fail(this.#closed);
  }

  /**
   * The value of the oldest unread letter of this kind.
   *
   * @param ms - milliseconds to wait for it
   * @param silence - gives the error's message when that time is over
   */
  next(kind: string, ms: number, silence: () => string): Promise<unknown> {
    const at = this.#letters.findIndex((letter) => letter.kind === kind);
    if (at >= 0) return Promise.resolve(this.#letters.splice(at, 1)[0].value);
    if (this.#closed) return quiet(Promise.reject(this.#closed));
    const letter = new Promise((resolve, reject) => {
      const settle =
        <V>(how: (value: V) => void) =>
        (value: V) => {
          clearTimeout(timer);
          this.#readers.delete(reader);
          how(value);
        };
      const reader: Reader = { kind, take: settle(resolve), fail: settle(reject) };
      const timer = setTimeout(() => reader.fail(new Error(silence())), ms);
      this.#readers.add(reader);
    });
    return quiet(letter);
  }
}

/** For a promise that a test may hold and never await, when it fails before: then it has its own error to show. */
export function quiet<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}
