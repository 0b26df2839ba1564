// What a host says of the portable checks. Each is kept in .build/hosts, from which table.ts makes the table of what works where.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { ROOT } from '../package/pages.js';
import type { Host, Verdict } from './check.js';

export interface Report {
  readonly host: Host;
  /** As the host itself says it. */
  readonly version: string;
  readonly verdicts: readonly Verdict[];
}

const FOLDER = join(ROOT, '.build/hosts');

/** What the hosts are called. */
const NAMES: Readonly<Record<Host, string>> = {
  node: 'Node',
  deno: 'Deno',
  bun: 'Bun',
  chromium: 'Chromium',
  firefox: 'Firefox',
};

/** A host's name, and of its version what is worth telling. */
export function titleOf({ host, version }: Report): { readonly name: string; readonly version: string } {
  const [major, minor] = version.split('.');
  return { name: NAMES[host], version: host === 'deno' || host === 'bun' ? `${major}.${minor}` : major };
}

/**
 * Keeps a report, and fails with what went wrong, all of it, unless the host has done all that it can, and cannot what it is
 * known not to.
 *
 * @returns a line that says so
 */
export async function accept(report: Report, expected: Host): Promise<string> {
  const { host, verdicts } = report;
  const { name, version } = titleOf(report);
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, `${name} ${version}.json`), JSON.stringify(report));
  assert.is(host, expected);
  assert.ok(verdicts.length > 30, `only ${verdicts.length} checks`);
  const failures = verdicts.filter(({ failed }) => failed !== undefined);
  assert.is(failures.map(({ feature, name, failed }) => `${feature}: ${name}\n${failed}`).join('\n\n'), '');
  const impossible = verdicts.filter(({ reason }) => reason !== undefined).length;
  const refused = impossible === 0 ? '' : `, ${impossible} are impossible and seen to be so`;
  return `${name} ${version}: of ${verdicts.length} checks ${verdicts.length - impossible} hold${refused}`;
}

/** The reports that are kept. */
export async function readReports(): Promise<Report[]> {
  const files = await readdir(FOLDER);
  return Promise.all(files.map(async (file) => JSON.parse(await readFile(join(FOLDER, file), 'utf8')) as Report));
}
