/** The worker's side of a cast: one actor that goes through iterations in step with the others, and judges its share. */
import { Gate } from './gate.js';
import {
  buildCells,
  OTHER_RESULTS,
  positionOf,
  RESULTS_PER_ACTOR,
  resetWords,
  type Stage,
  tallyOf,
  Word,
} from './stage.js';
import type { AnyCell, StressTest } from './test.js';

/** A part in a test, for one worker to play. */
export interface Part {
  readonly stage: Stage;
  readonly actor: number;
  readonly actors: number;
  /** Whether every worker has a processor, so that spinning costs less than sleeping while they wait for each other. */
  readonly roomy: boolean;
  /** Tells the supervisor which slot of this actor's tally counts which result. */
  readonly announce: (slot: number, result: string) => void;
}

/**
 * How many times to look at a closed gate before sleeping: about 0.5 ms. Much longer than a wake-up costs, for the sake
 * of the scheduler: actors that sleep for each other need only one processor between them, and on a busy machine they
 * get one and never meet.
 */
const GATE_LOOKS = 100_000;
/**
 * How many times to look for the others to reach the same iteration: about 0.5 µs. With none, actors that once drifted
 * apart stay so: measured on 2 processors, 0.2 % of the iterations then lost an update instead of 5 %.
 */
const STEP_LOOKS = 100;
/** In every other batch an actor dawdles before each iteration, for up to this many turns of an empty loop. */
const JITTER = 32;
/** A batch that took less is doubled, one that took more than the second is halved (ms). */
const SHORT_BATCH = 1;
const LONG_BATCH = 10;

/**
 * Plays one part until the supervisor says stop, but at least one batch: if the machine keeps the workers from running
 * until the time of a run is over, the run has still seen something.
 *
 * The iterations go in batches: all actors go through a batch, then they share the judging among themselves. Within a
 * batch they keep in step, but neither strictly nor always in the same way: the batch length and the dawdling vary,
 * because actors in lock-step would show the same interleaving again and again.
 *
 * @param test - the test
 * @param primitives - its primitives, attached in this worker
 * @param part - which actor this is, on which stage
 * @throws whatever the actor, the arbiter or `prepare` throws
 */
export function play(test: StressTest, primitives: object, part: Part): void {
  const { stage, actor: me, actors } = part;
  const { control } = stage;
  const cells = buildCells(stage, test, primitives, me, actors);
  const gate = new Gate(control, actors, part.roomy ? GATE_LOOKS : 0);
  const random = randomBelow();
  const walk = new Walk(test.actors[me % test.actors.length], cells, part, random);
  const judge = new Judge(test, cells, part);
  const pace = new Pace(stage.capacity);
  const share = (count: number, actor: number): number => Math.floor((count * actor) / actors);

  judge.prepare(share(stage.capacity, me), share(stage.capacity, me + 1));
  for (;;) {
    if (me === 0) pace.plan(control, random);
    gate.pass();
    const batch = Atomics.load(control, Word.batch);
    if (batch === 0) return;
    pace.start();
    walk.through(batch);
    pace.stop();
    gate.pass();
    control[positionOf(me)] = 0;
    judge.count(share(batch, me), share(batch, me + 1));
  }
}

/** Takes one actor through the iterations of a batch, and counts in how many of them it met another. */
class Walk {
  readonly #perform: (cell: AnyCell) => void;
  readonly #cells: readonly AnyCell[];
  readonly #part: Part;
  readonly #random: (below: number) => number;
  readonly #others: readonly number[];

  constructor(
    perform: (cell: AnyCell) => void,
    cells: readonly AnyCell[],
    part: Part,
    random: (below: number) => number,
  ) {
    this.#perform = perform;
    this.#cells = cells;
    this.#part = part;
    this.#random = random;
    this.#others = Array.from({ length: part.actors }, (_, actor) => actor)
      .filter((actor) => actor !== part.actor)
      .map(positionOf);
  }

