/**
 * The names that users give primitives, for human readers: separate cells in the arena, because few primitives have a name.
 *
 * ```text
 * cell 0  descriptor
 *      1  the index of the cell that has the name; written last
 *      2  length, in UTF-16 units
 *      3  the units, two a word
 * ```
 */
import { checkString } from '../arguments.js';
import { allocate, codeOf, eachCell, type Kind, PLAIN } from './cells.js';
import { NAME_CODE } from './codes.js';
import { readText, wordsOfText, writeText } from './texts.js';

const WHOSE = 1;
const LENGTH = 2;
const TEXT = 3;
const LONGEST = 100;
const LARGEST_GRAIN = 16;

const kindFor = (name: string): Kind => ({
  name: 'name',
  code: NAME_CODE,
  gates: 0,
  role: PLAIN,
  words: TEXT + wordsOfText(name),
});

/** @throws TypeError or RangeError when it cannot be a name */
export function checkName(name: string): void {
  checkString('name', name);
  if (name.length < 1 || name.length > LONGEST) {
    throw new RangeError(`name must have 1 to ${LONGEST} characters, not ${name.length}`);
  }
}

/** @returns the greatest number of words of an arena that a name takes */
export const roomForName = (name: string): number => Math.ceil(kindFor(name).words / LARGEST_GRAIN) * LARGEST_GRAIN;

/** Names a new cell; the caller has checked that there is room. */
export function setName(words: Int32Array, cell: number, name: string): void {
  const index = allocate(words, kindFor(name));
  // Another agent has taken the room meanwhile: a primitive without a name works as well.
  if (index === 0) return;
  Atomics.store(words, index + LENGTH, name.length);
  writeText(words, index + TEXT, name);
  Atomics.store(words, index + WHOSE, cell);
}

/** @returns the name of a cell, if it has one */
export function nameOf(words: Int32Array, cell: number): string | undefined {
  let name: string | undefined;
  eachCell(words, (index) => {
    if (codeOf(words, index) !== NAME_CODE || Atomics.load(words, index + WHOSE) !== cell) return;
    const length = Math.min(Atomics.load(words, index + LENGTH), LONGEST);
    name = readText(words, index + TEXT, length);
  });
  return name;
}
