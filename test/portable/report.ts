// What a host says of the portable checks: each check becomes a test, and the features a column of the table.
import * as assert from 'uvu/assert';
import { readPage } from '../package/pages.js';
import type { Feature, Host, Verdict } from './check.js';

export interface Report {
  readonly host: Host;
  readonly verdicts: readonly Verdict[];
}

/** Fails with what went wrong, all of it, unless a host has done all that it can, and cannot what it is known not to. */
export function assertAllHold({ host, verdicts }: Report, expected: Host): void {
  assert.is(host, expected);
  assert.ok(verdicts.length > 30, `only ${verdicts.length} checks`);
  const failures = verdicts.filter(({ failed }) => failed !== undefined);
  assert.is(failures.map(({ feature, name, failed }) => `${feature}: ${name}\n${failed}`).join('\n\n'), '');
}

/** How the table heads the column of each host. */
const COLUMNS: Readonly<Record<Host, string>> = {
  node: 'Node',
  deno: 'Deno',
  bun: 'Bun',
  chromium: 'Chromium',
  firefox: 'Firefox',
};

/** Fails unless the table of what works where, in docs/environments.md, says what a host has shown. */
export async function assertTold({ host, verdicts }: Report): Promise<void> {
  const { text } = await readPage('docs/environments.md');
  const rows = text
    .split('\n')
    .flatMap((line) => (line.startsWith('| ') ? [line.split('|').map((cell) => cell.trim())] : []));
  const head = rows.find(([, feature, first]) => feature === '' && first === COLUMNS.node) ?? [];
  const column = head.indexOf(COLUMNS[host]);
  const told = (feature: Feature): string | undefined => rows.find(([, name]) => name === feature)?.[column];
  const features = [...new Set(verdicts.map(({ feature }) => feature))];
  assert.equal(
    features.map((feature) => [feature, told(feature)]),
    features.map((feature) => [feature, cell(verdicts.filter((verdict) => verdict.feature === feature))]),
  );
}

/** A yes, or why a host cannot do all of it. */
function cell(verdicts: readonly Verdict[]): string {
  const reasons = new Set(verdicts.flatMap(({ reason }) => reason ?? []));
  if (reasons.size === 0) return 'yes';
  const some = verdicts.some(({ reason }) => reason === undefined) ? 'yes, but ' : 'no: ';
  return some + [...reasons].join('; ');
}
