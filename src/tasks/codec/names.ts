/** What one reader has seen before: short strings, and lists of keys with a class for the objects that have them. */
import { hashOf, mix, SHORT } from './format.js';

/** The base-2 logarithm of how many strings, and how many lists of keys, a reader remembers. */
const PLACES_BITS = 10;
const PLACES = 1 << PLACES_BITS;
const WORDS = Math.ceil(SHORT / 4);

/** Short strings by their bytes: the same names and states recur, and comparing words avoids creating them again. */
export class ShortStrings {
  readonly #texts: string[] = new Array(PLACES).fill('');
  readonly #lengths = new Uint8Array(PLACES);
  readonly #words = new Int32Array(PLACES * WORDS);

  /**
   * @param from the index of the first word
   * @param length in bytes, 1 to SHORT
   * @param make creates the string if it is not known
   */
  get(i32: Int32Array, from: number, length: number, make: (at: number, length: number) => string): string {
    const count = (length + 3) >> 2;
    let hash = length;
    for (let i = 0; i < count; i++) hash = mix(hash, i32[from + i]);
    // The highest bits: for texts that differ in a final digit, the other bits are too similar.
    const place = Math.imul(hash, 0x9e37_79b1) >>> (32 - PLACES_BITS);
    const base = place * WORDS;
    const words = this.#words;
    let same = this.#lengths[place] === length;
    for (let i = 0; same && i < count; i++) same = words[base + i] === i32[from + i];
    if (same) return this.#texts[place];
    return this.#remember(i32, from, length, make(from * 4, length), place);
  }

  #remember(i32: Int32Array, from: number, length: number, text: string, place: number): string {
    for (let i = 0; i < (length + 3) >> 2; i++) this.#words[place * WORDS + i] = i32[from + i];
    this.#lengths[place] = length;
    this.#texts[place] = text;
    return text;
  }
}

/** The keys of plain objects, and how to create such objects. */
export interface Layout {
  readonly keys: readonly string[];
  /** Creates an object of the class Object, with room for the keys. */
  readonly Class: new () => Record<string, unknown>;
  /** Whether a key has a meaning in Object.prototype, so that it must be defined, not assigned. */
  readonly special: boolean;
}

interface Known extends Layout {
  readonly hash: number;
  readonly words: Int32Array;
}

/** Lists of keys by their bytes. */
export class Layouts {
  readonly #places: (Known | undefined)[] = new Array(PLACES).fill(undefined);

  /**
   * @param count the number of keys
   * @param hash the hash given in the message
   * @param from the first word of the keys
   * @param to the index after their last word
   * @param make reads the keys as one string
   * @returns undefined if it is not a list of this many keys, or has another hash
   */
  get(i32: Int32Array, count: number, hash: number, from: number, to: number, make: () => string): Layout | undefined {
    const place = (hash ^ (hash >>> 10)) & (PLACES - 1);
    const known = this.#places[place];
    if (known !== undefined && known.hash === hash && known.keys.length === count && equal(known.words, i32, from, to))
      return known;
    const words = i32.slice(from, to);
    if (hashOf(words, 0, words.length) !== hash) return undefined;
    const keys = count === 0 ? [] : make().split('\0');
    if (keys.length !== count || new Set(keys).size !== count) return undefined;
    const layout = { keys, Class: newClass(), special: keys.some((key) => key in Object.prototype), hash, words };
    this.#places[place] = layout;
    return layout;
  }
}

function equal(words: Int32Array, i32: Int32Array, from: number, to: number): boolean {
  if (words.length !== to - from) return false;
  for (let i = 0; i < words.length; i++) if (words[i] !== i32[from + i]) return false;
  return true;
}

/** A separate class for each list of keys: engines then create its objects with room for exactly these. */
function newClass(): Layout['Class'] {
  function Plain(): void {}
  Plain.prototype = Object.prototype;
  return Plain as unknown as Layout['Class'];
}