  through(batch: number): void {
    const { stage, actor } = this.#part;
    const { control, tally } = stage;
    const perform = this.#perform;
    const cells = this.#cells;
    const random = this.#random;
    const others = this.#others;
    const mine = positionOf(actor);
    const jitter = random(2) === 1 ? JITTER : 1;
    const before = others.map(() => 0);
    const stuck = others.map(() => -1);
    let meetings = 0;
    for (let i = 0; i < batch; i++) {
      const here = 2 * i + 1;
      control[mine] = here;
      keepStep(control, others, here, before, stuck);
      for (let turns = random(jitter); turns > 0; turns--);
      perform(cells[i]);
      if (metAny(control, others, here, before)) meetings++;
      control[mine] = here + 1;
    }
    const { walked, overlapped } = tallyOf(actor);
    tally[walked] += batch;
    tally[overlapped] += meetings;
  }
}

/**
 * Waits briefly for the others to come as far as `here`, and notes where they are. An actor that does not move while
 * watched has no processor now, and is not waited for again until it has moved.
 */
function keepStep(
  control: Int32Array,
  others: readonly number[],
  here: number,
  before: number[],
  stuck: number[],
): void {
  for (let k = 0; k < others.length; k++) {
    let seen = Atomics.load(control, others[k]);
    if (seen < here && seen !== stuck[k]) {
      for (let look = 0; look < STEP_LOOKS && seen < here; look++) seen = Atomics.load(control, others[k]);
      stuck[k] = seen;
    }
    before[k] = seen;
  }
}

/** Whether the stay that ends now overlaps another's: each must have begun before the other ended. */
function metAny(control: Int32Array, others: readonly number[], here: number, before: readonly number[]): boolean {
  for (let k = 0; k < others.length; k++) {
    if (before[k] <= here && Atomics.load(control, others[k]) >= here) return true;
  }
  return false;
}

/** Chooses, for the leader, how many iterations the coming batch has. */
class Pace {
  readonly #most: number;
  #limit: number;
  /** When the last batch began; 0 before the first. */
  #started = 0;
  #took = SHORT_BATCH;

  constructor(most: number) {
    this.#most = most;
    this.#limit = Math.min(16, most);
  }

  plan(control: Int32Array, random: (below: number) => number): void {
    if (this.#took > LONG_BATCH) this.#limit = Math.max(1, this.#limit >> 1);
    else if (this.#took < SHORT_BATCH) this.#limit = Math.min(this.#most, this.#limit * 2);
    const shortest = Math.ceil(this.#limit / 2);
    const batch = shortest + random(this.#limit - shortest + 1);
    const isOver = this.#started > 0 && Atomics.load(control, Word.stop) === 1;
    Atomics.store(control, Word.batch, isOver ? 0 : batch);
  }

  start(): void {
    this.#started = performance.now();
  }

  stop(): void {
    this.#took = performance.now() - this.#started;
  }
}

/** Names and counts the results of iterations, and resets the iterations to be played again. */
class Judge {
  readonly #test: StressTest;
  readonly #cells: readonly AnyCell[];
  readonly #part: Part;
  readonly #initial: readonly number[];
  readonly #slots = new Map<string, number>();

  constructor(test: StressTest, cells: readonly AnyCell[], part: Part) {
    this.#test = test;
    this.#cells = cells;
    this.#part = part;
    this.#initial = Object.values(test.words);
  }

  count(from: number, to: number): void {
    const { stage, actor } = this.#part;
    const { firstResult } = tallyOf(actor);
    for (let i = from; i < to; i++) {
      const result = this.#test.arbiter(this.#cells[i]);
      stage.tally[firstResult + (this.#slots.get(result) ?? this.#newSlot(result))] += 1;
      resetWords(stage, this.#initial, i);
    }
    this.prepare(from, to);
  }

  prepare(from: number, to: number): void {
    const { prepare } = this.#test;
    if (prepare) for (let i = from; i < to; i++) prepare(this.#cells[i]);
  }

  #newSlot(result: string): number {
    const full = this.#slots.size >= RESULTS_PER_ACTOR - 1;
    const name = full ? OTHER_RESULTS : result;
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const slot = this.#slots.size;
    this.#slots.set(name, slot);
    this.#part.announce(slot, name);
    return slot;
  }
}

/** A small xorshift generator (Marsaglia, 2003): quick, and good enough to shake the actors out of step. */
function randomBelow(): (below: number) => number {
  let state = Math.floor(Math.random() * 0xffff_ffff) + 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
