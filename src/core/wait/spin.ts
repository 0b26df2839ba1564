/**
 * How long a blocking call looks before it sleeps, and a task before it waits to be woken.
 *
 * Sleeping and being woken takes tens of microseconds. So a call first looks a few times, which costs less than anything
 * else on the way to sleep. Looking for longer does not pay in general: it takes a core from the agent that would end the
 * wait, and where many contend for short sections, throughput fell from 30 – 40 million to 10 – 17 million a second,
 * because an agent that sleeps lets another run many sections undisturbed.
 *
 * It pays for two agents that take turns. If both sleep, a round trip takes two wake-ups; once both are awake, the answer
 * comes within the few looks: 0.25 µs instead of 11 – 25. To get there, one of them only has to look once for as long as
 * the other takes to wake up. So one wait in seventeen does; at worst this adds 3 µs per wait on average.
 *
 * If one agent produces what the other waits for, such as items of a queue, the next one also comes soon. So a wait with
 * `Patience` keeps doing long looks once one has paid, until they no longer do: an item through a queue took 20 – 60 µs
 * when its consumer slept for each, and takes 1 µs this way.
 *
 * A task cannot look without keeping its agent from everything else. So it looks in turns of the event loop, and only for
 * answers: see task-looks.ts.
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
/** About the time of a wake-up, in ms: 15 – 50 µs. */
const LONG_MS = 0.05;
/** Looks between two looks at the clock, which costs about as much as ten of them. */
export const LOOKS_PER_CLOCK = 16;
/** The most looks at the clock, in case it stands still: about ten times as many as needed. */
export const MOST_CLOCKS = 2000;

let waits = 0;
let limit = FEW;

/**
 * Sets how often a blocking call of this agent looks again before it sleeps.
 *
 * @param looks the count; 0 sleeps at once
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
 * Looks as often as every wait does at its beginning, but at one word only: for waits whose passes take many times as long.
 *
 * @param value its current value
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
 * @param state the state for the first pass of the wait
 * @param most the longest time beyond the first looks, in ms
 * @returns the answer of the last pass
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

/** One pass, and up to `more` further ones while success may come soon. */
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

/** Whether a wait that begins now does a long look. */
const looksLong = (patience: Patience | undefined): boolean =>
  patience === undefined ? ++waits % LONG_ONE_IN === 0 : patience.isDue();

/**
 * Whether a task that has to sleep arranges to be woken only from the next turn of the event loop on. What its agent's
 * other tasks do in this turn reaches it without a watch, and watching a gate takes longer than the rest of a wait.
 */
export const watchesLater = (): boolean => immediate !== undefined && limit > 0;
