/** The effects of the GIL as a drawing. */
import { type Chart, CPYTHON, drawBars, OURS } from './bars.js';
import type { Effects } from './effects.js';
import { convoyName } from './tables.js';

/** Draws the effects of the GIL as bars, one chart below the other. @returns an SVG document */
export function drawEffects({ scaling, overlap, convoy, slices }: Effects): string {
  const charts: Chart[] = [
    {
      title: 'CPU-bound work: times faster than one thread',
      bars: scaling.map(({ setup, speedup }) => ({
        name: setup,
        value: speedup,
        text: speedup.toFixed(2),
        colour: OURS,
      })),
    },
    {
      title: `I/O-bound work: ${overlap.threads} threads that sleep for ${overlap.asleep} ms each (ms)`,
      bars: [
        { name: 'all took', value: overlap.elapsed, text: overlap.elapsed.toFixed(0), colour: OURS },
        {
          name: 'one after the other it would be',
          value: overlap.threads * overlap.asleep,
          text: String(overlap.threads * overlap.asleep),
          colour: CPYTHON,
        },
      ],
    },
    {
      title: 'The convoy effect: ops/s of an I/O thread, here and (grey) CPython 3.11.7 (logarithmic)',
      logarithmic: true,
      bars: convoy.flatMap((row) => [
        {
          name: convoyName(row),
          value: row.opsPerSecond,
          text: Math.round(row.opsPerSecond).toLocaleString('en-US'),
          colour: OURS,
        },
        { name: '', value: row.recorded, text: row.recorded.toLocaleString('en-US'), colour: CPYTHON },
      ]),
    },
    {
      title: 'Median slice of two spinners (ms)',
      bars: slices.map(({ interval, median }) => ({
        name: `switch interval ${interval} ms`,
        value: median,
        text: median.toFixed(2),
        colour: OURS,
      })),
    },
  ];
  return drawBars('The effects of the GIL', charts);
}
