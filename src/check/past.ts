/** What has happened to a thread, as nodes of a tree, and the steps between them. */
import type { Effect, Finding, Happening, Onward, Stop, Task } from './finding.js';
import type { Result } from './operation.js';

/** A node of the tree: a past, and where the thread is after it. */
export class Past {
  /** The same past, asleep in its wait. */
  asleep: Past | undefined;
  /** What came next, by the result of the operation it stops at, or by the turn. */
  readonly arrivals = new Map<Result | string, Arrival>();
  /** How many happenings it has. */
  readonly depth: number;

  constructor(
    readonly id: number,
    readonly parent: Past | undefined,
    readonly happening: Happening | undefined,
    readonly stop: Stop,
    readonly effects: readonly Effect[],
    readonly tasks: readonly Task[],
    /** What was found, on the way here, about what comes next. */
    public onward?: Onward | undefined,
  ) {
    this.depth = (parent?.depth ?? 0) + (happening === undefined ? 0 : 1);
  }

  /** The happenings from the beginning, followed by `next`. */
  happenings(...next: readonly Happening[]): Happening[] {
    const all = next.slice();
    for (let past: Past | undefined = this; past !== undefined; past = past.parent) {
      if (past.happening !== undefined) all.push(past.happening);
    }
    return all.reverse();
  }

  /** The smallest number that no task has: that of the thread's next waitAsync. */
  get freeTask(): number {
    let id = 1;
    while (this.tasks.some((task) => task.id === id)) id++;
    return id;
  }
}

/** Where one happening takes a thread, and the ghost changes on the way. */
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
    { stop, effects, tasks, onward }: Pick<Finding, 'stop' | 'effects' | 'tasks' | 'onward'>,
  ): Past {
    const past = new Past(this.#all.length, parent, happening, stop, effects, tasks, onward);
    this.#all.push(past);
    return past;
  }
}
