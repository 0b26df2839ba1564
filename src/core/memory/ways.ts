/**
 * Objects in transit to another agent: a word in shared memory marks each one until it has arrived. If the message that
 * carries it is refused, or its receiver ends before taking it, it is marked as arrived: then nobody has it.
 */
import { wakeBlocked } from '../wait/wake.js';

/** Such a word. It is plain data, because the agent that starts workers also handles ways. */
export interface Way {
  readonly words: Int32Array;
  readonly at: number;
  /** The bits that distinguish this way from later ones, and say that the object has not arrived. */
  readonly mask: number;
  /** Their value while the object is on this way. */
  readonly during: number;
  /** The bit that says that it has arrived. */
  readonly arrived: number;
  /** The gates of agents that need to know when nobody has it. */
  readonly gates: readonly number[];
}

/** What an object announces when it leaves. */
export interface Leaving {
  readonly way: Way;
  /** Makes this agent also have the object in transit; returns a function that ends that. */
  keep(): () => void;
}

const NONE: readonly Way[] = [];
/** The ways of the value being written; if a getter of it writes another value, the last ones belong to that. */
const begun: Way[] = [];

/** How this agent can also have an object in transit; each returns a function that ends that. */
const keeps = new WeakMap<Way, () => () => void>();

/** Records an object that leaves with the value being written. */
export function beginWay({ way, keep }: Leaving): void {
  begun.push(way);
  keeps.set(way, keep);
}

/**
 * @returns how many ways there are before a value is written, which may happen in a getter of the value that they belong to
 */
export const waysBefore = (): number => begun.length;

/** @returns the ways beyond this many: those of the value that has just been written or refused */
export const takeWays = (before: number): readonly Way[] => (begun.length <= before ? NONE : begun.splice(before));

/**
 * @param write writes a value, or refuses it by throwing
 * @returns what `write` returns, and the ways of the value; if the value is refused, nothing is in transit
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
 * Makes this agent have the objects in transit for as long as they may have to be sent again: until then nobody must take
 * the receiver's end for theirs.
 *
 * @returns functions that end that
 */
export const keepAll = (ways: readonly Way[]): readonly (() => void)[] =>
  ways.length === 0 ? NOTHING_KEPT : ways.flatMap((way) => keeps.get(way)?.() ?? []);

/** The result for no ways. */
export const NOTHING_KEPT: readonly (() => void)[] = [];

/** Ends the ways, wherever they lead. An object that has arrived is unaffected, even if its receiver has sent it on. */
export function endWays(ways: readonly Way[]): void {
  for (const way of ways) if (end(way)) for (const gate of way.gates) wakeBlocked(way.words, gate, Infinity);
}

/** @returns whether the object was still on this way */
function end({ words, at, mask, during, arrived }: Way): boolean {
  for (;;) {
    const word = Atomics.load(words, at);
    if ((word & mask) !== during) return false;
    if (Atomics.compareExchange(words, at, word, word | arrived) === word) return true;
  }
}
