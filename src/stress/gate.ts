/** Where the actors of a cast wait for each other. */
import { Word } from './stage.js';

/**
 * The rendezvous of the actors: nobody passes until all have come.
 *
 * It uses bare Atomics rather than the package's Barrier, because a harness built on what it tests would hide its
 * defects.
 */
export class Gate {
  readonly #control: Int32Array;
  readonly #parties: number;
  readonly #spins: number;

  /**
   * @param control - control words of the stage
   * @param parties - how many must come
   * @param spins - how many times to look before going to sleep; 0 if there are more actors than processors
   */
  constructor(control: Int32Array, parties: number, spins: number) {
    this.#control = control;
    this.#parties = parties;
    this.#spins = spins;
  }

  /** Waits for the others. What any of them wrote before it arrived is visible to all after it. */
  pass(): void {
    const control = this.#control;
    const closed = Atomics.load(control, Word.gate);
    if (Atomics.add(control, Word.arrived, 1) === this.#parties - 1) {
      Atomics.store(control, Word.arrived, 0);
      Atomics.add(control, Word.gate, 1);
      if (Atomics.load(control, Word.asleep) > 0) Atomics.notify(control, Word.gate);
      return;
    }
    for (let looks = this.#spins; looks > 0; looks--) {
      if (Atomics.load(control, Word.gate) !== closed) return;
    }
    Atomics.add(control, Word.asleep, 1);
    while (Atomics.load(control, Word.gate) === closed) Atomics.wait(control, Word.gate, closed);
    Atomics.sub(control, Word.asleep, 1);
  }
}
