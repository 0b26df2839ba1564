// Repeats the measurements of docs/gil.md, and the comparison in docs/pools.md: rewrites the tables between the markers, and
// the drawings. Run on an otherwise idle machine, after a build.
//
//   node docs/update-gil.mjs [--iterations N] [races | outcomes | effects | timeline | comparison …]   all by default
//
//   --iterations N   how often each thread adds at most, in `races`; by default as often as in CPython's recorded runs
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compare, comparisonTable, drawComparison } from '../dist/compare/index.js';
import { POLICIES, RACES } from '../dist/gil/index.js';
import { possibleValues } from '../dist/gil/outcomes/index.js';
import {
  drawEffects,
  drawTimeline,
  effectTables,
  measureCores,
  measureEffects,
  raceTable,
  record,
  runInPython,
  runRaces,
} from '../dist/gil-lab/index.js';

const { values, positionals } = parseArgs({ options: { iterations: { type: 'string' } }, allowPositionals: true });
const iterations = values.iterations === undefined ? undefined : Number(values.iterations);

const at = (name) => new URL(name, import.meta.url);
const cell = (text) => text.replaceAll('|', '\\|');
const markdown = ({ head, rows }) =>
  [head, head.map((_, i) => (i === 0 ? '---' : '--:')), ...rows]
    .map((row) => `| ${row.map(cell).join(' | ')} |`)
    .join('\n');

function outcomeTable() {
  const threads = [1, 2].map(() => ({ name: 'main', args: [1] }));
  const sets = (race) =>
    POLICIES.map((policy) => {
      const { values } = possibleValues({ source: race.source(2), policy, threads, result: race.result });
      return `{${values.join(', ')}}`;
    });
  return {
    head: ['once in each thread', ...POLICIES],
    rows: RACES.map((race) => [`\`${race.title}\``, ...sets(race)]),
  };
}

// Other work on the machine shows in the times, so it is reported.
const { processors, busy } = await measureCores();
const machine = `Measured with Node ${process.versions.node} on ${processors} processors; before, other work kept them busy for ${Math.round(100 * busy)} % of the time.`;

const sections = {
  races: async () => {
    const results = await runRaces(RACES, { atMost: iterations });
    const { head, rows } = raceTable(results, await runInPython(RACES, iterations));
    return `${markdown({ head, rows: rows.map(([title, ...rest]) => [`\`${title}\``, ...rest]) })}\n\n${machine}`;
  },
  outcomes: () => markdown(outcomeTable()),
  effects: async () => {
    const effects = await measureEffects(true);
    writeFileSync(at('gil-effects.svg'), drawEffects(effects));
    const tables = effectTables(effects).map((table) => `**${table.title}**\n\n${markdown(table)}`);
    return [...tables, machine, '![What the GIL costs](gil-effects.svg)'].join('\n\n');
  },
  comparison: async () => {
    const comparison = await compare({ python: 'python3' });
    writeFileSync(at('compare.svg'), drawComparison(comparison));
    const table = markdown(comparisonTable(comparison));
    return [table, machine, '![What threads and a pool make of the same work](compare.svg)'].join('\n\n');
  },
  timeline: async () => {
    writeFileSync(at('gil-timeline.svg'), drawTimeline(await record(120)));
  },
};

const chosen = positionals.length > 0 ? positionals : Object.keys(sections);
for (const name of chosen) {
  if (!Object.hasOwn(sections, name)) throw new Error(`${name} is none of ${Object.keys(sections).join(', ')}`);
  const text = await sections[name]();
  if (text === undefined) continue;
  const page = at(name === 'comparison' ? 'pools.md' : 'gil.md');
  const section = new RegExp(`(<!-- table: ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);
  const guide = readFileSync(page, 'utf8');
  if (!section.test(guide)) throw new Error(`${page.pathname} has no place for ${name}`);
  writeFileSync(
    page,
    guide.replace(section, (_, begin, end) => `${begin}\n${text}\n\n${end}`),
  );
}
