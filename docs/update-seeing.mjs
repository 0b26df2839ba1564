// Draws the picture of docs/seeing.md, from a trace of the example bottleneck.mjs: npm run build && node docs/update-seeing.mjs
import { writeFileSync } from 'node:fs';
import { traced } from './examples/bottleneck.mjs';

const WIDTH = 960;
const LEFT = 70;
const ROW = 34;
const BAR = 18;
const TOP = 40;
const COLOURS = { hold: '#2667ab', wait: '#d9822b' };
const escaped = (text) => text.replace(/[&<>]/g, (letter) => `&#${letter.charCodeAt(0)};`);

const { agents, spans, arrows } = traced(true);
const shown = spans.filter(({ primitive }) => primitive.includes('ledger'));
const names = agents.map(({ name }) => name).filter((name) => name !== 'main');
const begin = Math.min(...shown.map((span) => span.begin));
const length = Math.max(...shown.map((span) => span.end)) - begin;
const x = (time) => LEFT + ((time - begin) / length) * (WIDTH - LEFT - 10);
const y = (agent) => TOP + names.indexOf(agents[agent].name) * ROW;
const height = TOP + names.length * ROW + 30;

const bars = shown.map(({ kind, agent, begin, end, primitive }) => {
  const [from, to] = [x(begin), x(end)];
  const text = `${kind === 'wait' ? 'waits for' : 'has'} ${primitive}: ${(end - begin).toFixed(2)} ms`;
  const size = kind === 'hold' ? BAR : BAR / 3;
  return `<rect x="${from.toFixed(1)}" y="${y(agent) + (BAR - size) / 2}" width="${Math.max(to - from, 0.7).toFixed(1)}" height="${size}" fill="${COLOURS[kind]}"><title>${escaped(text)}</title></rect>`;
});
const lines = arrows
  .filter(({ wait, hold }) => hold !== undefined && shown.includes(wait) && hold.agent !== wait.agent)
  .map(({ cause, wait }) => {
    const down = y(wait.agent) > y(cause.agent);
    const [from, to] = [y(cause.agent) + (down ? BAR : 0), y(wait.agent) + (down ? 0 : BAR)];
    return `<line x1="${x(cause.time).toFixed(1)}" y1="${from}" x2="${x(wait.end).toFixed(1)}" y2="${to}" stroke="#333" marker-end="url(#head)"/>`;
  });
const ticks = Array.from({ length: 6 }, (_, i) => {
  const at = begin + (length * i) / 5;
  return `<text x="${x(at).toFixed(1)}" y="${height - 8}" text-anchor="${i === 5 ? 'end' : 'middle'}">${((length * i) / 5).toFixed(0)} ms</text>`;
});
const labels = names.map((name, i) => `<text x="8" y="${TOP + i * ROW + 14}">${escaped(name)}</text>`);

writeFileSync(
  new URL('seeing-timeline.svg', import.meta.url),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13">
<title>Two threads and a lock that is held for too long</title>
<defs><marker id="head" viewBox="0 0 6 6" refX="6" refY="3" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0 6 3 0 6z" fill="#333"/></marker></defs>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="8" y="20">Who has the ledger (blue), who waits for it (orange), and who let whom through (arrows)</text>
${[...labels, ...bars, ...lines, ...ticks].join('\n')}
</svg>
`,
);
