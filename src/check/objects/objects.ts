/** The primitives of a scenario in the states of an exploration: the possible outcomes of a call, and what each does. */
import type { Image, Images } from '../images.js';
import type { Operation } from '../operation.js';
import type { Placed } from './declared.js';
import { type Action, ownerWord, TIMED_OUT, type View } from './specification.js';

export class Objects {
  readonly #images: Images;
  readonly #names: readonly string[];
  /** By the number of the first word. */
  readonly #places = new Map<number, Placed>();
  /** The words that name holders, as one thread or as a set of threads. */
  readonly #owners: number[] = [];
  readonly #sets: number[] = [];
  /** Words of which each thread has one, by thread. */
  readonly #own: number[][] = [];

  /** @param names - Those of the threads. */
  constructor(all: readonly Placed[], images: Images, names: readonly string[]) {
    this.#images = images;
    this.#names = names;
    for (const placed of all) {
      this.#places.set(placed.first, placed);
      this.#findNames(placed);
    }
  }

  /** The possible outcomes of a thread's call in a state, without time-outs. */
  outcomes(image: Image, thread: number, operation: Operation): number[] {
    return this.#outcomes(image, thread, operation).filter((outcome) => outcome !== TIMED_OUT);
  }

  /** Whether it can time out. */
  mayTimeOut(image: Image, thread: number, operation: Operation): boolean {
    return operation.b < Infinity && this.#outcomes(image, thread, operation).includes(TIMED_OUT);
  }

  /** The words' values after an outcome. */
  act(image: Image, thread: number, operation: Operation, outcome: number): Image {
    const memory = { image };
    this.#action(operation).act?.(this.#view(memory, thread, operation), outcome);
    return memory.image;
  }

  /** The step in a report. */
  tell(operation: Operation, outcome: number): string {
    return this.#action(operation).tell(`\`${this.#placed(operation).name}\``, outcome);
  }

  /** What a thread waits for, and who holds it. */
  waits(image: Image, thread: number, operation: Operation): string {
    const { name, specification } = this.#placed(operation);
    const what = this.#action(operation).waits?.(`\`${name}\``) ?? `is about to call ${operation.key}() of \`${name}\``;
    const holders = specification.holders?.(this.#view({ image }, thread, operation), this.#names) ?? '';
    return holders === '' ? what : `${what}, ${holders}`;
  }

  /** Which of two threads comes first by what the primitives say about them; 0 if they say the same of both. */
  compare(image: Image, one: number, other: number): number {
    if (!this.#nameThreads) return 0;
    const get = (word: number): number => this.#images.get(image, word);
    for (const word of this.#owners) {
      const owner = get(word);
      if (owner === ownerWord(one) || owner === ownerWord(other)) return owner === ownerWord(one) ? -1 : 1;
    }
    for (const word of this.#sets) {
      const [first, second] = [(get(word) >> one) & 1, (get(word) >> other) & 1];
      if (first !== second) return second - first;
    }
    for (const words of this.#own) {
      const [first, second] = [get(words[one]), get(words[other])];
      if (first !== second) return first - second;
    }
    return 0;
  }

  /**
   * The same image, with other names for the threads.
   *
   * @param order - By new name, the former one.
   * @param names - By former name, the new one.
   */
  renamed(image: Image, order: readonly number[], names: readonly number[]): Image {
    if (!this.#nameThreads) return image;
    let renamed = image;
    const set = (word: number, value: number): void => {
      renamed = this.#images.set(renamed, word, value);
    };
    for (const word of this.#owners) {
      const owner = this.#images.get(image, word);
      if (owner !== 0) set(word, ownerWord(names[owner - ownerWord(0)]));
    }
    for (const word of this.#sets) {
      const threads = this.#images.get(image, word);
      set(
        word,
        order.reduce((all, thread, name) => all | (((threads >> thread) & 1) << name), 0),
      );
    }
    for (const words of this.#own) {
      for (const [name, thread] of order.entries()) set(words[name], this.#images.get(image, words[thread]));
    }
    return renamed;
  }

  /** Whether any word says something about threads. */
  get #nameThreads(): boolean {
    return this.#owners.length + this.#sets.length + this.#own.length > 0;
  }

  #findNames({ first, slots }: Placed): void {
    const own: number[] = [];
    for (const [at, { tellsOf }] of slots.entries()) {
      if (tellsOf === 'owner') this.#owners.push(first + at);
      else if (tellsOf === 'threads') this.#sets.push(first + at);
      else if (tellsOf !== undefined) own[tellsOf] = first + at;
    }
    if (own.length > 0) this.#own.push(own);
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
