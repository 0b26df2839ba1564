/**
 * How long a blocking call looks before it sleeps.
 *
 * A wait that ends soon is cheaper to look for than to sleep through: to sleep and be woken takes tens of microseconds.
 * A wait that does not end soon is better slept through, because the looking takes a core from whoever would end it. So
 * a call first looks a few times, which costs less than anything else on the way to sleep; then it looks for as long as
 * a wake-up would take, if that has paid on this cell before. What pays is learnt by each agent for itself (the idea is
 * that of the GNU C library's adaptive mutex).
 */
import { AGAIN, BUSY, GOT, type Pass } from './pass.js';

/** Looks that every wait begins with: about half a microsecond. */
const FEW = 40;
/** About what it takes to be woken, in ms: 15 – 50 µs on the machines that were measured. */
const LONG_MS = 0.05;
/** Looks between two looks at the clock, which costs about as much as ten of them. */
const LOOKS_PER_CLOCK = 16;
/** A cell on which long looks rarely pay is given another chance in every so many waits. */
const CHANCE = 32;
/** What is learnt of a cell; cells that share a place mix what they learn. */
const PLACES = 64;
/** Share of the long looks that paid, the last few counting most. */
const paid = new Float64Array(PLACES).fill(1);
const waits = new Uint8Array(PLACES);

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
 * Makes passes that only look.
 *
 * @returns what the last of them answered
 */
export function spin(pass: Pass, words: Int32Array, cell: number, me: number, state: number): number {
  let answer = look(pass, words, cell, me, state, limit);
  if (!mayCome(answer) || limit === 0) return answer;
  const place = (cell >> 4) % PLACES;
  if (paid[place] < 0.5 && waits[place]++ % CHANCE !== 0) return answer;
  const end = performance.now() + LONG_MS;
  do {
    answer = look(pass, words, cell, me, state, LOOKS_PER_CLOCK);
  } while (mayCome(answer) && performance.now() < end);
  paid[place] += ((answer === GOT ? 1 : 0) - paid[place]) / 8;
  return answer;
}

/** One pass, and so many more as long as it may come soon. */
function look(pass: Pass, words: Int32Array, cell: number, me: number, state: number, more: number): number {
  let answer = pass(words, cell, me, state);
  for (let left = more; left > 0 && mayCome(answer); left--) {
    pause();
    answer = pass(words, cell, me, state);
  }
  return answer;
}

const mayCome = (answer: number): boolean => answer === BUSY || answer === AGAIN;
