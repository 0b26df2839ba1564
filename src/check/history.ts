/**
 * The past of one thread, as a tree: a node is a past, its children are that past plus one more happening. Because
 * its past determines where a thread stands, each node is re-executed once, however many states of the exploration it
 * takes part in.
 *
 * A mark makes pasts equal: at `mark(key)` the thread goes on from the first past that reached that key, and the rest
 * of its own is forgotten. That is what keeps retry loops finite, and it rests on the promise that nothing older than
 * the mark matters, apart from the key, shared memory and the explorer's own records (clock and pending async waits,
 * which are part of the key). The promise is tested by random walks, which compare what both pasts do next.
 */
import { ScenarioError } from './errors.js';
import {
  type Effect,
  Execution,
  type ExecutionOptions,
  type Finding,
  type Happening,
  type Start,
  type Stop,
  type Task,
} from './execution.js';
import { type Operation, operation, type Result, sameOperation } from './operation.js';
import { type Random, randomFrom } from './random.js';
import { asCurrent } from './simulation.js';

/** How thoroughly marks are tested: ways tried for each merged past, and their length in happenings. */
const WALKS = 8;
const WALK_LENGTH = 40;
/** At most so many ways a thread, over all its merged pasts. */
const MAX_WALKS = 20_000;

/** A node of the tree: a past, and where the thread stands after it. */
export class Past {
  /** The same past, asleep in its wait. */
  asleep: Past | undefined;
  /** What came next, by the result of the operation it stops at, or by the turn. */
  readonly arrivals = new Map<Result | string, Arrival>();
  /** How many happenings there are. */
  readonly depth: number;

  constructor(
    readonly id: number,
    readonly parent: Past | undefined,
    readonly happening: Happening | undefined,
    readonly stop: Stop,
    readonly effects: readonly Effect[],
    readonly tasks: readonly Task[],
  ) {
    this.depth = (parent?.depth ?? 0) + (happening === undefined ? 0 : 1);
  }

  /** The happenings from the beginning. */
  happenings(): Happening[] {
    const all: Happening[] = [];
    for (let past: Past | undefined = this; past !== undefined; past = past.parent) {
      if (past.happening !== undefined) all.push(past.happening);
    }
    return all.reverse();
  }

  /** The smallest number that no task has: what the thread's next waitAsync will be called. */
  get freeTask(): number {
    let id = 1;
    while (this.tasks.some((task) => task.id === id)) id++;
    return id;
  }
}

/** Where a thread gets to by one happening, and the ghost changes on the way. */
export interface Arrival {
  readonly past: Past;
  readonly effects: readonly Effect[];
  /** The happening, and the marks passed after it. */
  readonly way: readonly Happening[];
}

/** Nodes of all threads, by id. */
export class Pasts {
  readonly #all: Past[] = [];

  byId(id: number): Past {
    return this.#all[id];
  }

  get count(): number {
    return this.#all.length;
  }

  add(
    parent: Past | undefined,
    happening: Happening | undefined,
    { stop, effects, tasks }: Pick<Finding, 'stop' | 'effects' | 'tasks'>,
  ): Past {
    const past = new Past(this.#all.length, parent, happening, stop, effects, tasks);
    this.#all.push(past);
    return past;
  }
}

export class History {
  readonly #pasts: Pasts;
  readonly #start: Start;
  readonly #marks = new Map<string, Past>();
  /** The pasts that were given up at a mark, and those from which their threads went on. */
  readonly #merges: { readonly from: Past; readonly mark: Operation; readonly into: Past }[] = [];
  readonly first: Arrival;
  readonly dead: Past;

  constructor(pasts: Pasts, start: Start) {
    this.#pasts = pasts;
    this.#start = start;
    this.dead = pasts.add(undefined, undefined, { stop: { kind: 'dead' }, effects: [], tasks: [] });
    this.first = this.#settle(pasts.add(undefined, undefined, this.#probe([])));
  }

  /** The operation this past stops at gave a result. */
  resume(past: Past, result: Result): Arrival {
    const known = past.arrivals.get(result);
    if (known !== undefined) return known;
    if (past.stop.kind !== 'operation')
      throw new Error(`a thread that is ${past.stop.kind} has no operation to resume`);
    return this.#advance(past, result, { operation: past.stop.operation, result });
  }

