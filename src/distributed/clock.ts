/** The clock that leases are measured by: monotonic, and the same in all threads of a process. */

/** The longest delay of a timer, in ms. */
export const LONGEST_TIMER = 2 ** 31 - 1;

// Taken at load, so that fake timers installed later change nothing: leases end on the server, which knows nothing of them.
const { bigint } = process.hrtime;

/** @returns ms since an arbitrary moment of this machine */
export function now(): number {
  return Number(bigint() / 1000n) / 1000;
}
