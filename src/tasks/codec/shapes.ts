/** The lists of keys that one writer has seen, so that the next object with the same keys is written quickly. */
import { hashOf, SHAPE_KEYS, SHAPE_LENGTH, wordsOf } from './format.js';

/** The keys of plain objects, in order. */
export class Shape {
  /** The shape that followed this one last time: in most messages it will again. */
  next: Shape | undefined;
  /** The last message that numbered it, and the number. */
  message = 0;
  index = 0;
  /** Whether a writer still knows it. */
  known = true;

  /**
   * @param keys the keys
   * @param length how many characters they have together, joined by U+0000; −1 for keys that are written one by one
   * @param words these characters, four per word
   */
  constructor(
    readonly keys: readonly string[],
    readonly length: number,
    readonly words: Int32Array,
    readonly hash: number,
  ) {}
}

const NO_WORDS = new Int32Array(0);

/** The shape of objects that serve as dictionaries, which are not worth remembering. */
export const NO_SHAPE = new Shape([], -1, NO_WORDS, 0);

/** How many shapes a writer remembers: a power of 2. */
const PLACES = 1024;

/** The shapes of one writer. A shape has one possible place, and evicts what is there. */
export class Shapes {
  readonly #places: (Shape | undefined)[] = new Array(PLACES).fill(undefined);

  /** @param object an object of which for-in finds only own keys */
  of(object: object): Shape {
    const keys: string[] = [];
    let hash = 0;
    for (const key in object) {
      if (keys.length === SHAPE_KEYS) return NO_SHAPE;
      keys.push(key);
      const { length } = key;
      hash = Math.imul(hash ^ length, 31);
      if (length > 0) hash = (hash + key.charCodeAt(0) * 7 + key.charCodeAt(length - 1)) | 0;
    }
    const place = (hash ^ (hash >>> 10)) & (PLACES - 1);
    const known = this.#places[place];
    if (known !== undefined && equal(known.keys, keys)) return known;
    if (known !== undefined) {
      known.known = false;
      known.next = undefined;
    }
    const shape = make(keys);
    this.#places[place] = shape;
    return shape;
  }
}

function equal(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false;
  return true;
}

// Index keys come first in an object whatever the order in which keys are set, and are stored separately from other keys.
const INDEX = /^(0|[1-9][0-9]*)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: U+0000 is between the keys
const ASCII = /^[\x01-\x7f]*$/;

function make(keys: readonly string[]): Shape {
  const text = keys.join('\0');
  if (text.length > SHAPE_LENGTH || keys.some((key) => INDEX.test(key) || !ASCII.test(key)))
    return new Shape(keys, -1, NO_WORDS, 0);
  const bytes = new Uint8Array(wordsOf(text.length) * 4);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const words = new Int32Array(bytes.buffer);
  return new Shape(keys, text.length, words, hashOf(words, 0, words.length));
}
