/**
 * What is on its way to another agent, as a word in shared memory says until it has come there. When what carries it is
 * refused, or its receiver ends before it has taken it, it is said to have come: nobody has it then.
 */
import { wakeBlocked } from '../wait/wake.js';

/** Such a word. It is plain data: whoever starts workers sees to ways, too. */
export interface Way {
  readonly words: Int32Array;
  readonly at: number;
  /** The bits that tell this way from those after it, and say that it has not come. */
  readonly mask: number;
  /** What they are as long as it is on this way. */
  readonly during: number;
  /** The bit that says that it has come. */
  readonly arrived: number;
  /** The gates of those to whom it makes a difference that nobody has it. */
  readonly gates: readonly number[];
}

/** What something says that leaves. */
export interface Leaving {
  readonly way: Way;
  /** Has this agent have what is on its way, too; it returns what ends that. */
  keep(): () => void;
}

const NONE: readonly Way[] = [];
/** Those of what is being written; where a getter of that writes something else, the last are of this. */
const begun: Way[] = [];

/** How this agent may have what is on its way, too; each returns what ends that. */
const keeps = new WeakMap<Way, () => () => void>();

/** Notes what leaves by what is being written. */
export function beginWay({ way, keep }: Leaving): void {
  begun.push(way);
  keeps.set(way, keep);
}

/** @returns how many there are before something is written: by a getter of what these are of */
export const waysBefore = (): number => begun.length;

/** @returns those beyond so many: of the value that has just been written, or refused */
export const takeWays = (before: number): readonly Way[] => (begun.length <= before ? NONE : begun.splice(before));

/**
 * @param write writes a value, and refuses it by throwing
 * @returns what that returns, and what is on its way by it; of one that is refused nothing is
 */
export function sending<T>(write: () => T): { readonly written: T; readonly ways: readonly Way[] } {
  const before = waysBefore();
  try {
    return { written: write(), ways: takeWays(before) };
  } catch (error) {
    endWays(takeWays(before));
    throw error;
  }
}

/**
 * Has this agent have what is on its way, for as long as it may have to go that way again: until then nobody else is to take its
 * receiver's end for the end of it.
 *
 * @returns what ends that
 */
export const keepAll = (ways: readonly Way[]): readonly (() => void)[] =>
  ways.length === 0 ? NOTHING_KEPT : ways.flatMap((way) => keeps.get(way)?.() ?? []);

/** Of nothing. */
export const NOTHING_KEPT: readonly (() => void)[] = [];

/** Ends them, wherever they lead. What has come stays as it is, though its receiver may have sent it on. */
export function endWays(ways: readonly Way[]): void {
  for (const way of ways) if (end(way)) for (const gate of way.gates) wakeBlocked(way.words, gate, Infinity);
}

/** @returns whether it was still on this way */
function end({ words, at, mask, during, arrived }: Way): boolean {
  for (;;) {
    const word = Atomics.load(words, at);
    if ((word & mask) !== during) return false;
    if (Atomics.compareExchange(words, at, word, word | arrived) === word) return true;
  }
}
