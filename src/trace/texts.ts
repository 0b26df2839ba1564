/**
 * The texts that events refer to by number: names of primitives and agents, and stacks. Cells of the arena that the trace is kept in:
 *
 * ```text
 * cell 0  descriptor
 *      1  LENGTH  in UTF-16 units; written last
 *      2  the units, two a word
 * ```
 *
 * A text is written once and never changed or freed, so that its number means the same in every trace. An agent that begins
 * to record learns the existing ones; two agents that come upon a new one at the same time write it twice.
 */
import { allocate, codeOf, eachCell, PLAIN } from '../core/memory/cells.js';
import { TEXT_CODE } from '../core/memory/codes.js';
import { readText, wordsOfText, writeText } from '../core/memory/texts.js';

const LENGTH = 1;
const TEXT = 2;
/** Longer texts, which are stacks, are cut. */
const LONGEST = 1500;

export class Texts {
  readonly #words: Int32Array;
  readonly #numbers = new Map<string, number>();

  /** @param words the arena */
  constructor(words: Int32Array) {
    this.#words = words;
    eachCell(words, (index) => {
      if (codeOf(words, index) === TEXT_CODE) this.#numbers.set(textAt(words, index), index);
    });
  }

  /** @returns the number of a text, or 0 when there is no room for it */
  numberOf(text: string): number {
    const cut = text.slice(0, LONGEST);
    let number = this.#numbers.get(cut);
    if (number === undefined) {
      number = write(this.#words, cut);
      if (number !== 0) this.#numbers.set(cut, number);
    }
    return number;
  }
}

function write(words: Int32Array, text: string): number {
  const index = allocate(words, {
    name: 'text',
    code: TEXT_CODE,
    gates: 0,
    role: PLAIN,
    words: TEXT + wordsOfText(text),
  });
  if (index === 0) return 0;
  writeText(words, index + TEXT, text);
  Atomics.store(words, index + LENGTH, text.length);
  return index;
}

/** @returns the text of a number */
export const textAt = (words: Int32Array, number: number): string =>
  number === 0 ? '' : readText(words, number + TEXT, Atomics.load(words, number + LENGTH));
