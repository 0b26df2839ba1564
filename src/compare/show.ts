/** A comparison as a table and as a drawing. */
import { type Bar, CPYTHON, drawBars, OURS, type TableData } from '../gil-lab/index.js';
import type { Comparison } from './compare.js';
import { KINDS } from './work.js';

/** One table of the whole comparison. */
export function comparisonTable({ contenders }: Comparison): TableData {
  return {
    title: 'The same work by one and by several; × is how many times faster than one thread of the same language',
    head: ['by', ...KINDS.flatMap((kind) => [`${kind}, ms`, '×'])],
    rows: contenders.map(({ name, times }) => [
      name,
      ...KINDS.flatMap((kind) => [times[kind].elapsed.toFixed(0), times[kind].speedup.toFixed(2)]),
    ]),
  };
}

/** Draws each contender's speedup over one thread. @returns an SVG document */
export const drawComparison = ({ contenders }: Comparison): string =>
  drawBars(
    'What threads and a pool make of the same work',
    KINDS.map((kind) => ({
      title: `${kind} work: times faster than one thread`,
      bars: contenders.map(({ name, python, times }): Bar => {
        const { elapsed, speedup } = times[kind];
        const text = `${speedup.toFixed(2)}  (${elapsed.toFixed(0)} ms)`;
        return { name, value: speedup, text, colour: python ? CPYTHON : OURS };
      }),
    })),
  );
