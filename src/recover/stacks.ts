/**
 * Where in the program agents wait, for others to read: a cell of the arena for each agent that was asked to note it. That of
 * an agent that has died serves another.
 *
 * ```text
 * cell   0  descriptor
 *        1  WHOSE   the agent that writes here
 *        2  WAIT    the wait that the text is of, as waits.ts numbers it; 0 while it is written
 *        3  LENGTH  of the text, in UTF-16 units
 *        4  the units, two a word
 * ```
 *
 * WAIT is set to 0 before the text changes and to the wait's number after it, so who reads WAIT, the text, and WAIT again, and
 * finds the same number, has read the stack of that wait.
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

/** Enough for the frames of this package and as many of the program as are worth while. */
const FRAMES = 20;
/** Where the modules of this package are. */
const HERE = /* @__PURE__ */ folderOfThis();

/** It takes no argument: bundles would hold it for the sake of one that asks for the module's URL. */
function folderOfThis(): string {
  return hereOf(import.meta.url).replace(/[^/]*\/[^/]*$/, '');
}

/** What V8 tells of a frame of a stack, and JavaScriptCore but in part. */
export interface Frame {
  getFileName(): string | null | undefined;
  /** Where in the file it is, in characters. */
  getPosition?(): number;
}

type Prepare = (error: Error, frames: Frame[]) => unknown;
/** What hosts with such frames have, and whoever uses them changes. */
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
 * @returns the frames of the caller, those of this package too, which are found in half the time that their text takes;
 *   undefined where the host has none
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

/** @returns the first cell for stacks of which this is true, or 0 */
function findCell(words: Int32Array, isOne: (index: number) => boolean): number {
  let found = 0;
  eachCell(words, (index) => {
    if (found === 0 && codeOf(words, index) === STACK_CODE && isOne(index)) found = index;
  });
  return found;
}

const cellOf = (words: Int32Array, agent: number): number =>
  findCell(words, (index) => Atomics.load(words, index + WHOSE) === agent);

/** Takes the cell of an agent that has died. */
const inherit = (words: Int32Array, agent: number): number =>
  findCell(words, (index) => {
    const whose = Atomics.load(words, index + WHOSE);
    if (whose === 0 || isLive(words, whose)) return false;
    // What it says is of no wait of the new one. Where another one is faster, that one's next wait has a stack again.
    Atomics.store(words, index + WAIT, 0);
    return Atomics.compareExchange(words, index + WHOSE, whose, agent) === whose;
  });

/** Notes where the calling agent waits; nothing while the arena is more than half full. */
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

/** @returns the stack of a wait of an agent, if it was noted */
export function stackOf(words: Int32Array, agent: number, wait: number): string | undefined {
  const cell = cellOf(words, agent);
  if (cell === 0 || Atomics.load(words, cell + WAIT) !== wait) return undefined;
  const text = readText(words, cell + TEXT, Math.min(Atomics.load(words, cell + LENGTH), LONGEST));
  return Atomics.load(words, cell + WAIT) === wait ? text : undefined;
}
