/** The shared memory that a cast plays on. */
import { type AnyCell, CELL_NAMES, type StressTest } from './test.js';

/**
 * The shared memory on which one cast of actors plays one test.
 *
 *     control   Int32    one word per cache line: the words of `Word`, then one position per actor
 *     tally     Float64  per actor: iterations played, how many of them overlapped, then one count per result
 *     stripe    Int32    the words of every iteration of a batch
 */
export interface Stage {
  readonly control: Int32Array;
  readonly tally: Float64Array;
  readonly stripe: Int32Array;
  /** How many iterations the stripe holds. */
  readonly capacity: number;
}

const LINE = 16;
const DOUBLES_PER_LINE = 8;

/** Control words. The *leader* is actor 0. */
export const Word = {
  /** Counts how often the gate has opened; an actor waiting at the gate spins and sleeps on it. */
  gate: 0,
  /** How many actors are at the gate; reset to 0 by the last, just before it opens the gate. */
  arrived: LINE,
  /** How many of them may be asleep; each counts itself in before its sleep and out after it. */
  asleep: 2 * LINE,
  /** Iterations of the coming batch, 0 for "leave". Written by the leader before a gate, read by all after it. */
  batch: 3 * LINE,
  /** Set to 1 by the supervisor: the leader makes the next batch 0. */
  stop: 4 * LINE,
  /** For a recording: set to 1 by the leader, between two gates, if the iteration was the wanted one. */
  found: 5 * LINE,
  /** For a recording: 1 while a recorder makes or numbers a step. */
  recording: 6 * LINE,
  /** For a recording: the number of the next step. Changed while `recording` is held. */
  order: 7 * LINE,
} as const;

/**
 * Which iteration of the batch an actor is in: 2i + 1 from the start of iteration i, 2i + 2 from its end. The actor
 * writes it with plain stores, so that the race itself is not fenced; a reader may see it late.
 */
export const positionOf = (actor: number): number => (8 + actor) * LINE;
/** Its position once it has played to the end, so that its worker may end. */
export const PLAYED = -1;

/** How many different results one actor can distinguish; any further ones are counted as {@link OTHER_RESULTS}. */
export const RESULTS_PER_ACTOR = 62;
/** The result that counts those for which there was no room. */
export const OTHER_RESULTS = 'other results';

const TALLY_SIZE = 2 + RESULTS_PER_ACTOR;
const TALLY_STRIDE = Math.ceil(TALLY_SIZE / DOUBLES_PER_LINE) * DOUBLES_PER_LINE;

/** Where an actor's tally is. Only that actor writes it. */
export const tallyOf = (actor: number) => ({
  walked: actor * TALLY_STRIDE,
  overlapped: actor * TALLY_STRIDE + 1,
  firstResult: actor * TALLY_STRIDE + 2,
});

/** Allocates the memory for one cast, with all words at their start values. */
export function buildStage(test: StressTest, actors: number, capacity: number): Stage {
  const initial = Object.values(test.words);
  const stage = {
    control: new Int32Array(new SharedArrayBuffer(positionOf(actors) * Int32Array.BYTES_PER_ELEMENT)),
    tally: new Float64Array(new SharedArrayBuffer(actors * TALLY_STRIDE * Float64Array.BYTES_PER_ELEMENT)),
    stripe: new Int32Array(new SharedArrayBuffer(initial.length * capacity * Int32Array.BYTES_PER_ELEMENT)),
    capacity,
  };
  for (let i = 0; i < capacity; i++) resetWords(stage, initial, i);
  return stage;
}

// Word by word, not iteration by iteration, so that the words of one iteration lie in different cache lines. This lets a store
// to one of them be late relative to a load of another.
const indexOf = (stage: Stage, word: number, iteration: number): number => word * stage.capacity + iteration;

/** Resets the words of one iteration to their start values. */
export function resetWords(stage: Stage, initial: readonly number[], iteration: number): void {
  for (let word = 0; word < initial.length; word++) stage.stripe[indexOf(stage, word, iteration)] = initial[word];
}

/** Makes one actor's cells, one per iteration, all of the same shape so that the actor compiles to straight-line code. */
export function buildCells(
  stage: Stage,
  test: StressTest,
  primitives: object,
  actor: number,
  actors: number,
): AnyCell[] {
  const names = Object.keys(test.words);
  const clash = Object.keys(primitives).find((name) => name in test.words || CELL_NAMES.includes(name));
  if (clash !== undefined) throw new TypeError(`stress test ${test.name}: a primitive cannot be called "${clash}"`);
  return Array.from({ length: stage.capacity }, (_, iteration) => {
    const cell: Record<string, unknown> = { memory: stage.stripe, actor, actors, ...primitives };
    names.forEach((name, word) => {
      cell[name] = indexOf(stage, word, iteration);
    });
    return cell as AnyCell;
  });
}
