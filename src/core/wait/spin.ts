/**
 * How long a blocking call looks before it sleeps, and a task before it waits to be woken.
 *
 * To sleep and be woken takes tens of microseconds. So a call first looks a few times, which costs less than anything
 * else on the way to sleep. To look for longer does not pay in general: it takes a core from whoever would end the wait,
 * and where many contend for short sections, a throughput of 30 – 40 million fell to 10 – 17 million a second, because
 * an agent that sleeps lets another run many sections undisturbed.
 *
 * It pays for two that take turns. Where both sleep, a round trip takes two wake-ups; once both are awake, the answer
 * comes within the few looks: 0.25 µs in place of 11 – 25. All it takes to get there is that one looks for once as long
 * as the other takes to wake up. So one wait in seventeen does; at the worst it adds 3 µs to the others, on average.
 *
 * Where one makes what the other waits for, such as items of a queue, the next one is soon there as well. So a wait that may
 * have `Patience` looks for long again once that has paid, and until it does not any more: an item through a queue took
 * 20 – 60 µs when its consumer slept for each, and takes 1 so.
 *
 * A task cannot look without keeping its agent from all else. So it looks in turns of the event loop, and only for answers: see
 * task-looks.ts.
 *
 * Figures: two cores of a virtual x86-64 machine, Node 20.
 */
import { now } from './clock.js';
import { AGAIN, BUSY, LOOK } from './pass.js';
import { LONG_ONE_IN, type Patience } from './patience.js';
import { immediate } from './turns.js';
import type { Wait } from './wait.js';

/** Looks that every wait begins with: about half a microsecond. */
const FEW = 40;
/** About what a wake-up takes, in ms: 15 – 50 µs. */
const LONG_MS = 0.05;
/** Looks between two looks at the clock, which costs about as much as ten of them. */
export const LOOKS_PER_CLOCK = 16;
/** Most looks at the clock, should it stand still: some ten times as many as it takes. */
export const MOST_CLOCKS = 2000;

let waits = 0;
let limit = FEW;

/**
 * Sets for this agent how often a blocking call looks again before it sleeps.
 *
 * @param looks a count; 0 sleeps at once
 */
export function setSpinLimit(looks: number): void {
  limit = looks;
}

const pause: () => void =
  typeof Atomics.pause === 'function'
    ? () => Atomics.pause()
    : () => {
        // Looking less often leaves the word's cache line to its holder.
        for (let i = 0; i < 8; i++);
      };

/**
 * Looks as often as every wait begins with, and at one word only: for those whose passes take many times as long.
 *
 * @param value what it is now
 * @returns whether it has changed
 */
export function changesSoon(words: Int32Array, index: number, value: number): boolean {
  for (let left = limit; left > 0; left--) {
    if (Atomics.load(words, index) !== value) return true;
    pause();
  }
  return false;
}

/**
 * Makes passes that only look.
 *
 * @param state what the first pass of the wait is to be given
 * @param most how long it may take, beyond the first looks, in ms
 * @returns what the last of them answered
 */
export function spin(waiting: Wait, state: number, most: number): number {
  let answer = look(waiting, state, limit);
  if (!mayCome(answer) || limit === 0) return answer;
  const { patience } = waiting;
  if (!looksLong(patience)) return answer;
  const end = now() + Math.min(patience?.ms ?? LONG_MS, most);
  let clocks = 0;
  do {
    answer = look(waiting, state, LOOKS_PER_CLOCK);
  } while (mayCome(answer) && ++clocks < MOST_CLOCKS && now() < end);
  patience?.looked(!mayCome(answer));
  return answer;
}

/** One pass, and so many more as long as it may come soon. */
export function look(
  { member: { words }, pass, cell, me: agent }: Wait,
  state: number,
  more: number,
  me = agent,
): number {
  let answer = pass(words, cell, me, state | LOOK);
  for (let left = more; left > 0 && mayCome(answer); left--) {
    pause();
    answer = pass(words, cell, me, state | LOOK);
  }
  return answer;
}

export const mayCome = (answer: number): boolean => answer === BUSY || answer === AGAIN;

/** Whether a wait that begins now is one of those that look for long. */
const looksLong = (patience: Patience | undefined): boolean =>
  patience === undefined ? ++waits % LONG_ONE_IN === 0 : patience.isDue();

/**
 * Whether a task that has to sleep has itself woken from the next turn of the event loop on only. What the other tasks of its agent
 * do in this turn it is told of without that, and a watch of a gate takes longer than all else of a wait.
 */
export const watchesLater = (): boolean => immediate !== undefined && limit > 0;
