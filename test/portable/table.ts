// The table of what works where, in docs/environments.md, as the hosts have shown it: after the tests of the runtimes and those in
// browsers, `node .build/test/portable/table.js` writes it anew, and with --check fails where the document says otherwise.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../package/pages.js';
import type { Host, Verdict } from './check.js';
import { type Report, readReports, titleOf } from './report.js';

/** The columns, and the versions in each. */
const COLUMNS: readonly (readonly [host: Host, majors: readonly string[]])[] = [
  ['node', ['20', '22', '24', '26']],
  ['deno', ['2']],
  ['bun', ['1']],
  // Those of the machine.
  ['chromium', ['']],
  ['firefox', ['']],
];

/**
 * Renders the table: a column a host, a row a feature.
 *
 * @throws Error if a host is missing, there twice, or has failed in something
 */
export function tableOf(reports: readonly Report[]): string {
  const columns = COLUMNS.map(([host, majors]) => {
    const own = majors.map((major) => only(reports, host, major));
    const versions = own.map((report) => titleOf(report).version).join(', ');
    return { title: `${titleOf(own[0]).name} ${versions}`, verdicts: own.flatMap(({ verdicts }) => verdicts) };
  });
  const features = new Set(columns.flatMap(({ verdicts }) => verdicts.map(({ feature }) => feature)));
  const rows = [...features].map((feature) => [
    feature,
    ...columns.map(({ verdicts }) => cell(verdicts.filter((verdict) => verdict.feature === feature))),
  ]);
  const head = [`| | ${columns.map(({ title }) => title).join(' | ')} |`, `|---${'|---'.repeat(columns.length)}|`];
  return [...head, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}

function only(reports: readonly Report[], host: Host, major: string): Report {
  const [report, ...more] = reports.filter((each) => each.host === host && `${each.version}.`.startsWith(major));
  if (report === undefined) throw new Error(`${host} ${major} has not run`);
  if (more.length > 0) throw new Error(`${host} ${major} has run in several versions: remove .build/hosts`);
  return report;
}

/** A yes, or why a host cannot do all of it. */
function cell(verdicts: readonly Verdict[]): string {
  const wrong = verdicts.find(({ failed }) => failed !== undefined);
  if (wrong) throw new Error(`${wrong.feature}: ${wrong.name}\n${wrong.failed}`);
  if (verdicts.length === 0) throw new Error('a host has no check of a feature of others');
  const reasons = new Set(verdicts.flatMap(({ formerly, reason }) => formerly ?? reason ?? []));
  if (reasons.size === 0) return 'yes';
  const some = verdicts.some(({ formerly, reason }) => formerly !== undefined || reason === undefined)
    ? 'yes, but '
    : 'no: ';
  return some + [...reasons].join('; ');
}

const PLACE = /(?<=<!-- hosts -->\n\n)[\s\S]*?(?=\n\n<!-- end -->)/;

/** The page with this table in place of the one that is there. */
export function withTable(page: string, table: string): string {
  if (!PLACE.test(page)) throw new Error('the page has no place for the table');
  return page.replace(PLACE, () => table);
}

/** Without the versions of browsers, which are the machine's and change by themselves. */
export const withoutBrowsers = (page: string): string => page.replace(/(?<=\| (Chromium|Firefox) )\d+/g, 'N');

if (argv[1] === fileURLToPath(import.meta.url)) {
  const path = join(ROOT, 'docs/environments.md');
  const page = await readFile(path, 'utf8');
  const anew = withTable(page, tableOf(await readReports()));
  if (!argv.includes('--check')) await writeFile(path, anew);
  else if (withoutBrowsers(page) !== withoutBrowsers(anew))
    throw new Error(`${path} has another table than the hosts have shown:\n${PLACE.exec(anew)?.[0]}`);
}
