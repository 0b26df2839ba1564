/** The page of a stress run: what each test saw, a bar for each outcome, and a timeline of the remarkable ones. */
import type { OutcomeReport, Recording, TestReport } from '../../stress/index.js';
import { count, percent } from '../figures.js';
import { documentOf, factsOf } from './document.js';
import { html, type Markup } from './markup.js';
import { timelineLegend, timelineOf } from './timeline.js';

/** What the page says about one test. */
export interface PageTest {
  readonly report: TestReport;
  /** The comment at the head of its module. */
  readonly head?: string | undefined;
  readonly recording?: Recording | undefined;
  /** The result that was to be recorded, but did not occur again. */
  readonly unrecorded?: string | undefined;
}

/** What the page says about the run as a whole. */
interface PageRun {
  /** Facts about the machine, the runtime and the run, by name. */
  readonly facts: Readonly<Record<string, string>>;
  /** Whether it was interrupted. */
  readonly interrupted: boolean;
}

/**
 * The page of a run: one HTML document that loads nothing.
 *
 * @param run - the run
 * @param tests - its tests, in the order of the run
 */
export function pageOf(run: PageRun, tests: readonly PageTest[]): string {
  const title = 'Races: prevented, and still possible';
  const body = html`<a class="skip" href="#races">Skip to the races</a>
<header>
<h1>${title}</h1>
${run.interrupted && html`<p><b>The run was interrupted: some tests are missing or short.</b></p>`}
${verdicts(tests)}
${factsOf(run.facts)}
</header>
<main>
${summary(tests)}
<h2 id="races">The races</h2>
<p>Bars show samples on a logarithmic scale, the longest being the most frequent outcome of the test. ACCEPTABLE is as it
should be; INTERESTING, a race that is still possible; FORBIDDEN, a defect.</p>
<p>${timelineLegend}</p>
${racesOf(tests).map((race, at, all) => raceOf(race, all.slice(0, at)))}
</main>`;
  return documentOf(title, '', body);
}

/** A test's result, in a word or two. */
function standing({ verdict, outcomes }: TestReport): string {
  if (verdict === 'FAILED') return 'failed';
  const open = outcomes.filter(({ expectation }) => expectation === 'INTERESTING');
  if (open.length === 0) return 'held';
  return open.some(({ samples }) => samples > 0) ? 'seen' : 'possible, not seen';
}

const prevents = ({ report }: PageTest): boolean =>
  !report.outcomes.some(({ expectation }) => expectation === 'INTERESTING');
const hasStanding =
  (wanted: string) =>
  ({ report }: PageTest): boolean =>
    standing(report) === wanted;

function verdicts(tests: readonly PageTest[]): Markup {
  const failed = tests.filter(({ report }) => report.verdict === 'FAILED');
  const many = (wanted: string): number => tests.filter(hasStanding(wanted)).length;
  return html`<p>Of ${tests.length} tests ${many('held')} held, in ${many('seen')} the race was seen,
in ${many('possible, not seen')} it is still possible, but was not seen, and <b>${failed.length} failed</b>.</p>
${failed.map(({ report }) => html`<p>${link(report)}: ${report.reason}</p>`)}`;
}

function summary(tests: readonly PageTest[]): Markup {
  const subjects = [...new Set(tests.map(({ report }) => report.subject))].map((subject) => {
    const own = tests.filter(({ report }) => report.subject === subject);
    return { subject, prevented: own.filter(prevents), possible: own.filter((test) => !prevents(test)) };
  });
  const share = (members: readonly PageTest[], wanted: string): string =>
    members.length === 0 ? '–' : `${members.filter(hasStanding(wanted)).length} of ${members.length} ${wanted}`;
  const listed = (title: string, members: readonly PageTest[]): Markup | false =>
    members.length > 0 &&
    html`<h4>${title}</h4>
<ul>${members.map(({ report }) => html`<li>${link(report)} <span class="faint">${standing(report)}</span></li>`)}</ul>`;
  return html`<h2 id="summary">By primitive</h2>
<table id="by-primitive">
<thead><tr><th scope="col">About</th><th scope="col">Prevented</th><th scope="col">Still possible</th></tr></thead>
<tbody>${subjects.map(
    ({ subject, prevented, possible }) => html`<tr><th scope="row"><a href="#${idOf(subject)}">${subject}</a></th>
<td>${share(prevented, 'held')}</td><td>${share(possible, 'seen')}</td></tr>\n`,
  )}</tbody>
</table>
<div class="subjects">${subjects.map(
    ({ subject, prevented, possible }) => html`<section id="${idOf(subject)}" aria-labelledby="${idOf(subject)}-title">
<h3 id="${idOf(subject)}-title">${subject}</h3>
${listed('Prevented', prevented)}
${listed('Still possible', possible)}
</section>\n`,
  )}</div>`;
}

