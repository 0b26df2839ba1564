// Writes the figures of runs into docs/performance.md, between its markers, and draws its plots.
//
//   node bench/report.mjs FILE…      each written by `npm run bench -- --json FILE`; files from one version of Node are merged,
//                                    and if several answer a question, the last one counts
import { readFileSync, writeFileSync } from 'node:fs';
import { ticks } from '../dist/gil-lab/svg.js';
import { bars } from './lib/bars.mjs';
import { drawEfficiency } from './lib/efficiency.mjs';
import { duration, frequency, number } from './lib/format.mjs';
import { plot } from './lib/plot.mjs';
import { bucketEnd } from './lib/stats.mjs';
import { BARE, C, isLong, NONE, OURS, PEERS } from './questions/contended.mjs';

/** Tables with more columns of figures than this are shown one below the other, not side by side. */
const NARROW = 3;
/** The number of threads in the plots of waits. */
const THREADS = 8;

const docs = (name) => new URL(`../docs/${name}`, import.meta.url);
const major = ({ machine }) => `Node ${Number.parseInt(machine.node, 10)}`;

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('name the files of one or more runs: node bench/report.mjs FILE…');
  process.exit(2);
}
const parts = files.map((file) => JSON.parse(readFileSync(file, 'utf8')));
const runs = [...new Set(parts.map(major))].map((version) => {
  const ofVersion = parts.filter((part) => major(part) === version);
  return { ...ofVersion[0], questions: Object.assign({}, ...ofVersion.map(({ questions }) => questions)) };
});

/** Leaves out why a contender failed, because that may name paths of the machine. */
const escaped = (text) =>
  String(text)
    .replace(/^failed: .*/s, 'failed')
    .replaceAll('|', '\\|');
const markdown = (head, keys, rows) =>
  [head, head.map((_, i) => (i < keys ? '---' : '--:')), ...rows]
    .map((row) => `| ${row.map(escaped).join(' | ')} |`)
    .join('\n');

/** Merges a table that every run has. */
function merged(tables) {
  const [{ title, keys, head }] = tables;
  if (tables.length === 1) return `**${title}**\n\n${markdown(head, keys, tables[0].rows)}`;
  if (head.length - keys > NARROW) {
    return tables
      .map(({ head, rows }, i) => `**${title}, ${major(runs[i])}**\n\n${markdown(head, keys, rows)}`)
      .join('\n\n');
  }
  const keyOf = (row) => row.slice(0, keys).join('\n');
  const allKeys = [...new Set(tables.flatMap(({ rows }) => rows.map(keyOf)))];
  const rows = allKeys.map((key) => [
    ...key.split('\n'),
    ...tables.flatMap((table) => {
      const row = table.rows.find((row) => keyOf(row) === key);
      return row === undefined ? head.slice(keys).map(() => '–') : row.slice(keys);
    }),
  ]);
  const columns = runs.flatMap((run) => head.slice(keys).map((column) => `${column}, ${major(run)}`));
  return `**${title}**\n\n${markdown([...head.slice(0, keys), ...columns], keys, rows)}`;
}

function targets() {
  const all = runs.map(({ questions }) => Object.values(questions).flatMap(({ targets }) => targets));
  const verdict = (target) => {
    if (target === undefined || target.met === null) return 'not measured';
    return target.met ? `${number(target.value)} met` : `**${number(target.value)} missed**`;
  };
  // A quick run has fewer threads, and names its targets after them.
  const each = new Map(all.flat().map((target) => [target.what, target]));
  const rows = [...each.values()].map(({ what, target, note }) => [
    note === undefined ? what : `${what} (${note})`,
    target,
    ...all.map((targets) => verdict(targets.find((other) => other.what === what))),
  ]);
  return markdown(['', 'target', ...runs.map(major)], 1, rows);
}

function machines() {
  return parts
    .map(({ machine, seconds, questions }) => {
      const others = [machine.python && `CPython ${machine.python}`, machine.cc].filter(Boolean).join(', ');
      return (
        `- ${machine.date}: Node ${machine.node} (V8 ${machine.v8}) on ${machine.processors} × ${machine.processor}, ` +
        `${machine.platform}; beside it ${others || 'nothing else'}. Load before the run ${machine.load.toFixed(1)}; ` +
        `${Object.keys(questions).join(', ')} took ${Math.ceil(seconds / 60)} min${machine.quick ? ', being a quick one, whose figures are rough' : ''}.`
      );
    })
    .join('\n');
}

const SERIES = [OURS, BARE, ...PEERS, C];

