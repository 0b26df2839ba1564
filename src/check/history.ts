/**
 * The past of one thread, as a tree: a node is a past, its children are that past plus one more happening. Because its
 * past determines where a thread is, each node is re-executed once, however many states of the exploration include it.
 *
 * A mark makes pasts equal: at `mark(key)` the thread goes on from the first past that reached that key, and the rest
 * of its own is forgotten. This keeps retry loops finite, and it rests on the promise that nothing older than the mark
 * matters, apart from the key, shared memory and the explorer's own records (clock and pending async waits, which are
 * part of the key). The promise is tested by random walks, which compare what both pasts do next.
 */
import { ScenarioError } from './errors.js';
import { Execution, type ExecutionOptions, type Start } from './execution.js';
import type { Finding, Happening, Oracle, Stop } from './finding.js';
import { type Frame, wayOf } from './frames.js';
import type { Image } from './images.js';
import { allOf, Miss } from './miss.js';
import { type Operation, operation, type Result, sameOperation } from './operation.js';
import type { Arrival, Past, Pasts } from './past.js';
import type { Queue } from './queues.js';
import { type Random, randomFrom } from './random.js';
import { sameEffects, sameFinding } from './same.js';
import { asCurrent, whileCurrent } from './simulation.js';
import { type EqualRounds, Spins } from './spins.js';

/** How thoroughly marks are tested: walks per merged past, and their length in happenings. */
const WALKS = 8;
const WALK_LENGTH = 40;
/** At most this many walks per thread, over all its merged pasts. */
const MAX_WALKS = 20_000;

/** A mark that promises too much. */
export interface MarkProblem {
  readonly reason: string;
  /** The past that was given up. */
  readonly from: Past;
  /** Where the mark is. */
  readonly where: string;
}

/** A past that was given up in favour of another. */
interface Merge {
  readonly from: Past;
  /** The mark at which it was given up, if there is one. */
  readonly mark?: Operation;
  readonly into: Past;
}

/** Findings of an async thread, by its pasts. */
export type Findings = Map<string, Finding>;

/** Threads of one history, which are taken to be alike. */
export interface Alike {
  readonly starts: readonly Start[];
  /** Whether they run the same function. */
  readonly oneCode: boolean;
  /** Called when they are not alike, with the groups that are, by their positions. */
  readonly differ: (sorts: readonly (readonly number[])[]) => void;
}

/** What else the machine may ask for and be told. */
export interface HistoryOptions {
  /** Called with each step from one past to another, when it is found. */
  readonly arrived?: ((from: Past, arrival: Arrival) => void) | undefined;
  /** Where findings about an async thread are kept; each takes turns of the host's event loop. */
  readonly findings?: Findings | undefined;
  /** What a thread that goes on alone will find, given the words and the waiters; with it, a thread is run on at once. */
  readonly alone?: ((image: Image, queue: Queue) => Oracle) | undefined;
}

export class History {
  readonly #pasts: Pasts;
  readonly #alike: Alike;
  readonly #arrived: HistoryOptions['arrived'];
  readonly #findings: Findings | undefined;
  readonly #alone: HistoryOptions['alone'];
  readonly #marks = new Map<string, Past>();
  /** The pasts that were given up at a mark, and those from which their threads continued. */
  readonly #merges: Merge[] = [];
  /** The operations at which an execution has stopped, each with the one before it. */
  readonly #stops = new Set<string>();
  readonly #spins: Spins;
  /** As #merges, at the heads of loops that were found to be endless. */
  readonly #loops: Merge[] = [];
  readonly #root: Past;
  readonly first: Arrival;
  readonly dead: Past;

  constructor(pasts: Pasts, alike: Alike, equalRounds: EqualRounds, { arrived, findings, alone }: HistoryOptions = {}) {
    this.#pasts = pasts;
    // With several threads, findings are compared operation by operation.
    if (alike.starts.length === 1) this.#alone = alone;
    this.#findings = findings;
    this.#arrived = arrived;
    this.#alike = alike;
    this.#spins = new Spins(equalRounds, (past, options) => this.#probe(past, options));
    this.dead = pasts.add(undefined, undefined, { stop: { kind: 'dead' }, effects: [], tasks: [] });
    this.#root = pasts.add(undefined, undefined, this.#probe([]));
    this.first = this.#settle(this.#root);
  }

