// Bars of times, by contender, for light and dark pages.
import { element, label, tip } from '../../dist/gil-lab/svg.js';
import { duration } from './format.mjs';
import { STYLE } from './plot.mjs';

const WIDTH = 900;
const MARGIN = 20;
const NAMES = 270;
const FIGURES = 90;
const ROW = 20;
const PANEL_HEAD = 34;
const HEAD = 40;
/** The styles of our bars and of the others. */
const TONES = { ours: 0, other: 1 };

/**
 * @param {object} drawing
 * @param {string} drawing.title
 * @param {(name: string) => boolean} drawing.isOurs says which bars are of this package
 * @param {readonly { title: string, results: readonly { name: string, ns?: { median: number } }[] }[]} drawing.panels
 *   a contender that was not measured has no `ns` and no bar
 * @returns {string} an SVG document; lengths are logarithmic within each panel, from a third of its shortest
 */
export function bars({ title, isOurs, panels }) {
  let y = HEAD;
  const content = panels.flatMap((panel) => {
    const known = panel.results.filter(({ ns }) => ns !== undefined);
    const least = Math.min(...known.map(({ ns }) => ns.median)) / 3;
    const most = Math.max(...known.map(({ ns }) => ns.median));
    const length = (ns) => (Math.log(ns / least) / Math.log(most / least)) * (WIDTH - NAMES - FIGURES - 2 * MARGIN);
    const head = label(MARGIN, y + PANEL_HEAD - 12, panel.title, { class: 'panel' });
    y += PANEL_HEAD;
    const rows = known.map(({ name, ns }) => {
      const tone = isOurs(name) ? TONES.ours : TONES.other;
      const width = length(ns.median);
      const row = [
        label(MARGIN + NAMES - 8, y + 13, name, { class: 'end' }),
        element('rect', { class: `d${tone}`, x: MARGIN + NAMES, y: y + 2, width, height: ROW - 6, rx: 2 }),
        label(MARGIN + NAMES + width + 6, y + 13, duration(ns.median), { class: 'small' }),
      ];
      y += ROW;
      return row.join('');
    });
    return [head, ...rows];
  });
  const height = y + MARGIN;
  return `${element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width: WIDTH, height, viewBox: `0 0 ${WIDTH} ${height}`, role: 'img' },
    [
      tip(title),
      element('style', {}, STYLE),
      element('rect', { class: 'back', width: WIDTH, height, rx: 6 }),
      label(MARGIN, 26, title, { class: 'title' }),
      ...content,
    ].join('\n'),
  )}\n`;
}
