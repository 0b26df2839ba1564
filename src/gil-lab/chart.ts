/** The effects of the GIL as a drawing. */
import type { Effects } from './effects.js';
import { drawing, element, label } from './svg.js';
import { convoyName } from './tables.js';

const WIDTH = 860;
const LEFT = 290;
const RIGHT = 110;
const ROW = 24;
const BAR = 15;
const TOP = 44;
const OURS = '#2f6fb7';
const CPYTHON = '#b9c4d0';

interface Bar {
  readonly name: string;
  readonly value: number;
  readonly text: string;
  readonly colour: string;
}

interface Chart {
  readonly title: string;
  readonly bars: readonly Bar[];
  /** Where the values span powers of ten; the bars begin at 1 then. */
  readonly logarithmic?: boolean;
}

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
  const content: string[] = [];
  let y = 0;
  for (const chart of charts) {
    content.push(...drawChart(chart, y));
    y += TOP + chart.bars.length * ROW + 12;
  }
  return drawing(WIDTH, y, 'The effects of the GIL', content);
}

function drawChart({ title, bars, logarithmic = false }: Chart, top: number): string[] {
  const scale = (value: number): number => (logarithmic ? Math.log10(Math.max(value, 1)) : value);
  const most = Math.max(...bars.map(({ value }) => scale(value)), Number.MIN_VALUE);
  return [
    label(16, top + 28, title, { class: 'title' }),
    ...bars.flatMap(({ name, value, text, colour }, i) => {
      const y = top + TOP + i * ROW;
      const width = (scale(value) / most) * (WIDTH - LEFT - RIGHT);
      return [
        label(LEFT - 10, y + BAR - 3, name, { class: 'end' }),
        element('rect', { x: LEFT, y, width, height: BAR, fill: colour }),
        label(LEFT + width + 6, y + BAR - 3, text),
      ];
    }),
  ];
}
