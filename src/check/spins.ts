/**
 * Finds loops that go round for ever, so that they need no mark.
 *
 * A thread that stands again at the operation where it stood a few operations ago, called by the same way, may have gone
 * round a loop that left its local state as it was. That is tried out: the same round is repeated, with the same results,
 * and if the code still stands at the same place after {@link LONG} operations, the two pasts are taken for one. A spin
 * with a counter leaves its loop on the way and is explored round by round, like all else.
 *
 * What is tried is a sample of what might come, so the merged pasts are tested like marks, too (History.refutesLoops). If
 * one is refuted, the exploration begins anew and asks for two equal rounds in a row, which a state that is carried from
 * round to round survives; if that is refuted, it takes no loop for endless.
 */
import type { ExecutionOptions, Finding, Happening } from './execution.js';
import { type Operation, sameOperation } from './operation.js';
import type { Past } from './past.js';
import { asCurrent, realNow } from './simulation.js';

/** How many equal rounds it takes until a loop is tried out; Infinity where none is. */
export type EqualRounds = 1 | 2 | typeof Infinity;

/** Runs a thread along a past. */
type Probe = (past: readonly Happening[], options: ExecutionOptions) => Finding;

/** The longest round, in operations. */
const LONGEST_ROUND = 64;
/** A loop that goes round the same for so many operations is taken to go round for ever. */
export const LONG = 3_000;
/** So many rounds more each time at first: a back-off that doubles takes 16 times as long, and is noticed in time. */
const FEW = 4;
/** So often an operation that comes again is tried each time; from then on, when the number is a power of two. */
const OFTEN = 16;
/** Rounds that take longer (ms) are not tried further: what waits longer and longer is not tried to its end. */
const SLOW = 50;

export class Spins {
  readonly #equal: EqualRounds;
  readonly #probe: Probe;
  /** How often an operation, by its text, came again: what does so often is tried ever more rarely. */
  readonly #repeats = new Map<string, number>();
  /** How the code came to where each past stands, as text. */
  readonly #traces = new Map<Past, string>();

  /**
   * @param equal - How many equal rounds make a loop.
   * @param probe - Runs the thread along a past.
   */
  constructor(equal: EqualRounds, probe: Probe) {
    this.#equal = equal;
    this.#probe = probe;
  }

  /** The earlier past that a past is equal to, if it has gone round an endless loop. */
  headOf(reached: Past): Past | undefined {
    if (this.#equal === Infinity || reached.stop.kind !== 'operation') return undefined;
    const { operation } = reached.stop;
    let past: Past | undefined = reached;
    for (let length = 1; length <= LONGEST_ROUND; length++) {
      if (past?.happening === undefined || past.happening.operation.kind === 'mark') return undefined;
      past = past.parent;
      if (past?.stop.kind !== 'operation' || !sameOperation(past.stop.operation, operation)) continue;
      if (this.#isDue(operation) && this.#isEndless(reached, past, length)) return past;
    }
    return undefined;
  }

  #isDue({ kind, word, a, b }: Operation): boolean {
    const text = `${kind} ${word} ${a} ${b}`;
    const times = this.#repeats.get(text) ?? 0;
    this.#repeats.set(text, times + 1);
    return times < OFTEN || (times & (times - 1)) === 0;
  }

  #isEndless(reached: Past, head: Past, length: number): boolean {
    const way = reached.happenings();
    const round = way.slice(-length);
    if (this.#equal === 2 && !sameRound(round, way.slice(-2 * length, -length))) return false;
    if (this.#traceOf(reached) !== this.#traceOf(head)) return false;
    for (let rounds = FEW, most = LONG / length; rounds < most; rounds += Math.max(FEW, rounds >= 64 ? rounds : 0)) {
      const began = realNow();
      for (let each = 0; each < rounds; each++) way.push(...round);
      if (this.#probe(way, { traced: asCurrent }).where !== this.#traceOf(head)) return false;
      if (realNow() - began > SLOW) return false;
      way.length -= rounds * length;
    }
    return true;
  }

  #traceOf(past: Past): string {
    let trace = this.#traces.get(past);
    if (trace === undefined) {
      trace = this.#probe(past.happenings(), { traced: asCurrent }).where;
      this.#traces.set(past, trace);
    }
    return trace;
  }
}

function sameRound(one: readonly Happening[], other: readonly Happening[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ operation, result }, at) => {
      return result === other[at].result && sameOperation(operation, other[at].operation);
    })
  );
}
