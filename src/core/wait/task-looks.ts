/**
 * How a task looks for an answer before it waits to be woken: in turns of the event loop. It stands apart, so that a program
 * whose tasks wait for no answers has nothing of it in its bundle.
 */
import { TASK } from '../memory/owner.js';
import { now } from './clock.js';
import { AGAIN } from './pass.js';
import { Patience } from './patience.js';
import { LOOKS_PER_CLOCK, look, MOST_CLOCKS, mayCome } from './spin.js';
import { immediate } from './turns.js';
import { LOOKING, type Looking, type Looks, type Wait } from './wait.js';

/**
 * The patience of waits whose tasks look as well. It is for answers: many items that come one after the other are better taken
 * together, by one that is woken now and then.
 */
export class TaskPatience extends Patience implements Looking {
  looksOf(waiting: Wait, again: () => void): Looks {
    return new TaskLooks(waiting, this, again);
  }
}

/**
 * The looks of the task that waits first for something: what `spin` is for an agent that blocks. Between some looks and the next
 * the event loop turns.
 */
class TaskLooks implements Looks {
  readonly #waiting: Wait;
  readonly #patience: Patience;
  readonly #again: () => void;
  /** When they end; 0 while the task does not look. */
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
