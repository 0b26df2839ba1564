/** Timelines: who did what when, as a drawing and as a list. */
import type { Expectation, RecordedStep, Recording, TestReport } from '../../stress/index.js';
import { html, type Markup } from './markup.js';

/** Sizes in the drawing's units. */
const HEAD = 34;
const ROW = 24;
const LETTER = 7.3;
/** Between time and rail, rail and text, text and the next rail. */
const GAP = 14;
/** Longer texts are cut; the list shows them in full. */
const LETTERS = 34;

/** Something with a row of its own: the beginning of a step, or its end if others came in between. */
interface Moment {
  readonly step: RecordedStep;
  readonly order: number;
  readonly time: string;
  readonly text: string;
  /** Whether the step continues from here to another row, or forever. */
  readonly opens: boolean;
}

/** Where the rails of the workers are. */
interface Layout {
  readonly rails: readonly number[];
  readonly width: number;
  readonly height: number;
}

/** The result that deserves a timeline: the most frequent FORBIDDEN one or, failing that, the most frequent INTERESTING one. */
export function remarkable({ outcomes }: TestReport): string | undefined {
  const most = (wanted: Expectation) =>
    outcomes
      .filter(({ expectation, samples }) => expectation === wanted && samples > 0)
      .sort((one, other) => other.samples - one.samples)[0];
  return (most('FORBIDDEN') ?? most('INTERESTING'))?.result;
}

/** Draws an iteration of a stress test. */
export function timelineOf({ result, actors, steps }: Recording): Markup {
  return drawTimeline({
    caption: html`An iteration with the result <b>${result}</b>, run again and recorded`,
    label: `Timeline of an iteration with the result ${result}, by ${actors} workers; a list of the same follows.`,
    actors: Array.from({ length: actors }, (_, actor) => `worker ${actor + 1}`),
    steps,
  });
}

/** What a timeline shows. */
export interface Timeline {
  readonly caption: Markup;
  /** What it shows, for those who cannot see it. */
  readonly label: string;
  /** The actors' names. */
  readonly actors: readonly string[];
  readonly steps: readonly RecordedStep[];
}

/** Draws who did what when: a column for each actor, a row for each moment, and a line for the duration of a call. */
export function drawTimeline({ caption, label, actors, steps }: Timeline): Markup {
  const moments = momentsOf(steps);
  const layout = layOut(actors, moments);
  const { rails, width, height } = layout;
  return html`<figure>
<figcaption>${caption}</figcaption>
<div class="wide" role="region" aria-label="Timeline, scrollable" tabindex="0">
<svg class="timeline" role="img" aria-label="${label}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<text class="head" x="${rails[0] - GAP}" y="20" text-anchor="end">µs</text>
${rails.map(
  (x, actor) => html`<text class="head" x="${x - 4}" y="20">${actors[actor]}</text>
<line class="rail" x1="${x}" x2="${x}" y1="${HEAD}" y2="${height}"/>\n`,
)}
${steps.map((step) => span(step, moments, layout))}
${moments.map((moment, at) => row(moment, at, layout))}
</svg>
</div>
<details><summary>The same as a list</summary>
<ol class="steps">${moments.map(
    ({ time, step, text, opens }) => html`<li>${time} µs, ${actors[step.actor]}: ${text}${opens && ' …'}</li>\n`,
  )}</ol>
</details>
</figure>`;
}

function momentsOf(steps: readonly RecordedStep[]): Moment[] {
  const first = steps[0]?.at ?? 0;
  const orders = steps
    .flatMap(({ order, end }) => (end ? [order, end.order] : [order]))
    .sort((one, other) => one - other);
  const next = new Map(orders.map((order, at) => [order, orders[at + 1]]));
  return steps
    .flatMap((step): Moment[] => {
      const { order, text, call, end } = step;
      const begin = { step, order, time: timeText(step.at - first) };
      if (!end) return [{ ...begin, text, opens: call }];
      const whole = `${text} ${end.text}`.trimEnd();
      if (next.get(order) === end.order) return [{ ...begin, text: whole, opens: false }];
      const finish = { step, order: end.order, time: timeText(end.at - first), text: whole, opens: false };
      return [{ ...begin, text, opens: true }, finish];
    })
    .sort((one, other) => one.order - other.order);
}

function layOut(actors: readonly string[], moments: readonly Moment[]): Layout {
  const widest = (texts: readonly string[], least: number): number =>
    LETTER * Math.max(least, ...texts.map((text) => text.length));
  let x =
    widest(
      moments.map(({ time }) => time),
      2,
    ) + GAP;
  const rails: number[] = [];
  for (const [actor, name] of actors.entries()) {
    rails.push(Math.round(x));
    const own = moments.filter(({ step }) => step.actor === actor);
    x += widest(own.map(shown), name.length) + 2 * GAP;
  }
  return { rails, width: Math.round(x), height: HEAD + (moments.length + 1) * ROW };
}

const middle = (rowAt: number): number => HEAD + rowAt * ROW + ROW / 2;

/** The line of a step that lasts over several rows, or to the end. */
function span(step: RecordedStep, moments: readonly Moment[], { rails, height }: Layout): Markup | undefined {
  const from = moments.findIndex((moment) => moment.step === step);
  if (!moments[from].opens) return undefined;
  const to = moments.findLastIndex((moment) => moment.step === step);
  const x = rails[step.actor];
  return html`<line class="span" x1="${x}" x2="${x}" y1="${middle(from)}" y2="${to > from ? middle(to) : height}"/>`;
}

function row(moment: Moment, rowAt: number, { rails }: Layout): Markup {
  const { step, time } = moment;
  const x = rails[step.actor];
  const y = middle(rowAt);
  return html`<text class="time" x="${rails[0] - GAP}" y="${y + 4}" text-anchor="end">${time}</text>
<circle cx="${x}" cy="${y}" r="4"/><text x="${x + GAP}" y="${y + 4}">${shown(moment)}</text>
`;
}

function shown({ text, opens }: Moment): string {
  const whole = opens ? `${text} …` : text;
  return whole.length > LETTERS ? `${whole.slice(0, LETTERS - 1)}…` : whole;
}

function timeText(at: number): string {
  return at < 1_000 ? at.toFixed(1) : Math.round(at).toLocaleString('en-US');
}

/** How to read a timeline. */
export const timelineLegend: Markup = html`A timeline shows one iteration that was run afterwards, with every step of the workers recorded; it is slower
than those that were counted. Accesses were made one at a time, in the order shown. “read” and “write” are plain
accesses, “load”, “store”, “add” and so on those of Atomics, others are calls; a thick line is the time until a call returned.`;
