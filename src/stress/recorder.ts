/** What one actor does in an iteration, numbered so that the steps of all actors have one order. */
import { type Stage, Word } from './stage.js';

/**
 * One thing that an actor did in a recorded iteration: an access to a word, or a call to a primitive.
 *
 * The orders number the steps of all actors, beginnings and ends alike: the lower number happened first. Times are in
 * µs since a moment that all actors of a recording share.
 */
export interface Step {
  /** What was done, for people: `read counter → 0`, `load(counter) → 0`, `lock.acquire()`. */
  readonly text: string;
  /** Whether it is a call, which lasts until `end`, if it returned at all; an access completes at once. */
  readonly call: boolean;
  /** Its number among the steps of all actors; for a call, that of its beginning. */
  readonly order: number;
  /** When the access was made, or the call began, in µs. */
  readonly at: number;
  /** When a call returned, and what; or the last of several identical accesses in a row. */
  readonly end?: StepEnd;
}

/** The end of a step that took longer than one access. */
export interface StepEnd {
  /** What a call returned or threw, or how often an access was repeated, for people; empty if there is nothing to say. */
  readonly text: string;
  /** Its number among the steps of all actors. */
  readonly order: number;
  /** When, in µs. */
  readonly at: number;
}

type OpenStep = { -readonly [Key in keyof Step]: Step[Key] };

/** An iteration that loops is cut off after this many steps of an actor. */
const MOST_STEPS = 200;
/** How many times to look whether another recorder has finished its access, before resting for this long (ms). */
const LOOKS = 1_000;
const REST = 0.05;

/**
 * Records what one actor does.
 *
 * The recorders of a stage let one access happen at a time, and number it before the next, so the order is exact. A
 * call or a wait, during which others must go on, is numbered when it begins and when it ends. The price is that actors
 * are slower than unrecorded ones, and that plain accesses cannot be reordered.
 */
export class Recorder {
  readonly #control: Int32Array;
  readonly #clock: () => number;
  readonly #onStep: (index: number, step: Step) => void;
  #steps: OpenStep[] = [];
  /** How many times in a row the last step was made, if it is an access. */
  #times = 0;

  /**
   * @param stage - the stage that the actors share
   * @param clock - a clock in µs that all workers share
   * @param onStep - called with each step when it begins, and again when it ends
   */
  constructor(stage: Stage, clock: () => number, onStep: (index: number, step: Step) => void) {
    this.#control = stage.control;
    this.#clock = clock;
    this.#onStep = onStep;
  }

  /** The steps since the last `restart`. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** Forgets all steps, for a new iteration. */
  restart(): void {
    this.#steps = [];
    this.#times = 0;
  }

  /** Makes an access and records it, with no step of another actor in between. */
  access<R>(make: () => R, describe: (result: R) => string): R {
    this.#enter();
    const result = make();
    const text = describe(result);
    const stamp = this.#stamp();
    this.#leave();
    const last = this.#steps.at(-1);
    if (last && this.#times > 0 && last.text === text) {
      this.#times++;
      last.end = { text: `again, ${this.#times} ×`, ...stamp };
      this.#onStep(this.#steps.length - 1, last);
    } else {
      this.#add({ text, call: false, ...stamp });
      this.#times = 1;
    }
    return result;
  }

  /** Makes a call, during which others may need to run, and records its beginning and its end. */
  call<R>(text: string, make: () => R): R {
    const step: OpenStep = { text, call: true, ...this.#stampAlone() };
    const index = this.#add(step);
    this.#times = 0;
    const end = (text: string): void => {
      step.end = { text, ...this.#stampAlone() };
      this.#times = 0;
      if (index !== undefined) this.#onStep(index, step);
    };
    try {
      const result = make();
      end(result === undefined ? '' : `→ ${show(result)}`);
      return result;
    } catch (error) {
      end(`throws ${error instanceof Error ? error.message : error}`);
      throw error;
    }
  }

  #add(step: OpenStep): number | undefined {
    const index = this.#steps.length;
    if (index >= MOST_STEPS) return undefined;
    this.#steps.push(step);
    this.#onStep(index, step);
    return index;
  }

  #stampAlone(): Pick<Step, 'order' | 'at'> {
    this.#enter();
    const stamp = this.#stamp();
    this.#leave();
    return stamp;
  }

  #stamp(): Pick<Step, 'order' | 'at'> {
    return { order: Atomics.add(this.#control, Word.order, 1), at: this.#clock() };
  }

  #enter(): void {
    for (let looks = 1; Atomics.exchange(this.#control, Word.recording, 1) === 1; looks++) {
      if (looks % LOOKS === 0) Atomics.wait(this.#control, Word.recording, 1, REST);
    }
  }

  #leave(): void {
    Atomics.store(this.#control, Word.recording, 0);
  }
}

/** How a value reads in a step. */
export function show(value: unknown): string {
  if (typeof value === 'function') return '…';
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null ? value.constructor.name : String(value);
}