  /**
   * The operation that this past stops at returned a result.
   *
   * @param image - The words' values then.
   * @param queue - The waiters then.
   */
  resume(past: Past, result: Result, image: Image, queue: Queue): Arrival {
    const known = past.arrivals.get(result);
    if (known !== undefined) return known;
    if (past.stop.kind !== 'operation')
      throw new Error(`a thread that is ${past.stop.kind} has no operation to resume`);
    return this.#advance(past, result, { operation: past.stop.operation, result }, image, queue);
  }

  /** The event loop of this idle past runs a continuation. */
  turn(past: Past, task: number, result: Result, image: Image, queue: Queue): Arrival {
    const key = `turn ${task} ${result}`;
    const known = past.arrivals.get(key);
    return known ?? this.#advance(past, key, { operation: operation('turn', -1, task), result }, image, queue);
  }

  /** The operation that this past stops at, a wait, put the thread to sleep. */
  sleep(past: Past): Past {
    if (past.asleep === undefined) {
      if (past.stop.kind !== 'operation') throw new Error('only a wait can sleep');
      const stop: Stop = { kind: 'asleep', operation: past.stop.operation };
      past.asleep = this.#pasts.add(past, undefined, { stop, effects: [], tasks: past.tasks });
    }
    return past.asleep;
  }

  /** The source position of the operation that this past stops at: `function file:line:column`. */
  locate(past: Past): string {
    return wayOf(this.#framesTo(past).slice(0, 1));
  }

  /**
   * As {@link locate}, with the positions of the calls that led there.
   *
   * @param place - Which of the threads that are taken to be alike: they do the same, maybe not in the same code.
   */
  wayTo(past: Past, place: number): string {
    return wayOf(this.#framesTo(past, place));
  }

  #framesTo(past: Past, place = 0): readonly Frame[] {
    const [happenings, options] = [past.happenings(), { located: true }];
    if (this.#findings !== undefined) return this.#probe(happenings, options).frames;
    return this.#run(this.#alike.starts[place], happenings, options).finding.frames;
  }

  /** What is wrong with a mark, if walks find anything: each past given up must do what the one that replaced it does. */
  checkMarks(): MarkProblem | undefined {
    const found = this.#check(this.#merges);
    if (found === undefined) return undefined;
    const { from, mark } = found.merge;
    const [key, phase] = (mark as Operation).key.split('|');
    const reason = `mark(${key}) in phase ${phase} has too small a key: two histories that it merged continue differently: ${found.problem}`;
    return { reason, from, where: this.locate(from) };
  }

  /** Whether any past was given up at a mark of the code. */
  get hasMerged(): boolean {
    return this.#merges.some(({ mark }) => mark !== undefined && !mark.key.startsWith('phase '));
  }

  /** Whether a past belongs to this thread. */
  owns(past: Past): boolean {
    let root = past;
    while (root.parent !== undefined) root = root.parent;
    return root === this.#root;
  }

  /** Whether the thread repeated itself as loops do, if loops are only watched for. */
  get noticedLoop(): boolean {
    return this.#spins.noticed;
  }

  /** Whether any loop was taken to be endless. */
  get hasLoops(): boolean {
    return this.#loops.length > 0;
  }

  /** Whether a loop that was taken to be endless turns out not to be. */
  refutesLoops(): boolean {
    return this.#check(this.#loops) !== undefined;
  }

  /** The positions of the loops that were taken to be endless. */
  loops(): string[] {
    return [...new Set(this.#loops.map(({ into }) => into))].map((past) => this.locate(past));
  }

  /**
   * Makes each past that was given up continue as the others did, along random walks; returns the first that does not
   * do the same operations, or change ghosts in the same way.
   */
  #check(merges: readonly Merge[]): { readonly merge: Merge; readonly problem: string } | undefined {
    const random = randomFrom(1);
    const all = merges.length;
    // Requested together: one at a time, each would require all earlier walks to be repeated.
    const missing: Miss[] = [];
    for (const [index, merge] of merges.entries()) {
      // If there are too many merges, they share the available walks.
      const walks = Math.floor(((index + 1) * MAX_WALKS) / all) - Math.floor((index * MAX_WALKS) / all);
      const { from, mark } = merge;
      const begun = mark === undefined ? from.happenings() : from.happenings({ operation: mark, result: 0 });
      for (let walk = 0; walk < Math.min(walks, WALKS); walk++) {
        const problem = this.#walk(begun, merge, random, missing);
        if (problem !== undefined && missing.length === 0) return { merge, problem };
      }
    }
    if (missing.length > 0) throw allOf(missing);
    return undefined;
  }

  /**
   * @param begun - The happenings of the past that was given up.
   * @param missing - Receives what is not known about an async thread; the walk is then abandoned.
   */
  #walk(begun: readonly Happening[], { mark, into }: Merge, random: Random, missing: Miss[]): string | undefined {
    const way = begun.slice();
    // What a past changes before it is given up at a loop's head counts, so only what comes later has to be the same.
    const effects = mark === undefined ? [] : [...into.effects];
    const effectsFrom = begun.length + (mark === undefined ? 1 : 0);
    let past = into;
    while (way.length < WALK_LENGTH + begun.length) {
      const next = this.#onward(past, random);
      if (next === undefined) break;
      way.push(...next.way);
      effects.push(...next.effects);
      past = next.past;
    }
    // The search reports what the explorer cannot follow.
    if (past.stop.kind === 'error' && past.stop.error instanceof ScenarioError) return undefined;
    const finding = this.#probeOrMiss(way, { strict: true, effectsFrom });
    if (finding instanceof Miss) {
      missing.push(finding);
      return undefined;
    }
    const { stop } = finding;
    if (stop.kind === 'error' && past.stop.kind !== 'error') return String(stop.error);
    if (!sameStop(past.stop, stop)) return `one stops at ${nameOf(past.stop)}, the other at ${nameOf(stop)}`;
    if (way.length < effectsFrom || sameEffects(effects, finding.effects)) return undefined;
    return 'they change ghosts in different ways';
  }

  /** A continuation from a past that others have taken. */
  #onward(past: Past, random: Random): Arrival | undefined {
    const mark = markOf(past);
    const marked = mark === undefined ? undefined : this.#marks.get(mark.key);
    if (mark !== undefined && marked !== undefined) {
      return { past: marked, effects: marked.effects, way: [{ operation: mark, result: 0 }] };
    }
    const { arrivals } = past;
    let left = arrivals.size === 0 ? -1 : random(arrivals.size);
    for (const arrival of arrivals.values()) if (left-- === 0) return arrival;
    return undefined;
  }

  #advance(past: Past, key: Result | string, happening: Happening, image: Image, queue: Queue): Arrival {
    const finding = onwardOf(past, happening) ?? this.#lookAhead(past, happening, image, queue);
    const reached = this.#pasts.add(past, happening, finding);
    const head = this.#spins.headOf(reached);
    if (head !== undefined) this.#loops.push({ from: reached, into: head });
    const arrival =
      head === undefined ? this.#settle(reached) : { past: head, effects: reached.effects, way: [happening] };
    past.arrivals.set(key, arrival);
    this.#arrived?.(past, arrival);
    return arrival;
  }

