/** What a stress run prints: tables, summary, lists. */
import { type OutcomeReport, type Progress, type StressTest, subjectOf, type TestReport } from '../stress/index.js';
import { count, percent } from './figures.js';
import { drawTable } from './table.js';

/** Width of a table that is not printed to a terminal, in characters. */
const WIDTH = 120;
const HEAD = ['result', 'samples', 'frequency', 'expectation', 'description'];
/** Characters between the columns, and at both sides of the table. */
const BORDERS = 3 * (HEAD.length - 1) + 4;

/** The table of one test, with its heading and its verdict. */
export function tableOf(report: TestReport, width = WIDTH): string {
  const rows = report.outcomes.map((outcome) => rowOf(outcome, report.samples));
  const narrow = [0, 1, 2, 3].map((at) => Math.max(...[HEAD, ...rows].map((row) => row[at].length)));
  const rest = Math.max(20, width - BORDERS - narrow.reduce((sum, each) => sum + each, 0));
  const table = drawTable(HEAD, rows, {
    colWidths: [...narrow, rest].map((each) => each + 2),
    colAligns: ['left', 'right', 'right', 'left', 'left'],
    wordWrap: true,
  });
  const { name, description, verdict, reason, samples, samplesPerSecond, threads, overlap } = report;
  const figures = [
    `${count(samples)} samples`,
    `${count(samplesPerSecond)} a second`,
    `${threads} threads`,
    `overlap ${percent(overlap)}`,
  ];
  const judgement = reason === '' ? verdict : `${verdict}: ${reason}`;
  return `${name}  ${description}\n${table}\n${judgement}  (${figures.join(', ')})\n`;
}

function rowOf({ result, samples, expectation, description }: OutcomeReport, all: number): string[] {
  return [result, count(samples), all > 0 ? percent(samples / all) : '-', expectation, description];
}

/** The last lines of a run. */
export function summaryOf(
  reports: readonly TestReport[],
  { skipped, interrupted, seconds }: { skipped: number; interrupted: boolean; seconds: number },
): string {
  const lines = reports
    .filter(({ verdict }) => verdict !== 'PASSED')
    .map(({ name, verdict, reason }) => `${verdict}  ${name}: ${reason}`);
  const verdicts = (['PASSED', 'NOT SEEN', 'FAILED'] as const).map((verdict) => {
    const many = reports.filter((report) => report.verdict === verdict).length;
    return `${many} ${verdict.toLowerCase()}`;
  });
  const open = reports.flatMap(({ outcomes }) => {
    const possible = outcomes.filter(({ expectation }) => expectation === 'INTERESTING');
    return possible.length === 0 ? [] : [possible.some(({ samples }) => samples > 0)];
  });
  const seen = open.filter((each) => each).length;
  const races = `race seen in ${seen}, still possible but not seen in ${open.length - seen}`;
  if (interrupted) lines.push(`interrupted${skipped > 0 ? `, ${skipped} not run` : ''}`);
  lines.push(
    `${reports.length} ${reports.length === 1 ? 'test' : 'tests'} in ${seconds.toFixed(1)} s: ${verdicts.join(', ')}; ${races}`,
  );
  return lines.join('\n');
}

/** The tests grouped by subject, and within it by what they show. */
export function listOf(tests: readonly StressTest[]): string {
  const width = Math.max(...tests.map(({ name }) => name.length));
  const section = (title: string, members: readonly StressTest[]): string[] =>
    members.length === 0
      ? []
      : [`  ${title}`, ...members.map(({ name, description }) => `    ${name.padEnd(width)}  ${description}`)];
  return [...new Set(tests.map(subjectOf))]
    .map((subject) => {
      const members = tests.filter((test) => subjectOf(test) === subject);
      return [
        subject,
        ...section('prevented', members.filter(prevents)),
        ...section(
          'still possible',
          members.filter((test) => !prevents(test)),
        ),
      ].join('\n');
    })
    .join('\n\n');
}

const prevents = ({ outcomes }: StressTest): boolean =>
  !outcomes.some(({ expectation }) => expectation === 'INTERESTING');

/** The progress of one test, and how many seconds the whole run still takes. */
export function progressOf(name: string, { samples, secondsLeft }: Progress, secondsInAll: number): string {
  return `${name}  ${count(samples)} samples  ${secondsLeft.toFixed(1)} s left, ${Math.ceil(secondsInAll)} s in all`;
}
