import { Recorder } from '#dist/stress/recorder.js';
import type { Stage } from '#dist/stress/stage.js';
import { member } from '../support/member.js';

export interface RecorderData {
  readonly stage: Stage;
  readonly counter: Int32Array<SharedArrayBuffer>;
  readonly accesses: number;
}

/** Counts up, recorded; returns how often the number of the step was not the number that was counted. */
member<RecorderData>(({ data: { stage, counter, accesses } }) => {
  const recorder = new Recorder(
    stage,
    () => 0,
    () => {},
  );
  let wrong = 0;
  for (let access = 0; access < accesses; access++) {
    recorder.restart();
    const counted = recorder.access(
      () => Atomics.add(counter, 0, 1),
      () => '',
    );
    if (recorder.steps[0].order !== counted) wrong++;
  }
  return wrong;
});
