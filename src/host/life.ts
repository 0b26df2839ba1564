/**
 * Whether the spawner lives. It tells of the ends of all others, and an agent that blocks would wait for ever for what a spawner
 * that has ended does not tell. So the spawner keeps some asynchronous waits for a word of the roll, which the engine forgets with
 * it; whoever asks notifies one of them. (core/memory/pulse.ts does the same among the members of an arena.)
 *
 * | word | written by |
 * |---|---|
 * | BEATS | the spawner adds 1 *after* it has begun a wait; whoever asks takes 1 *before* it notifies, and leaves the last one |
 * | PULSE | nobody |
 */
import { now } from '../core/wait/clock.js';
import { watch } from '../core/wait/watch.js';

/** On the roll. */
const BEATS = 3;
const PULSE = 4;
const MOST = 12;
/**
 * So often an agent that blocks asks, in ms: the spawner wakes up for each. For each beat that is missing half as often: a
 * spawner that is long in ending, for a worker is in a call that nothing interrupts, still has its waits.
 */
const ASK_EVERY = 1000;

/** The spawner: shows from now on that it lives. */
export function beat(words: Int32Array): void {
  while (typeof Atomics.waitAsync === 'function' && Atomics.load(words, BEATS) < MOST) {
    watch(words, PULSE, 0, () => beat(words));
    Atomics.add(words, BEATS, 1);
  }
}

/** Another spawner is to come, in place of one that has ended. */
export function forgetBeats(words: Int32Array): void {
  Atomics.store(words, BEATS, 0);
}

/** Where the spawner is a worker of this agent: what is to be done when it has ended. */
let whenStopped: { readonly words: Int32Array; readonly call: () => void } | undefined;
let asked = 0;

/** Has this agent look after its spawner while it blocks. */
export function lookAfter(words: Int32Array, call: () => void): void {
  whenStopped = { words, call };
}

/** To be called from time to time by an agent that blocks for what the spawner tells. */
export function askSpawner(time = now()): void {
  if (whenStopped === undefined) return;
  const { words, call } = whenStopped;
  const beats = Atomics.load(words, BEATS);
  if (beats < 2 || (time >= asked && time - asked < ASK_EVERY * 2 ** (MOST - beats))) return;
  asked = time;
  if (Atomics.compareExchange(words, BEATS, beats, beats - 1) !== beats) return;
  if (Atomics.notify(words, PULSE, 1) === 0) call();
}

/**
 * Blocks in parts, between which the agent looks after its spawner.
 *
 * @param block blocks for so long, and says whether that was long enough
 * @returns whether one was
 */
export function blockLooking(block: (timeout: number) => boolean, timeout: number): boolean {
  const start = now();
  // By a clock that stands still the time comes to an end, too.
  for (let waited = 0; ; waited = Math.max(now() - start, waited + ASK_EVERY)) {
    const left = Math.max(timeout - waited, 0);
    if (whenStopped === undefined || left <= ASK_EVERY) return block(left);
    if (block(ASK_EVERY)) return true;
    askSpawner();
  }
}
