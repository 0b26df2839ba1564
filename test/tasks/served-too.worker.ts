// A user's worker file that imports another one: it serves the functions of both.
import { serve } from 'atomics-sync-free/threading';
import './served.worker.js';

export const half = (x: number): number => x / 2;

serve({ half });

let refused: unknown;
try {
  serve({ cube: () => 0, none: 0 as never });
} catch (error) {
  refused = error;
}

/** Why nothing of that is served. */
export const refusal = (): unknown => refused;

serve({ refusal });
