/**
 * Which threads are taken to be alike, so that states that differ only in which of them does what are one.
 *
 * Initially, all threads that are declared alike, with code that is written alike, are taken to be alike. What refutes
 * that is found during the exploration: a thread that behaves differently from its peers after the same past, or
 * something that asks which thread is which. Then the exploration begins anew with fewer peers. See symmetry.ts for
 * what follows from being alike.
 */
import type { Scenario, ThreadOptions } from './scenario.js';

export class Peers {
  /** How often threads were told apart. */
  version = 0;
  /** Threads that are alike, in order; each thread is in one group. */
  #groups: readonly (readonly number[])[];

  /** @param groups - The threads that may be alike. */
  constructor(groups: readonly (readonly number[])[]) {
    this.#groups = groups;
  }

  /** No thread is taken to be like another. */
  static none({ threads }: Scenario<string, string>): Peers {
    return new Peers(threads.map((_, thread) => [thread]));
  }

  /** The threads that may be alike, by their declarations. */
  static of({ threads }: Scenario<string, string>): Peers {
    const options = threads.map((each): ThreadOptions => (typeof each === 'function' ? { run: each } : each));
    const groups: number[][] = [];
    options.forEach((each, thread) => {
      const group = groups.find(([first]) => mayBeAlike(options[first], each));
      if (group === undefined) groups.push([thread]);
      else group.push(thread);
    });
    return new Peers(groups);
  }

  get groups(): readonly (readonly number[])[] {
    return this.#groups;
  }

  /** Splits a group of threads into several sorts; it may already have been split further. */
  split(sorts: readonly (readonly number[])[]): void {
    const sortOf = (thread: number): number => sorts.findIndex((sort) => sort.includes(thread));
    const before = this.#groups.length;
    this.#groups = this.#groups.flatMap((group) => {
      const found = new Set(group.map(sortOf));
      return [...found].map((sort) => group.filter((thread) => sortOf(thread) === sort));
    });
    if (this.#groups.length > before) this.version++;
  }

  /** Something asks which thread is which. */
  dissolve(): void {
    if (this.#groups.every(({ length }) => length === 1)) return;
    this.#groups = this.#groups.flat().map((thread) => [thread]);
    this.version++;
  }
}

/** Threads whose code is not even written alike would be told apart at once. */
function mayBeAlike(one: ThreadOptions, other: ThreadOptions): boolean {
  const { daemon = false, killable = true, run, phases } = one;
  return (
    daemon === (other.daemon ?? false) &&
    killable === (other.killable ?? true) &&
    String(run) === String(other.run) &&
    String(phases) === String(other.phases)
  );
}
