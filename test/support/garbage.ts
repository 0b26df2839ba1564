// Garbage collection on demand, for tests of what is forgotten and of what is not.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { until } from './workers.js';

setFlagsFromString('--expose-gc');

/** Collects all garbage at once. */
export const collectGarbage = runInNewContext('gc') as () => void;

/** Waits, collecting garbage meanwhile. */
export const untilCollected = (condition: () => boolean, what: string): Promise<boolean> =>
  until(
    () => {
      collectGarbage();
      return condition();
    },
    { what },
  );

/** The heap in use, in bytes, when nothing is left to collect. */
export async function heapInUse(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    // Finalizers run in a later turn, and free what they held.
    await new Promise((resolve) => setTimeout(resolve, 1));
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}
