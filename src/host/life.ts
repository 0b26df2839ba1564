/**
 * Whether the spawner is alive. It reports the ends of all others, and a blocked agent would wait forever for the reports of a
 * spawner that has ended. So the spawner keeps some asynchronous waits on a word of the roll, which the engine drops when the
 * spawner ends; an agent that checks notifies one of them. (core/memory/pulse.ts does the same among the members of an arena.)
 *
 * | word | written by |
 * |---|---|
 * | BEATS | the spawner adds 1 *after* it has begun a wait; an agent that checks takes 1 *before* it notifies, and leaves the last one |
 * | PULSE | nobody |
 */
import { now } from '../core/wait/clock.js';
import { watch } from '../core/wait/watch.js';

/** Words of the roll. */
const BEATS = 3;
const PULSE = 4;
const MOST = 12;
/**
 * How often, in ms, a blocked agent checks, each time waking the spawner. For each missing beat it checks half as often: a
 * spawner that takes long to end, because a worker is in a call that nothing interrupts, still has its waits.
 */
const ASK_EVERY = 1000;
/** A spawner that has no beat after this time, in ms, has ended before it could begin. */
const BEGINS_WITHIN = 30_000;

/** For the spawner: shows from now on that it is alive. */
export function beat(words: Int32Array): void {
  while (typeof Atomics.waitAsync === 'function' && Atomics.load(words, BEATS) < MOST) {
    watch(words, PULSE, 0, () => beat(words));
    Atomics.add(words, BEATS, 1);
  }
}

/** To be called before another spawner replaces one that has ended. */
export function forgetBeats(words: Int32Array): void {
  Atomics.store(words, BEATS, 0);
}

/** If the spawner is a worker of this agent: what to do when it has ended. */
let whenStopped: { readonly words: Int32Array; readonly call: () => void; readonly since: number } | undefined;
let asked = 0;

/** Makes this agent check on its spawner while it blocks; without `Atomics.waitAsync` it cannot. */
export function lookAfter(words: Int32Array, call: () => void): void {
  if (typeof Atomics.waitAsync === 'function') whenStopped = { words, call, since: now() };
}

/** To be called from time to time by an agent that is blocked waiting for the spawner's reports. */
export function askSpawner(time = now()): void {
  if (whenStopped === undefined) return;
  const { words, call, since } = whenStopped;
  const beats = Atomics.load(words, BEATS);
  if (beats === 0 && time - since > BEGINS_WITHIN) call();
  if (beats < 2 || (time >= asked && time - asked < ASK_EVERY * 2 ** (MOST - beats))) return;
  asked = time;
  if (Atomics.compareExchange(words, BEATS, beats, beats - 1) !== beats) return;
  if (Atomics.notify(words, PULSE, 1) === 0) call();
}

/**
 * Blocks in slices, between which the agent checks on its spawner.
 *
 * @param block blocks for at most this long; returns whether the wait succeeded
 * @returns whether a slice succeeded
 */
export function blockLooking(block: (timeout: number) => boolean, timeout: number): boolean {
  const start = now();
  // The time also runs out by a clock that stands still.
  for (let waited = 0; ; waited = Math.max(now() - start, waited + ASK_EVERY)) {
    const left = Math.max(timeout - waited, 0);
    if (whenStopped === undefined || left <= ASK_EVERY) return block(left);
    if (block(ASK_EVERY)) return true;
    askSpawner();
  }
}
