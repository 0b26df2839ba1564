/** The clock by which leases are counted: monotonic, and the same in all threads of a process. */

/** The longest delay of a timer, in ms. */
export const LONGEST_TIMER = 2 ** 31 - 1;

// Fakes that come later change nothing: leases end on the server, which knows of none.
const { bigint } = process.hrtime;

/** @returns ms since some moment of this machine */
export function now(): number {
  return Number(bigint() / 1000n) / 1000;
}
