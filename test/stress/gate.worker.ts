import { Gate } from '#dist/stress/gate.js';
import { member } from '../support/member.js';

export interface GateData {
  readonly control: Int32Array<SharedArrayBuffer>;
  /** How often each worker has come to the gate, one word a worker. */
  readonly comings: Int32Array<SharedArrayBuffer>;
  readonly rounds: number;
  readonly looks: number;
}

/** Passes the gate again and again; returns how often it found somebody who had not come yet. */
member<GateData>(({ index, count, data: { control, comings, rounds, looks } }) => {
  const gate = new Gate(control, count, looks);
  let early = 0;
  for (let round = 1; round <= rounds; round++) {
    Atomics.add(comings, index, 1);
    gate.pass();
    for (let other = 0; other < count; other++) if (Atomics.load(comings, other) < round) early++;
  }
  return early;
});
