import type { RecordedStep, Recording } from '../../stress/index.js';
import { html, type Markup } from './markup.js';

/** Sizes in the drawing's units; the text is 12 high and about 7.3 wide a character. */
const GUTTER = 84;
const COLUMN = 236;
const HEAD = 34;
const ROW = 24;
const LETTERS = 29;

/** Something that has a row of its own: the beginning of a step, or its end where others came in between. */
interface Moment {
  readonly step: RecordedStep;
  readonly order: number;
  readonly at: number;
  readonly text: string;
  /** Whether the step goes on from here to another row. */
  readonly opens: boolean;
}

/** Draws who did what when: a column for each worker, a row for each moment, and a line for as long as a call took. */
export function timelineOf(recording: Recording): Markup {
  const { result, actors, steps } = recording;
  const moments = momentsOf(steps);
  const width = GUTTER + actors * COLUMN;
  const height = HEAD + (moments.length + 1) * ROW;
  const label = `Timeline of an iteration with the result ${result}: ${moments.length} moments of ${actors} workers. The same as a list follows.`;
  return html`<figure>
<figcaption>An iteration with the result <b>${result}</b>, played again and recorded</figcaption>
<div class="wide" role="region" aria-label="Timeline, scrollable" tabindex="0">
<svg class="timeline" role="img" aria-label="${label}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<text class="head" x="${GUTTER - 14}" y="20" text-anchor="end">µs</text>
${Array.from({ length: actors }, (_, actor) => column(actor, height))}
${steps.map((step) => span(step, moments, height))}
${moments.map(row)}
</svg>
</div>
<details><summary>The same as a list</summary>
<ol class="steps">${moments.map(({ at, step, text }) => html`<li>${time(at)} µs, worker ${step.actor + 1}: ${text}</li>`)}</ol>
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
      const { order, at, text, end } = step;
      const begin = { step, order, at: at - first };
      if (!end) return [{ ...begin, text, opens: isCall(step) }];
      const whole = `${text} ${end.text}`.trimEnd();
      if (next.get(order) === end.order) return [{ ...begin, text: whole, opens: false }];
      return [
        { ...begin, text, opens: true },
        { step, order: end.order, at: end.at - first, text: whole, opens: false },
      ];
    })
    .sort((one, other) => one.order - other.order);
}

/** Whether a step without an end is a call that did not return; an access is over at once. */
const isCall = ({ text }: RecordedStep): boolean => /\)$|^wait /.test(text);

const left = (actor: number): number => GUTTER + actor * COLUMN;
const middle = (rowAt: number): number => HEAD + rowAt * ROW + ROW / 2;

function column(actor: number, height: number): Markup {
  const x = left(actor);
  return html`<text class="head" x="${x}" y="20">worker ${actor + 1}</text>
<line class="rail" x1="${x + 4}" x2="${x + 4}" y1="${HEAD}" y2="${height}"/>`;
}

/** The line of a step that lasts over several rows, or to the end. */
function span(step: RecordedStep, moments: readonly Moment[], height: number): Markup | undefined {
  const from = moments.findIndex((moment) => moment.step === step);
  if (!moments[from].opens) return undefined;
  const to = moments.findLastIndex((moment) => moment.step === step);
  const x = left(step.actor) + 4;
  const bottom = to > from ? middle(to) : height;
  return html`<line class="span" x1="${x}" x2="${x}" y1="${middle(from)}" y2="${bottom}"/>`;
}

function row({ at, step, text, opens }: Moment, rowAt: number): Markup {
  const y = middle(rowAt);
  const shown = opens ? `${text} …` : text;
  const cut = shown.length > LETTERS ? `${shown.slice(0, LETTERS - 1)}…` : shown;
  return html`<text class="time" x="${GUTTER - 14}" y="${y + 4}" text-anchor="end">${time(at)}</text>
<circle cx="${left(step.actor) + 4}" cy="${y}" r="4"/>
<text x="${left(step.actor) + 16}" y="${y + 4}">${cut}${cut !== shown && html`<title>${shown}</title>`}</text>`;
}

function time(at: number): string {
  return at < 1_000 ? at.toFixed(1) : Math.round(at).toLocaleString('en-US');
}

/** What a reader of timelines has to know. */
export const timelineLegend: Markup = html`A timeline shows one iteration that was played after the run, with every step of the workers recorded; it is slower
than those that were counted. Accesses were made one at a time, in the order shown. “read” and “write” are plain
accesses, “load”, “store”, “add” and so on those of Atomics, others are calls; a thick line is the time until a call returned.`;
