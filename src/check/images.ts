/**
 * The values of the words in one state. Images are interned: equal contents are one object with one id, so that states
 * are compared by a few integers. Only touched words have a place in an image; a word that is touched later has its
 * initial value in all older images.
 */
import type { Words } from './words.js';

export class Image {
  /** The images after a change of one word that were requested before. */
  readonly successors = new Map<number, Image>();
  /** Whether the invariant is known to hold for it, wherever the threads are. */
  isSound = false;

  constructor(
    readonly id: number,
    readonly values: readonly number[],
  ) {}
}

export class Images {
  readonly #words: Words;
  readonly #byContents = new Map<string, Image>();
  readonly #all: Image[] = [];
  readonly first: Image;

  constructor(words: Words) {
    this.#words = words;
    this.first = this.#intern([]);
  }

  byId(id: number): Image {
    return this.#all[id];
  }

  get(image: Image, word: number): number {
    return image.values[word] ?? this.#words.initial(word);
  }

  set(image: Image, word: number, value: number): Image {
    if (this.get(image, word) === value) return image;
    const step = word * 2 ** 32 + (value >>> 0);
    const known = image.successors.get(step);
    if (known !== undefined) return known;
    const values = image.values.slice();
    for (let each = values.length; each < word; each++) values.push(this.#words.initial(each));
    values[word] = value;
    const next = this.#intern(values);
    image.successors.set(step, next);
    return next;
  }

  #intern(values: number[]): Image {
    // Trailing initial values carry no information; without them, an image does not depend on when a word was first touched.
    while (values.length > 0 && values[values.length - 1] === this.#words.initial(values.length - 1)) values.pop();
    const contents = values.join();
    let image = this.#byContents.get(contents);
    if (image === undefined) {
      image = new Image(this.#all.length, values);
      this.#all.push(image);
      this.#byContents.set(contents, image);
    }
    return image;
  }
}
