/**
 * How a task looks for an answer before it waits to be woken: in turns of the event loop. In a file of its own, so that a
 * program whose tasks wait for no answers has none of it in its bundle.
 */
import { TASK } from '../memory/owner.js';
import { now } from './clock.js';
import { AGAIN } from './pass.js';
import { Patience } from './patience.js';
import { LOOKS_PER_CLOCK, look, MOST_CLOCKS, mayCome } from './spin.js';
import { immediate } from './turns.js';
import { LOOKING, type Looking, type Looks, type Wait } from './wait.js';

/**
 * The patience of waits whose tasks look as well. It is for answers: many successive items are better taken together, by a
 * task that is woken now and then.
 */
export class TaskPatience extends Patience implements Looking {
  looksOf(waiting: Wait, again: () => void): Looks {
    return new TaskLooks(waiting, this, again);
  }
}

/**
 * The looks of the first task waiting for something: the counterpart of `spin` for a blocking agent. The event loop turns
 * between groups of looks.
 */
class TaskLooks implements Looks {
  readonly #waiting: Wait;
  readonly #patience: Patience;
  readonly #again: () => void;
  /** When the looks end; 0 while the task does not look. */
  #end = 0;
  #clocks = 0;
  #turns = false;

  constructor(waiting: Wait, patience: Patience, again: () => void) {
    this.#waiting = waiting;
    this.#patience = patience;
    this.#again = again;
  }

  begin(): void {
    this.#clocks = 0;
    this.#end = this.#patience.isDue() ? now() + this.#patience.ms : 0;
  }

  look(state: number): number {
    if (this.#end === 0) return AGAIN;
    const answer = look(this.#waiting, state, LOOKS_PER_CLOCK, this.#waiting.me | TASK);
    if (mayCome(answer) && ++this.#clocks < MOST_CLOCKS && now() < this.#end) {
      this.#turn();
      return LOOKING;
    }
    this.#patience.looked(!mayCome(answer));
    this.#end = 0;
    return answer;
  }

  #turn(): void {
    if (this.#turns) return;
    this.#turns = true;
    immediate?.(() => {
      this.#turns = false;
      this.#again();
    });
  }
}
