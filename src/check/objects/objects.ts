/** The primitives of a scenario in the states of an exploration: what may come of a call, and what it does. */
import type { Image, Images } from '../images.js';
import type { Operation } from '../operation.js';
import type { Placed } from './declared.js';
import { type Action, TIMED_OUT, type View } from './specification.js';

export class Objects {
  readonly #images: Images;
  readonly #names: readonly string[];
  /** By the number of the first word. */
  readonly #places = new Map<number, Placed>();

  /**
   * @param names - Those of the threads.
   */
  constructor(all: readonly Placed[], images: Images, names: readonly string[]) {
    this.#images = images;
    this.#names = names;
    for (const placed of all) this.#places.set(placed.first, placed);
  }

  /** What a thread's call can come to by itself in a state. */
  outcomes(image: Image, thread: number, operation: Operation): number[] {
    return this.#outcomes(image, thread, operation).filter((outcome) => outcome !== TIMED_OUT);
  }

  /** Whether its time can be up. */
  mayTimeOut(image: Image, thread: number, operation: Operation): boolean {
    return operation.b < Infinity && this.#outcomes(image, thread, operation).includes(TIMED_OUT);
  }

  /** What the words hold after an outcome. */
  act(image: Image, thread: number, operation: Operation, outcome: number): Image {
    const memory = { image };
    this.#action(operation).act?.(this.#view(memory, thread, operation), outcome);
    return memory.image;
  }

  /** The step in a report. */
  tell(operation: Operation, outcome: number): string {
    return this.#action(operation).tell(`\`${this.#placed(operation).name}\``, outcome);
  }

  /** What a thread waits for, and who has it. */
  waits(image: Image, thread: number, operation: Operation): string {
    const { name, specification } = this.#placed(operation);
    const what = this.#action(operation).waits?.(`\`${name}\``) ?? `is about to call ${operation.key}() of \`${name}\``;
    const holders = specification.holders?.(this.#view({ image }, thread, operation), this.#names) ?? '';
    return holders === '' ? what : `${what}, ${holders}`;
  }

  #placed({ word }: Operation): Placed {
    return this.#places.get(word) as Placed;
  }

  #action(operation: Operation): Action {
    return this.#placed(operation).specification.actions[operation.key];
  }

  #outcomes(image: Image, thread: number, operation: Operation): readonly number[] {
    return this.#action(operation).outcomes(this.#view({ image }, thread, operation));
  }

  #view(memory: { image: Image }, me: number, operation: Operation): View {
    return this.#viewOf(memory, me, operation.a, this.#placed(operation));
  }

  #viewOf(memory: { image: Image }, me: number, argument: number, placed: Placed): View {
    const { first, size, guard, specification } = placed;
    const images = this.#images;
    return {
      me,
      argument,
      size,
      threads: this.#names.length,
      reentrant: specification.reentrant ?? false,
      guard: guard && this.#viewOf(memory, me, argument, guard),
      get: (slot) => images.get(memory.image, first + slot),
      set: (slot, value) => {
        memory.image = images.set(memory.image, first + slot, value);
      },
    };
  }
}
