// Measures anew what docs/gil.md shows: its tables between the markers, and its drawings. Run on an otherwise idle
// machine, after a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { POLICIES, possibleValues, RACES } from '../dist/gil/index.js';
import {
  drawEffects,
  drawTimeline,
  effectTables,
  measureEffects,
  raceTable,
  record,
  runInPython,
  runRaces,
} from '../dist/stress/gil/index.js';

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

const effects = await measureEffects();
const races = raceTable(await runRaces(RACES), await runInPython(RACES));
const sections = {
  races: markdown({ ...races, rows: races.rows.map(([title, ...rest]) => [`\`${title}\``, ...rest]) }),
  outcomes: markdown(outcomeTable()),
  effects: effectTables(effects)
    .map((table) => `**${table.title}**\n\n${markdown(table)}`)
    .join('\n\n'),
};
const machine = `Measured with Node ${process.versions.node} on ${availableParallelism()} processors.`;

let guide = readFileSync(at('gil.md'), 'utf8');
for (const [name, text] of Object.entries(sections)) {
  const section = new RegExp(`(<!-- table: ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);
  if (!section.test(guide)) throw new Error(`gil.md has no place for ${name}`);
  const body = name === 'outcomes' ? text : `${text}\n\n${machine}`;
  guide = guide.replace(section, (_, begin, end) => `${begin}\n${body}\n\n${end}`);
}
writeFileSync(at('gil.md'), guide);
writeFileSync(at('gil-effects.svg'), drawEffects(effects));
writeFileSync(at('gil-timeline.svg'), drawTimeline(await record(120)));
