// Panels of lines, for light and dark pages.
import { element, label, tip } from '../../dist/gil-lab/svg.js';

const PANEL = { width: 270, height: 170 };
const MARGIN = { left: 58, right: 14, top: 34, bottom: 40 };
const COLUMNS = 3;
const HEAD = 64;

/** The colours of each series, light and dark; and its dash pattern, since not everybody can tell colours apart. */
const STYLES = [
  { light: '#1f5fa8', dark: '#6cb2ff', dash: '', width: 2.5 },
  { light: '#6b7280', dark: '#a3acb9', dash: '2 3', width: 1.5 },
  { light: '#c2570c', dark: '#ff9d57', dash: '', width: 1.5 },
  { light: '#2f7d32', dark: '#7fd184', dash: '7 3', width: 1.5 },
  { light: '#8b3fa8', dark: '#d69bf0', dash: '7 3 2 3', width: 1.5 },
  { light: '#8a6d00', dark: '#e0c04a', dash: '1 2', width: 1.5 },
];

const css = (tone, back, ink, faint, grid) =>
  `.back{fill:${back}}text{font:12px system-ui,sans-serif;fill:${ink}}.title{font-size:16px;font-weight:600}` +
  `.panel{font-weight:600}.small{font-size:11px;fill:${faint}}.grid{stroke:${grid};stroke-width:1}` +
  '.end{text-anchor:end}.middle{text-anchor:middle}.line{fill:none;stroke-linejoin:round}' +
  STYLES.map((style, i) => `.s${i}{stroke:${style[tone]}}.d${i}{fill:${style[tone]}}`).join('');

/** The style of a drawing for light and dark pages; a series is s0 or d0, s1 or d1, … */
export const STYLE = `${css('light', '#ffffff', '#1f2328', '#57606a', '#d8dee4')}@media (prefers-color-scheme:dark){${css('dark', '#0d1117', '#e6edf3', '#9aa4af', '#30363d')}}`;

/**
 * An axis.
 *
 * @typedef {object} Axis
 * @property {string} name
 * @property {readonly { value: number, text: string }[]} ticks the first and the last are the ends of the axis
 * @property {boolean} [logarithmic]
 */

/**
 * @param {object} drawing
 * @param {string} drawing.title
 * @param {readonly string[]} drawing.series the names, in the order of their styles
 * @param {readonly { title: string, x: Axis, y: Axis, dots: boolean, lines: Record<string, [number, number][]> }[]}
 *   drawing.panels the lines by their series
 * @returns {string} an SVG document
 */
export function plot({ title, series, panels }) {
  const width = COLUMNS * (PANEL.width + MARGIN.left + MARGIN.right);
  const rowHeight = PANEL.height + MARGIN.top + MARGIN.bottom;
  const height = HEAD + Math.ceil(panels.length / COLUMNS) * rowHeight;
  const content = panels.map((panel, i) => {
    const x = (i % COLUMNS) * (width / COLUMNS) + MARGIN.left;
    const y = HEAD + Math.floor(i / COLUMNS) * rowHeight + MARGIN.top;
    return element('g', { transform: `translate(${x} ${y})` }, drawPanel(panel, series));
  });
  return `${element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img' },
    [
      tip(title),
      element('style', {}, STYLE),
      element('rect', { class: 'back', width, height, rx: 6 }),
      label(MARGIN.left, 26, title, { class: 'title' }),
      ...legend(series),
      ...content,
    ].join('\n'),
  )}\n`;
}

function legend(series) {
  let x = MARGIN.left;
  return series.flatMap((name, i) => {
    const at = x;
    x += 44 + name.length * 6.6;
    return [
      line(
        [
          [at, 44],
          [at + 22, 44],
        ],
        i,
      ),
      label(at + 28, 48, name),
    ];
  });
}

function drawPanel({ title, x, y, dots, lines }, series) {
  const across = scale(x, PANEL.width);
  const up = scale(y, PANEL.height);
  const place = ([a, b]) => [across(a), PANEL.height - up(b)];
  return [
    label(0, -12, title, { class: 'panel' }),
    ...y.ticks.flatMap(({ value, text }) => {
      const at = PANEL.height - up(value);
      return [
        element('line', { class: 'grid', x1: 0, x2: PANEL.width, y1: at, y2: at }),
        label(-6, at + 4, text, { class: 'small end' }),
      ];
    }),
    ...x.ticks.map(({ value, text }) => label(across(value), PANEL.height + 15, text, { class: 'small middle' })),
    label(PANEL.width / 2, PANEL.height + 31, x.name, { class: 'small middle' }),
    label(PANEL.width, -12, y.name, { class: 'small end' }),
    // Our line is drawn last, over the others.
    ...series
      .map((name, i) => {
        const points = (lines[name] ?? []).map(place);
        if (points.length === 0) return '';
        const ends = dots ? points.map(([cx, cy]) => element('circle', { class: `d${i}`, cx, cy, r: 2.5 })) : [];
        return element('g', {}, [tip(name), line(points, i), ...ends].join(''));
      })
      .reverse(),
  ].join('\n');
}

function line(points, i) {
  const { dash, width } = STYLES[i];
  const d = points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  return element('path', { class: `line s${i}`, d, 'stroke-width': width, ...(dash && { 'stroke-dasharray': dash }) });
}

function scale({ ticks, logarithmic = false }, length) {
  const value = logarithmic ? Math.log10 : (v) => v;
  const [from, to] = [value(ticks[0].value), value(ticks.at(-1).value)];
  return (v) => Math.min(1, Math.max(0, (value(v) - from) / (to - from))) * length;
}
