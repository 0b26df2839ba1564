/** The clock of blocking waits: ms, monotonic, real time. */
export const now = (): number => performance.now();
