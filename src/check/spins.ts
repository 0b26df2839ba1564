/**
 * Finds loops that repeat forever, so that they need no mark.
 *
 * A thread that is again at the operation where it was a few operations ago, by the same call path, may have gone round
 * a loop that left its local state unchanged. That is tried out: the same round is repeated, with the same results, and
 * if the code is still at the same place after {@link LONG} operations, the two pasts are taken to be one. A spin with
 * a counter leaves its loop on the way and is explored round by round, like everything else.
 *
 * A program whose threads never repeat a round several times in a row is not tried at all: the exploration begins by
 * watching, and begins anew when there is something to try.
 *
 * What is tried is a sample of what might come, so the merged pasts are also tested like marks (History.refutesLoops).
 * If one is refuted, the exploration begins anew and requires two equal rounds in a row, which handles state that is
 * carried from one round to the next; if that is refuted, it takes no loop to be endless.
 */
import type { ExecutionOptions } from './execution.js';
import type { Finding, Happening } from './finding.js';
import { sameOperation } from './operation.js';
import type { Past } from './past.js';
import { realNow } from './simulation.js';

/**
 * How many equal rounds it takes until a loop is tried out: 1 or 2; Infinity to try none; 'watch' only notices that
 * there may be one, by {@link NOTICED} rounds in a row, which costs next to nothing.
 */
export type EqualRounds = 'watch' | 1 | 2 | typeof Infinity;

/** Runs a thread along a past. */
type Probe = (past: readonly Happening[], options: ExecutionOptions) => Finding;

/** The longest round, in operations. */
const LONGEST_ROUND = 64;
/** A loop that repeats for this many operations is taken to repeat forever. */
export const LONG = 3_000;
/** This many equal rounds in a row, results included, are a sign that a program has loops. */
const NOTICED = 3;
/** The initial increment in rounds: a back-off that doubles takes 16 times as long, and is noticed in time. */
const FEW = 4;
/** This many further rounds suffice for a round that went on at the same place, with the same results, after another past. */
const KNOWN = 64;
/**
 * Rounds that take longer (ms) are not tried further if the time grew by far more than their number, as with a back-off
 * that doubles; nor are those that take ten times as long, whatever the reason. Time lost once to a busy machine is not
 * lost in every try.
 */
const SLOW = 200;
const GROWTH = 8;
const TIMES = 3;

export class Spins {
  /** Whether a thread repeated a round several times, so that the program may have loops; set when watching. */
  noticed = false;
  readonly #equal: EqualRounds;
  readonly #probe: Probe;
  /** How often a round, identified by its operations, occurred: a frequent one is tried ever more rarely. */
  readonly #returns = new Map<string, number>();
  /** The rounds that were found to be endless, each with its place. */
  readonly #endless = new Set<string>();
  /** The call path and local state of each past, as text. */
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
      if (this.#equal === 'watch') this.noticed ||= goesRound(reached, length);
      else if (this.#isDue(reached, length) && this.#isEndless(reached, past, length)) return past;
    }
    return undefined;
  }

  /** Whether to try a round. Its operations are the key, because a thread reaches the same code by many paths. */
  #isDue(reached: Past, length: number): boolean {
    let key = '';
    for (const { operation } of reached.happenings().slice(-length)) key += `${operation.kind} ${operation.word},`;
    const times = this.#returns.get(key) ?? 0;
    this.#returns.set(key, times + 1);
    return (times & (times - 1)) === 0;
  }

  #isEndless(reached: Past, head: Past, length: number): boolean {
    const way = reached.happenings();
    const round = way.slice(-length);
    if (this.#equal === 2 && !sameRound(round, way.slice(-2 * length, -length))) return false;
    // A plain replay shows that a thread does not repeat the round; the traces, which are expensive, decide the rest.
    if (!this.#repeats(way, round, reached)) return false;
    if (this.#traceOf(reached) !== this.#traceOf(head)) return false;
    const loop = textOf(round) + this.#traceOf(head);
    if (this.#endless.has(loop)) return this.#comesBack(goOn(way, round, KNOWN), head);
    let before = Infinity;
    for (let rounds = FEW; rounds < LONG / length; rounds += Math.max(FEW, rounds >= 64 ? rounds : 0)) {
      const most = Math.max(SLOW, GROWTH * before);
      const took = this.#timeToComeBack(goOn(way, round, rounds), head, most);
      if (took === undefined || took > most || took > 10 * SLOW) return false;
      before = took;
    }
    this.#endless.add(loop);
    return true;
  }

  /** How long (ms) the thread takes to come back; if that is more than `most`, the least of several tries. Undefined if it leaves. */
  #timeToComeBack(longer: readonly Happening[], head: Past, most: number): number | undefined {
    let least = Infinity;
    let times = 0;
    do {
      const began = realNow();
      if (!this.#comesBack(longer, head)) return undefined;
      least = Math.min(least, realNow() - began);
    } while (least > most && least <= 10 * SLOW && ++times < TIMES);
    return least;
  }

  /** Whether the thread is where it was, after a longer past. */
  #comesBack(longer: readonly Happening[], head: Past): boolean {
    return this.#probe(longer, { traced: true }).trace === this.#traceOf(head);
  }

  /** Whether the thread repeats the same round a few more times, as far as its operations show. */
  #repeats(way: readonly Happening[], round: readonly Happening[], { stop }: Past): boolean {
    const again = this.#probe(goOn(way, round, FEW), {}).stop;
    return stop.kind === 'operation' && again.kind === 'operation' && sameOperation(stop.operation, again.operation);
  }

  #traceOf(past: Past): string {
    let trace = this.#traces.get(past);
    if (trace === undefined) {
      trace = this.#probe(past.happenings(), { traced: true }).trace;
      this.#traces.set(past, trace);
    }
    return trace;
  }
}

/** Whether the last rounds of a past, each of `length` operations, are equal. */
function goesRound(reached: Past, length: number): boolean {
  let later: Past | undefined = reached;
  let earlier: Past | undefined = reached;
  for (let each = 0; each < length; each++) earlier = earlier?.parent;
  for (let each = length * (NOTICED - 1); each > 0; each--) {
    if (later?.happening === undefined || earlier?.happening === undefined) return false;
    if (!sameHappening(later.happening, earlier.happening)) return false;
    later = later.parent;
    earlier = earlier.parent;
  }
  return true;
}

function goOn(way: readonly Happening[], round: readonly Happening[], rounds: number): Happening[] {
  const longer = way.slice();
  for (let each = 0; each < rounds; each++) longer.push(...round);
  return longer;
}

function textOf(round: readonly Happening[]): string {
  let text = '';
  for (const { operation, result } of round) {
    const { kind, word, a, b } = operation;
    text += `${kind} ${word} ${a} ${b} ${result},`;
  }
  return text;
}

function sameRound(one: readonly Happening[], other: readonly Happening[]): boolean {
  return one.length === other.length && one.every((happening, at) => sameHappening(happening, other[at]));
}

function sameHappening(one: Happening, other: Happening): boolean {
  return one.result === other.result && sameOperation(one.operation, other.operation);
}
