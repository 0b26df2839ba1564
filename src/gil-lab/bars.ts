/** Charts of bars, one below the other. */
import { drawing, element, label } from './svg.js';

const WIDTH = 860;
const LEFT = 290;
const RIGHT = 110;
const ROW = 24;
const BAR = 15;
const TOP = 44;
/** The colours of this package, and of what it is compared with. */
export const OURS = '#2f6fb7';
export const CPYTHON = '#b9c4d0';

/** A value, the text after it, and the name before it. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly text: string;
  readonly colour: string;
}

export interface Chart {
  readonly title: string;
  readonly bars: readonly Bar[];
  /** For values that span powers of ten; the bars then begin at 1. */
  readonly logarithmic?: boolean;
}

/**
 * Draws charts of bars, one below the other.
 *
 * @param title of the whole drawing, for those who cannot see it
 * @returns an SVG document
 */
export function drawBars(title: string, charts: readonly Chart[]): string {
  const content: string[] = [];
  let y = 0;
  for (const chart of charts) {
    content.push(...drawChart(chart, y));
    y += TOP + chart.bars.length * ROW + 12;
  }
  return drawing(WIDTH, y, title, content);
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
