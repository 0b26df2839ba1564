// The plot of the efficiency of loops by the length of their tasks.
import { efficiency, OURS, THEIRS } from '../questions/joblib.mjs';
import { number } from './format.mjs';
import { plot } from './plot.mjs';

const LENGTHS = ['1 µs', '10 µs', '100 µs', '1 ms', '10 ms', '100 ms'];
const SHARES = [0, 0.25, 0.5, 0.75, 1];

/**
 * @param loops the loops of the question `joblib`
 * @param {string} where what it was measured on
 * @returns {string} an SVG document
 */
export function drawEfficiency(loops, where) {
  const line = (side) =>
    loops
      .filter((loop) => loop[side] !== undefined)
      .map((loop) => [loop.length, efficiency(loop.length, loop[side].median)]);
  return plot({
    title: `The share of the time of two workers that goes into tasks, ${where}`,
    series: [OURS, THEIRS],
    panels: [
      {
        title: 'batches by themselves',
        x: {
          name: 'length of a task',
          logarithmic: true,
          ticks: LENGTHS.map((text, i) => ({ value: 10 ** i, text })),
        },
        y: { name: 'share', ticks: SHARES.map((value) => ({ value, text: number(value) })) },
        dots: true,
        lines: { [OURS]: line('ours'), [THEIRS]: line('theirs') },
      },
    ],
  });
}