  /** What comes after a happening, and after that for as long as the thread can go on alone. */
  #lookAhead(past: Past, happening: Happening, image: Image, queue: Queue): Finding {
    const tellAlone = this.#alone;
    const alone = tellAlone && (() => this.#steps(happening.operation, tellAlone(image, queue)));
    return this.#probe(past.happenings(happening), { alone });
  }

  /** Foretells nothing at a step not stopped at before: otherwise code that swallows the suspension there would go unnoticed. */
  #steps(first: Operation, oracle: Oracle): Oracle {
    let before = keyOf(first);
    return (next) => {
      const key = keyOf(next);
      const step = `${before} ${key}`;
      if (!this.#stops.has(step)) {
        this.#stops.add(step);
        return undefined;
      }
      before = key;
      return oracle(next);
    };
  }

  /** Goes through marks until the thread is about to do a real operation. */
  #settle(reached: Past): Arrival {
    let past = reached;
    const { happening } = reached;
    if (markOf(past) === undefined)
      return { past, effects: past.effects, way: happening === undefined ? [] : [happening] };
    const effects = [...past.effects];
    const way = happening === undefined ? [] : [happening];
    const seen = new Set<Past>();
    for (let mark = markOf(past); mark !== undefined; mark = markOf(past)) {
      past = this.#merge(past, mark);
      if (seen.has(past)) past = this.#failed(past, 'the code loops from mark to mark without an operation in between');
      seen.add(past);
      effects.push(...past.effects);
      way.push({ operation: mark, result: 0 });
    }
    return { past, effects, way };
  }

  #merge(past: Past, mark: Operation): Past {
    const happening: Happening = { operation: mark, result: 0 };
    const known = this.#marks.get(mark.key);
    if (known !== undefined) {
      this.#merges.push({ from: past, mark, into: known });
      return known;
    }
    const first = this.#pasts.add(past, happening, this.#probe(past.happenings(happening)));
    this.#marks.set(mark.key, first);
    return first;
  }

  #failed(past: Past, message: string): Past {
    const stop: Stop = { kind: 'error', error: new ScenarioError(message) };
    return this.#pasts.add(past, undefined, { stop, effects: [], tasks: [] });
  }

  /** For an async thread: what was found before, or a request to find it. */
  #found(findings: Findings, happenings: readonly Happening[], options: ExecutionOptions): Finding | Miss {
    const key = pastKey(happenings, options);
    const known = findings.get(key);
    if (known !== undefined) return known;
    return new Miss(async () => {
      if (findings.has(key)) return;
      findings.set(key, await this.#runAsync(happenings, options));
    });
  }

  async #runAsync(happenings: readonly Happening[], options: ExecutionOptions): Promise<Finding> {
    const execution = new Execution(happenings, options);
    const finding = await whileCurrent(execution, () => execution.runAsync(this.#alike.starts[0]));
    return execution.wantsCount ? this.#runAsync(happenings, { ...options, counted: true }) : finding;
  }

  #probe(happenings: readonly Happening[], options: ExecutionOptions = {}): Finding {
    const finding = this.#probeOrMiss(happenings, options);
    if (finding instanceof Miss) throw finding;
    return finding;
  }

  #probeOrMiss(happenings: readonly Happening[], options: ExecutionOptions): Finding | Miss {
    if (this.#findings !== undefined) return this.#found(this.#findings, happenings, options);
    const { starts, oneCode } = this.#alike;
    const { finding, asksWhoItIs } = this.#run(starts[0], happenings, options);
    if (starts.length === 1 || (oneCode && !asksWhoItIs)) return finding;
    const sorts: { readonly finding: Finding; readonly places: number[] }[] = [{ finding, places: [0] }];
    for (let place = 1; place < starts.length; place++) {
      const other = this.#run(starts[place], happenings, options).finding;
      const sort = sorts.find((each) => sameFinding(each.finding, other));
      if (sort === undefined) sorts.push({ finding: other, places: [place] });
      else sort.places.push(place);
    }
    if (sorts.length > 1) this.#alike.differ(sorts.map(({ places }) => places));
    return finding;
  }

  #run(
    start: Start,
    happenings: readonly Happening[],
    options: ExecutionOptions,
  ): { readonly finding: Finding; readonly asksWhoItIs: boolean } {
    const execution = new Execution(happenings, options);
    const finding = asCurrent(execution, () => execution.run(start));
    if (execution.wantsCount) return this.#run(start, happenings, { ...options, counted: true });
    // Once more, to report where.
    if (execution.swallowed && options.located !== true) {
      return this.#run(start, happenings, { ...options, located: true, alone: undefined });
    }
    return { finding, asksWhoItIs: execution.asksWhoItIs };
  }
}

/** What was found, on the way to a past, about what comes next. It can be taken only once. */
function onwardOf(past: Past, { result }: Happening): Finding | undefined {
  const { onward } = past;
  if (onward?.result !== result) return undefined;
  past.onward = undefined;
  return onward.finding;
}

/** The key of a past in {@link Findings}. */
function pastKey(happenings: readonly Happening[], options: ExecutionOptions): string {
  let key = JSON.stringify(options);
  for (const { operation, result } of happenings) key += `;${keyOf(operation)}=${result}`;
  return key;
}

function keyOf({ kind, word, a, b, key }: Operation): string {
  return `${kind} ${word} ${a} ${b} ${key}`;
}

function markOf({ stop }: Past): Operation | undefined {
  return stop.kind === 'operation' && stop.operation.kind === 'mark' ? stop.operation : undefined;
}

function sameStop(x: Stop, y: Stop): boolean {
  if (x.kind === 'operation' && y.kind === 'operation') return sameOperation(x.operation, y.operation);
  return x.kind === y.kind;
}

function nameOf(stop: Stop): string {
  if (stop.kind === 'operation') return stop.operation.kind;
  return stop.kind === 'idle' && stop.finished ? 'its end' : stop.kind;
}