  /** The event loop of this idle past runs a continuation. */
  turn(past: Past, task: number, result: Result): Arrival {
    const key = `turn ${task} ${result}`;
    return past.arrivals.get(key) ?? this.#advance(past, key, { operation: operation('turn', -1, task), result });
  }

  /** The operation this past stops at, a wait, put the thread to sleep. */
  sleep(past: Past): Past {
    if (past.asleep === undefined) {
      if (past.stop.kind !== 'operation') throw new Error('only a wait can sleep');
      const stop: Stop = { kind: 'asleep', operation: past.stop.operation };
      past.asleep = this.#pasts.add(past, undefined, { stop, effects: [], tasks: past.tasks });
    }
    return past.asleep;
  }

  /** The source position of the operation this past stops at. */
  locate(past: Past): string {
    return this.#probe(past.happenings(), { located: true }).where;
  }

  /**
   * Tests the promise of the marks: each past that was given up is made to go on where the others went, along random
   * ways, and must do the same operations.
   *
   * @returns What is wrong, if anything is.
   */
  checkMarks(): string | undefined {
    const random = randomFrom(1);
    const all = this.#merges.length;
    for (const [index, merge] of this.#merges.entries()) {
      // Where there are too many, they share what walks there are.
      const walks = Math.floor(((index + 1) * MAX_WALKS) / all) - Math.floor((index * MAX_WALKS) / all);
      for (let walk = 0; walk < Math.min(walks, WALKS); walk++) {
        const problem = this.#walk(merge, random);
        if (problem !== undefined) {
          const [key, phase] = merge.mark.key.split('|');
          return `mark(${key}) in phase ${phase} has too small a key: two pasts that it made one go on differently: ${problem}`;
        }
      }
    }
    return undefined;
  }

  #walk({ from, mark, into }: { from: Past; mark: Operation; into: Past }, random: Random): string | undefined {
    const way: Happening[] = [...from.happenings(), { operation: mark, result: 0 }];
    let past = into;
    while (way.length < WALK_LENGTH + from.depth) {
      const next = this.#onward(past, random);
      if (next === undefined) break;
      way.push(...next.way);
      past = next.past;
    }
    // What the explorer cannot follow is reported by the search.
    if (past.stop.kind === 'error' && past.stop.error instanceof ScenarioError) return undefined;
    const { stop } = this.#probe(way, { strict: true });
    if (stop.kind === 'error' && past.stop.kind !== 'error') return String(stop.error);
    return sameStop(past.stop, stop) ? undefined : `one stops at ${nameOf(past.stop)}, the other at ${nameOf(stop)}`;
  }

  /** A way on from a past that others have gone. */
  #onward(past: Past, random: Random): Pick<Arrival, 'past' | 'way'> | undefined {
    const mark = markOf(past);
    const marked = mark === undefined ? undefined : this.#marks.get(mark.key);
    if (mark !== undefined && marked !== undefined) return { past: marked, way: [{ operation: mark, result: 0 }] };
    const arrivals = [...past.arrivals.values()];
    return arrivals.length === 0 ? undefined : arrivals[random(arrivals.length)];
  }

  #advance(past: Past, key: Result | string, happening: Happening): Arrival {
    const finding = this.#probe([...past.happenings(), happening]);
    const arrival = this.#settle(this.#pasts.add(past, happening, finding));
    past.arrivals.set(key, arrival);
    return arrival;
  }

  /** Goes on over marks until the thread stands before a real operation. */
  #settle(reached: Past): Arrival {
    let past = reached;
    const effects = [...past.effects];
    const way = reached.happening === undefined ? [] : [reached.happening];
    const seen = new Set<Past>();
    for (let mark = markOf(past); mark !== undefined; mark = markOf(past)) {
      past = this.#merge(past, mark);
      if (seen.has(past)) past = this.#failed(past, 'the code loops from mark to mark without any operation between');
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
    const first = this.#pasts.add(past, happening, this.#probe([...past.happenings(), happening]));
    this.#marks.set(mark.key, first);
    return first;
  }

  #failed(past: Past, message: string): Past {
    const stop: Stop = { kind: 'error', error: new ScenarioError(message) };
    return this.#pasts.add(past, undefined, { stop, effects: [], tasks: [] });
  }

  #probe(happenings: readonly Happening[], options: ExecutionOptions = {}): Finding {
    const execution = new Execution(happenings, options);
    return asCurrent(execution, () => execution.run(this.#start));
  }
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
