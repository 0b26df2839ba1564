/**
 * Where in the program agents wait, for others to read: a cell of the arena for each agent that records it. The cell of a
 * dead agent is reused by another.
 *
 * ```text
 * cell   0  descriptor
 *        1  WHOSE   the agent that writes here
 *        2  WAIT    the wait that the text belongs to, as numbered by waits.ts; 0 while it is written
 *        3  LENGTH  of the text, in UTF-16 units
 *        4  the units, two a word
 * ```
 *
 * WAIT is set to 0 before the text changes and to the wait's number after it, so a reader that reads WAIT, the text, and
 * WAIT again, and finds the same number, has read the stack of that wait.
 */
import { hereOf } from '../core/here.js';
import { allocateSpare, codeOf, eachCell, type Kind, PLAIN } from '../core/memory/cells.js';
import { STACK_CODE } from '../core/memory/codes.js';
import { isLive } from '../core/memory/slots.js';
import { readText, writeText } from '../core/memory/texts.js';

const WHOSE = 1;
const WAIT = 2;
const LENGTH = 3;
const TEXT = 4;
const WORDS = 512;
const LONGEST = (WORDS - TEXT) * 2;
const KIND: Kind = { name: 'stack', code: STACK_CODE, gates: 0, role: PLAIN, words: WORDS };

/** Enough for the frames of this package and a useful number of the program's. */
const FRAMES = 20;
/** Where the modules of this package are. */
const HERE = /* @__PURE__ */ folderOfThis();

/** It takes no argument: bundles would keep it because of an argument that reads the module's URL. */
function folderOfThis(): string {
  return hereOf(import.meta.url).replace(/[^/]*\/[^/]*$/, '');
}

/** What V8 provides for a stack frame, and JavaScriptCore only in part. */
export interface Frame {
  getFileName(): string | null | undefined;
  /** The position in the file, in characters. */
  getPosition?(): number;
}

type Prepare = (error: Error, frames: Frame[]) => unknown;
/** Properties of Error that hosts with such frames have, and that code using them sets. */
const errors = Error as unknown as { stackTraceLimit?: number | undefined; prepareStackTrace?: Prepare | undefined };

function captured(): unknown {
  const { stackTraceLimit } = errors;
  errors.stackTraceLimit = FRAMES;
  const { stack } = new Error();
  errors.stackTraceLimit = stackTraceLimit;
  return stack;
}

const framesOf: Prepare = (_error, frames) => frames;

/**
 * @returns the frames of the caller, including those of this package, in half the time that their text takes; undefined
 *   where the host has none
 */
export function framesHere(): readonly Frame[] | undefined {
  const { prepareStackTrace } = errors;
  errors.prepareStackTrace = framesOf;
  const frames = captured();
  errors.prepareStackTrace = prepareStackTrace;
  return Array.isArray(frames) && frames[0]?.getPosition !== undefined ? frames : undefined;
}

/** @returns the stack of the caller, without the frames of this package */
export function stackHere(): string {
  const lines = String(captured() ?? '')
    .split('\n')
    .map((line) => line.trim());
  const frames = lines.filter((line) => line !== '' && line !== 'Error');
  const own = frames.filter((line) => !line.includes(HERE));
  return (own.length > 0 ? own : frames).join('\n');
}

/** @returns the first cell for stacks for which this is true, or 0 */
function findCell(words: Int32Array, isOne: (index: number) => boolean): number {
  let found = 0;
  eachCell(words, (index) => {
    if (found === 0 && codeOf(words, index) === STACK_CODE && isOne(index)) found = index;
  });
  return found;
}

const cellOf = (words: Int32Array, agent: number): number =>
  findCell(words, (index) => Atomics.load(words, index + WHOSE) === agent);

/** Takes over the cell of a dead agent. */
const inherit = (words: Int32Array, agent: number): number =>
  findCell(words, (index) => {
    const whose = Atomics.load(words, index + WHOSE);
    if (whose === 0 || isLive(words, whose)) return false;
    // Its text belongs to no wait of the new owner. If another agent is faster, that agent's next wait has a stack again.
    Atomics.store(words, index + WAIT, 0);
    return Atomics.compareExchange(words, index + WHOSE, whose, agent) === whose;
  });

/** Records where the calling agent waits; does nothing while the arena is more than half full. */
export function noteStack(words: Int32Array, agent: number, wait: number): void {
  const cell = cellOf(words, agent) || inherit(words, agent) || allocateSpare(words, KIND);
  if (cell === 0) return;
  const text = stackHere().slice(0, LONGEST);
  Atomics.store(words, cell + WAIT, 0);
  Atomics.store(words, cell + WHOSE, agent);
  writeText(words, cell + TEXT, text);
  Atomics.store(words, cell + LENGTH, text.length);
  Atomics.store(words, cell + WAIT, wait);
}

/** @returns the stack of an agent's wait, if it was recorded */
export function stackOf(words: Int32Array, agent: number, wait: number): string | undefined {
  const cell = cellOf(words, agent);
  if (cell === 0 || Atomics.load(words, cell + WAIT) !== wait) return undefined;
  const text = readText(words, cell + TEXT, Math.min(Atomics.load(words, cell + LENGTH), LONGEST));
  return Atomics.load(words, cell + WAIT) === wait ? text : undefined;
}
