/**
 * How long the commands of a connection may take. One timer serves all of them, because one for each command would cost
 * as much as the command itself.
 */
import { now } from './clock.js';
import { TIMED_OUT } from './server-error.js';

interface UnderWay {
  readonly until: number;
  readonly reject: (error: Error) => void;
}

export class Limits {
  readonly #limit: number;
  /** The oldest first, because all have the same limit. */
  readonly #underWay = new Set<UnderWay>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param limit in ms */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @returns the answer; rejected with an error that says `TIMED_OUT` when it has not come in time */
  within<Answer>(answer: Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const command = { until: now() + this.#limit, reject };
      this.#underWay.add(command);
      if (this.#timer === undefined) this.#watch(this.#limit);
      answer.then(
        (value) => {
          this.#underWay.delete(command);
          resolve(value);
        },
        (error: unknown) => {
          this.#underWay.delete(command);
          reject(error);
        },
      );
    });
  }

  /** Rejects all that are under way with an error. */
  end(error: Error): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const command of this.#underWay) command.reject(error);
    this.#underWay.clear();
  }

  /** The connection keeps its process alive, so the timer need not. */
  #watch(delay: number): void {
    // What has arrived while the event loop was busy is read before the look.
    this.#timer = setTimeout(() => setImmediate(() => this.#look()), delay);
    this.#timer.unref();
  }

  #look(): void {
    this.#timer = undefined;
    const moment = now();
    for (const command of this.#underWay) {
      if (command.until > moment) {
        this.#watch(command.until - moment);
        return;
      }
      this.#underWay.delete(command);
      command.reject(new Error(TIMED_OUT));
    }
  }
}