const idOf = (subject: string): string => `about-${subject.replaceAll(' ', '-')}`;
const link = ({ name }: TestReport): Markup => html`<a href="#${name}">${name}</a>`;

/** The tests of each race, in the order in which the races first appear. */
function racesOf(tests: readonly PageTest[]): PageTest[][] {
  const races = new Map<string, PageTest[]>();
  for (const test of tests) {
    const name = test.report.name.split('/')[0];
    races.set(name, [...(races.get(name) ?? []), test]);
  }
  return [...races.values()];
}

/** One race; the text of its module is shown only with the first race of that module. */
function raceOf(tests: readonly PageTest[], before: readonly (readonly PageTest[])[]): Markup {
  const [{ head, report }] = tests;
  const told = before.some(([first]) => first.head === head);
  const [title, ...paragraphs] = (told ? undefined : head?.split(/\n{2,}/)) ?? [];
  return html`<section class="race">
<h2>${title?.replace(/\.$/, '') ?? report.name.split('/')[0]}</h2>
${paragraphs.map((paragraph) => (/^ {4}/.test(paragraph) ? html`<pre tabindex="0">${paragraph}</pre>` : html`<p>${paragraph}</p>`))}
${tests.map(section)}
</section>
`;
}

function section({ report, recording, unrecorded }: PageTest): Markup {
  const { name, description, verdict, reason, outcomes, samples, samplesPerSecond, seconds, threads, overlap } = report;
  const most = Math.max(...outcomes.map((outcome) => outcome.samples));
  return html`<section class="test" id="${name}" aria-labelledby="${name}-title">
<h3 id="${name}-title">${name} <span class="verdict ${verdict.replace(' ', '-')}">${verdict}</span></h3>
<p>${description}${reason !== '' && html` <b>${reason}</b>`}</p>
<table>
<thead><tr><th scope="col">Outcome</th><th scope="col" class="number">Samples</th>
<th scope="col" class="number">Frequency</th><th scope="col">Expectation</th></tr></thead>
<tbody>${outcomes.map((outcome) => row(outcome, samples, most))}</tbody>
</table>
<p class="figures">${count(samples)} samples in ${seconds.toFixed(2)} s, ${count(samplesPerSecond)} a second; ${threads} threads,
at work at the same time in ${percent(overlap)} of the iterations</p>
${recording && recording.steps.length > 0 && timelineOf(recording)}
${recording?.steps.length === 0 && html`<p class="figures">There is no timeline: what the workers do here happens inside objects.</p>`}
${
  unrecorded !== undefined &&
  html`<p class="figures">With every step recorded, “${unrecorded}” did not occur again: there is no timeline.</p>`
}
</section>
`;
}

function row({ result, samples, expectation, description }: OutcomeReport, all: number, most: number): Markup {
  return html`<tr><th scope="row"><span class="result">${result}</span> <span class="description">${description}</span>
<svg class="bar ${expectation}" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width="${barOf(samples, most)}" height="1"/></svg></th>
<td class="number">${count(samples)}</td><td class="number">${all > 0 ? percent(samples / all) : '–'}</td>
<td class="expectation ${expectation}">${expectation}</td></tr>
`;
}

/** The length of a bar, out of 100: logarithmic, so that rare results are visible beside frequent ones. */
function barOf(samples: number, most: number): string {
  return samples === 0 ? '0' : ((100 * Math.log1p(samples)) / Math.log1p(most)).toFixed(2);
}
