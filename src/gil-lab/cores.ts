/** How busy other programs keep the machine: a figure taken on busy cores says more about them than about what was measured. */
import { cpus } from 'node:os';

/** The state of the cores while nothing was measured. */
export interface Cores {
  readonly processors: number;
  /** The fraction of their time that other programs took, 0 to 1. */
  readonly busy: number;
}

/** From this fraction on, figures are of little value; a tenth of one of two cores is normal for a system at rest. */
const BUSY = 0.15;

/**
 * Observes the cores for a while, in which this process does nothing.
 *
 * @param milliseconds how long to observe
 */
export async function measureCores(milliseconds = 400): Promise<Cores> {
  const before = times();
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  const after = times();
  const all = after.all - before.all;
  return { processors: cpus().length, busy: all > 0 ? (after.busy - before.busy) / all : 0 };
}

function times(): { busy: number; all: number } {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const total = Object.values(times).reduce((sum, part) => sum + part, 0);
    all += total;
    busy += total - times.idle;
  }
  return { busy, all };
}

/** @returns a warning for readers of figures taken on these cores; undefined if the cores were at rest */
export function coresWarning({ processors, busy }: Cores): string | undefined {
  if (busy < BUSY) return undefined;
  return `other work kept the ${processors} processors busy for ${Math.round(busy * 100)} % of the time: they affect the figures`;
}