/** Draws throughput, or the efficiency of long sections, by the number of threads. */
function drawThroughput(run) {
  const cells = run.questions.contended.data;
  const panels = [...new Set(cells.map(({ section }) => section))].map((section) => {
    const row = cells.filter((cell) => cell.section === section);
    const long = isLong({ section });
    const figure = (result) => (long ? result?.efficiency : result?.rate);
    const lines = Object.fromEntries(
      SERIES.map((name) => [
        name,
        row
          .filter(({ results }) => figure(results[name]) !== undefined)
          .map(({ threads, results }) => [threads, figure(results[name])]),
      ]),
    );
    const most = Math.max(...Object.values(lines).flatMap((line) => line.map(([, rate]) => rate)));
    const step = ticks(most, 4);
    step.push(step.at(-1) + (step[1] - step[0]));
    return {
      title: `section ${duration(section)}`,
      x: {
        name: 'threads',
        logarithmic: true,
        ticks: row.map(({ threads }) => ({ value: threads, text: String(threads) })),
      },
      y: {
        name: long ? '÷ one thread alone' : 'a second',
        ticks: step.map((value) => ({ value, text: long ? number(value) : frequency(value * 1000) })),
      },
      dots: true,
      lines,
    };
  });
  return plot({ title: `Additions to a counter under a lock, ${major(run)}`, series: SERIES, panels });
}

const SHARES = ['0.001 %', '0.01 %', '0.1 %', '1 %', '10 %', '100 %'];
/** The axis of shares ends here. */
const SMALLEST = 1e-5;
const WAITS = ['10 ns', '1 µs', '100 µs', '10 ms', '1 s'];

/** Draws what share of the acquisitions waited longer than each time. */
function drawWaits(run) {
  const series = [...SERIES, NONE];
  const panels = run.questions.contended.data
    .filter(({ threads }) => threads === THREADS)
    .map(({ section, results }) => ({
      title: `section ${duration(section)}`,
      x: {
        name: 'waited longer than',
        logarithmic: true,
        ticks: WAITS.map((text, i) => ({ value: 10 ** (1 + 2 * i), text })),
      },
      y: {
        name: 'of the acquisitions',
        logarithmic: true,
        ticks: SHARES.map((text, i) => ({ value: 10 ** (i - 5), text })),
      },
      dots: false,
      lines: Object.fromEntries(
        // Without a lock nobody waits: that line shows the time between two readings of the clock.
        series
          .filter((name) => results[name]?.buckets !== undefined)
          .map((name) => [name, longerThan(results[name].buckets)]),
      ),
    }));
  return plot({
    title: `How long ${THREADS} threads wait for a lock, ${major(run)}`,
    series,
    panels,
  });
}

/** @returns for each duration, in ns, what share of those counted are longer */
function longerThan(buckets) {
  const entries = Object.entries(buckets).map(([bucket, count]) => [Number(bucket), count]);
  const all = entries.reduce((sum, [, count]) => sum + count, 0);
  let longer = all;
  const points = [];
  for (const [bucket, count] of entries) {
    longer -= count;
    if (longer / all >= SMALLEST) points.push([bucketEnd(bucket), longer / all]);
  }
  return points;
}

/** Draws how long each contender of a question takes, in a panel for each thing it was asked for. */
const drawTimes = (name, isOurs) => (run) =>
  bars({
    title: `${run.questions[name].title}, ${major(run)}: the shorter, the faster`,
    isOurs,
    panels: Object.entries(run.questions[name].data).map(([title, results]) => ({ title, results })),
  });

function plots(kind, question, draw, alt) {
  return runs
    .filter(({ questions }) => questions[question] !== undefined)
    .map((run) => {
      const file = `performance-${kind}-${major(run).toLowerCase().replace(' ', '')}.svg`;
      writeFileSync(docs(file), draw(run));
      return `![${alt}, ${major(run)}](${file})`;
    })
    .join('\n\n');
}

/** In the questions about whole layers, our contenders are named after their classes. */
const isOurs = (name) => /^(Queue|Pool|Pipe|two Queues)\b|threads$/.test(name);

const sections = {
  machine: machines,
  targets,
  throughput: () => plots('throughput', 'contended', drawThroughput, 'Throughput by threads'),
  waits: () => plots('waits', 'contended', drawWaits, 'The distribution of waits'),
  'queue plot': () => plots('queue', 'queue', drawTimes('queue', isOurs), 'Time of an item'),
  'pool plot': () => plots('pool', 'pool', drawTimes('pool', isOurs), 'Time of a call'),
};
for (const name of Object.keys(runs[0].questions)) {
  const count = runs[0].questions[name].tables.length;
  sections[name] = () =>
    Array.from({ length: count }, (_, i) =>
      merged(runs.filter(({ questions }) => questions[name]).map(({ questions }) => questions[name].tables[i])),
    ).join('\n\n');
}

// For docs/joblib.md.
const [loops] = runs.filter(({ questions }) => questions.joblib !== undefined);
if (loops !== undefined)
  writeFileSync(docs('joblib-efficiency.svg'), drawEfficiency(loops.questions.joblib.data.loops, major(loops)));

let page = readFileSync(docs('performance.md'), 'utf8');
for (const [name, write] of Object.entries(sections)) {
  const section = new RegExp(`(<!-- bench: ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);
  if (!section.test(page)) throw new Error(`docs/performance.md has no place for ${name}`);
  page = page.replace(section, (_, begin, end) => `${begin}\n${write()}\n\n${end}`);
}
writeFileSync(docs('performance.md'), page);
