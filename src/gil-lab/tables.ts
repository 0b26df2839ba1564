/** The results as tables, ready to be drawn. */
import { POLICIES, type Race, type Range } from '../gil/index.js';
import type { Convoy, Effects } from './effects.js';
import type { PythonRun } from './python.js';
import type { RaceResult } from './races.js';

/** A table: the first column is text, the others are figures. */
export interface TableData {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const count = (value: number): string => value.toLocaleString('en-US');
const fixed = (value: number, digits: number): string => value.toFixed(digits);
const range = ([least, most]: Range): string => (least === most ? count(least) : `${count(least)} – ${count(most)}`);

/**
 * The race table: what each policy lost, beside what CPython was observed to lose.
 *
 * @param live what the machine's own CPython lost, if it was asked
 */
export function raceTable(results: readonly RaceResult[], live?: PythonRun): TableData {
  const races = [...new Set(results.map(({ race }) => race))];
  const of = (race: Race): string[] => {
    const found = POLICIES.map((policy) => results.find((result) => result.race === race && result.policy === policy));
    const lost = found.map((result) =>
      result === undefined ? '' : `${count(result.lost)}${result.asExpected ? '' : ' (!)'}`,
    );
    const total = found.find((result) => result !== undefined)?.total ?? 0;
    const { '3.9': old, '3.10': middle, '3.11': recent } = race.recorded;
    const recorded = [range(old), middle === undefined ? '' : range(middle), range(recent)];
    return [race.title, count(total), ...lost, ...recorded, ...(live ? [count(live.lost[race.id])] : [])];
  };
  return {
    title: 'Lost updates, two threads',
    head: [
      'each thread repeats',
      'additions',
      ...POLICIES,
      'CPython 3.9.18*',
      'CPython 3.10.13*',
      'CPython 3.11.7*',
      ...(live ? [`CPython ${live.version}, here`] : []),
    ],
    rows: races.map(of),
  };
}

/** One table for each effect. */
export function effectTables({ scaling, overlap, convoy, slices }: Effects): TableData[] {
  const live = convoy.find(({ python }) => python !== undefined)?.python?.version;
  return [
    {
      title: 'The same CPU-bound work, divided among threads',
      head: ['setup', 'threads', 'ms', 'times faster than one'],
      rows: scaling.map((row) => [row.setup, count(row.threads), fixed(row.elapsed, 0), fixed(row.speedup, 2)]),
    },
    {
      title: 'I/O-bound work',
      head: ['threads that sleep', 'each sleeps, ms', 'all took, ms'],
      rows: [[count(overlap.threads), count(overlap.asleep), fixed(overlap.elapsed, 0)]],
    },
    {
      title: 'The convoy effect: operations a second of an I/O thread beside threads that compute',
      head: [
        'operation',
        'spinners',
        'interval, ms',
        'ops/s',
        ...(live === undefined ? [] : [`CPython ${live}, same run`]),
        'CPython 3.11.7*',
      ],
      rows: convoy.map((row) => [
        row.operation,
        count(row.spinners),
        String(row.interval),
        count(Math.round(row.opsPerSecond)),
        ...(live === undefined ? [] : [count(Math.round(row.python?.opsPerSecond ?? 0))]),
        count(row.recorded),
      ]),
    },
    {
      title: 'How long one of two spinners keeps the GIL',
      head: ['interval, ms', 'slices', 'median, ms', '95 %, ms', 'longest, ms', 'switches/s', 'shares'],
      rows: slices.map((row) => [
        String(row.interval),
        count(row.count),
        fixed(row.median, 2),
        fixed(row.p95, 2),
        fixed(row.longest, 2),
        fixed(row.switchesPerSecond, 0),
        row.shares.map((share) => `${fixed(share * 100, 1)} %`).join(' / '),
      ]),
    },
  ];
}

/** A convoy measurement's name in a chart. */
export const convoyName = ({ operation, spinners, interval }: Convoy): string =>
  `${operation}, ${spinners} spinner${spinners === 1 ? '' : 's'}, ${interval} ms`;
