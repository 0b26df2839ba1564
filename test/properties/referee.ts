/** What a primitive must do, according to a plain sequential model, and whether it did. */
import * as assert from 'uvu/assert';

/** How a call ended: with a value, or with an error's code. */
export type Outcome = { readonly value: unknown } | { readonly error: string };

/** The model refuses a call. */
export class Refused extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/** What a model's call answers to a caller that does not wait. */
export function atOnce(answer: unknown): unknown {
  if (!(answer instanceof Waiting)) return answer;
  return answer.ready() ? answer.finish() : answer.timeUp();
}

let calls = 0;

/** A call that waits until the model lets it go on. */
export class Waiting {
  /** Its place among the waiters. */
  since = calls++;

  /**
   * @param ready whether it may return now
   * @param finish what it does when it returns, and what it returns
   * @param timeUp what its timeout does; it may wait on after that, with another value to return
   * @param aborted what an abort does, likewise
   * @param line waiters of one line are served first in, first out
   */
  constructor(
    readonly ready: () => boolean,
    readonly finish: () => unknown,
    readonly timeUp: () => unknown = () => false,
    readonly aborted: () => unknown = () => {
      throw new Refused('aborted');
    },
    public line = '',
  ) {}

  /** Goes to the end of its line. */
  requeue(): void {
    this.since = calls++;
  }
}

/** A call of a model, which returns a value at once or a Waiting, or throws Refused. */
export type ModelCall = () => unknown;

/** Compares the end of every call with the model's, in the order in which calls end. */
export class Referee<Who> {
  readonly #answers = new Map<Who, Outcome>();
  readonly #waiting = new Map<Who, Waiting>();

  /** Whether the last call of `who` has not returned yet. */
  isBusy(who: Who): boolean {
    return this.#waiting.has(who) || this.#answers.has(who);
  }

  /**
   * A call begins.
   *
   * @param line the line it waits in, if there are several
   */
  starts(who: Who, call: ModelCall, line = ''): void {
    this.#expect(who, call, line);
  }

  /** The time of a waiting call is up. */
  timeIsUp(who: Who): void {
    const waiting = this.#waiting.get(who);
    assert.ok(waiting, 'only who waits can time out');
    this.#waiting.delete(who);
    this.#expect(who, waiting.timeUp, '');
  }

  /** The signal of a waiting call is aborted. */
  isAborted(who: Who): void {
    const waiting = this.#waiting.get(who);
    assert.ok(waiting, 'only who waits can be aborted');
    this.#waiting.delete(who);
    this.#expect(who, waiting.aborted, '');
  }

  /** A call has ended. */
  ended(who: Who, outcome: Outcome): void {
    const answer = this.#answers.get(who) ?? this.#finish(who, outcome);
    this.#answers.delete(who);
    assert.equal(outcome, answer);
  }

  /** Nothing moves any more: every call that could end must have ended. */
  quiet(): void {
    assert.equal([...this.#answers.keys()], [], 'a call that should have returned has not');
    for (const waiting of this.#waiting.values()) assert.not(waiting.ready(), 'one that could go on was not woken');
  }

  #expect(who: Who, call: ModelCall, line: string): void {
    const answer = outcomeOf(call);
    if ('value' in answer && answer.value instanceof Waiting) {
      if (line !== '') answer.value.line = line + answer.value.line;
      this.#waiting.set(who, answer.value);
    } else {
      this.#answers.set(who, answer);
    }
  }

  #finish(who: Who, outcome: Outcome): Outcome {
    const waiting = this.#waiting.get(who);
    if (waiting === undefined) throw new Error('a call ended that nobody made');
    assert.ok(waiting.ready(), `a call returned ${JSON.stringify(outcome)} and should wait`);
    for (const other of this.#waiting.values()) {
      const overtaken = other.line === waiting.line && other.since < waiting.since && other.ready();
      assert.not(overtaken, 'one that waited longer was passed over');
    }
    this.#waiting.delete(who);
    return outcomeOf(waiting.finish);
  }
}

/** An error that a test throws on purpose, distinguishable from mistakes. */
export class Boom extends Error {
  readonly code = 'boom';
}

/** Runs a call, of a model or of the real thing. An error without a code is not an outcome, and is thrown. */
export function outcomeOf(call: () => unknown): Outcome {
  try {
    return { value: call() };
  } catch (error) {
    return refusal(error);
  }
}

/** The outcome of a call that threw, or was rejected with, this error. */
export function refusal(error: unknown): Outcome {
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return { error: code };
  throw error;
}
