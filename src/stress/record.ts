/** The worker's side of a recording: one actor that plays iteration by iteration and reports its steps. */
import type { Part } from './actor.js';
import { Gate } from './gate.js';
import { recordedCell } from './recorded-cell.js';
import { Recorder, type Step } from './recorder.js';
import { outcomeOf } from './report.js';
import { buildCells, positionOf, resetWords, Word } from './stage.js';
import type { StressTest } from './test.js';

/** Which iteration a recording waits for, and where steps are reported. */
interface RecordPart extends Omit<Part, 'announce'> {
  /** The row of the report that the iteration must count under. */
  readonly wanted: string;
  /** A clock in µs that all workers share. */
  readonly clock: () => number;
  /** Reports a step of an iteration; a step reported before has ended since. */
  readonly onStep: (iteration: number, index: number, step: Step) => void;
}

/** Whether an iteration with this result ends a cast, by a hang, an error or a death, rather than being judged by its actors. */
export const endsCast = ({ kills }: StressTest, result: string): boolean =>
  kills !== undefined || result === 'hang' || result.startsWith('error: ');

/** In every iteration an actor first dawdles for up to this many turns of an empty loop, about as long as a few steps take. */
const JITTER = 4_000;
/** How many times to look at a closed gate before sleeping: about 0.1 ms. */
const LOOKS = 20_000;

/**
 * Plays one part, recorded, one iteration after another, until one has the wanted result or the supervisor says stop.
 *
 * Steps of an iteration that may never end, because of a hang, an error or a death, are reported as they are made; the
 * others once the result is known to be the wanted one.
 *
 * @param test - the test
 * @param primitives - its primitives, attached in this worker
 * @param part - which actor this is, and what it waits for
 * @throws whatever the actor, the arbiter or `prepare` throws
 */
export function record(test: StressTest, primitives: object, part: RecordPart): void {
  const { stage, actor: me, actors, roomy, wanted, clock, onStep } = part;
  const { control } = stage;
  const initial = Object.values(test.words);
  const [cell] = buildCells(stage, test, primitives, me, actors);
  const live = endsCast(test, wanted);
  let iteration = 0;
  const recorder = new Recorder(stage, clock, (index, step) => {
    if (live) onStep(iteration, index, step);
  });
  const perform = test.actors[me % test.actors.length];
  const recorded = recordedCell(test, cell, recorder);
  const gate = new Gate(control, actors, roomy ? LOOKS : 0);

  for (;;) {
    if (me === 0) {
      test.prepare?.(cell);
      Atomics.store(control, Word.batch, Atomics.load(control, Word.stop) === 1 ? 0 : 1);
    }
    gate.pass();
    if (Atomics.load(control, Word.batch) === 0) return;
    iteration++;
    recorder.restart();
    for (let turns = Math.random() * JITTER; turns > 0; turns--);
    control[positionOf(me)] = 1;
    perform(recorded);
    control[positionOf(me)] = 2;
    gate.pass();
    if (me === 0) {
      const result = test.arbiter(cell);
      const row = String(outcomeOf(test.outcomes, result)?.result ?? result);
      Atomics.store(control, Word.found, row === wanted ? 1 : 0);
      resetWords(stage, initial, 0);
    }
    gate.pass();
    if (Atomics.load(control, Word.found) === 1) {
      recorder.steps.forEach((step, index) => {
        onStep(iteration, index, step);
      });
      return;
    }
  }
}
