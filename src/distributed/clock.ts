/** The clock by which leases are counted: monotonic, and the same in all threads of a process. */

/** @returns ms since some moment of this machine */
export function now(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
