/** The page of a trace: one HTML document that loads nothing, with tables, a zoomable timeline, and the longest wait step by step. */
import type { RecordedStep } from '../../stress/index.js';
import type { ChromeTraceEvent, Trace, TraceSpan } from '../../trace/index.js';
import { count } from '../figures.js';
import { documentOf, factsOf } from './document.js';
import { html, Markup } from './markup.js';
import { drawTimeline } from './timeline.js';
import { ZOOM } from './zoom.js';

/** The page shows at most this many slices: the longest. */
const MOST_SLICES = 20_000;
/** Moments around the longest wait. */
const MOST_SPANS = 24;
/** Sizes in the drawing's units, each as wide as one ms is long. */
const ROW = 22;
const BAR = 16;
/** How much thinner a slice is than the enclosing one, on either side, and how thin it may become. */
const NARROWER = 4;
const THINNEST = 3;

const OWN_STYLE = `
.tracks { display: grid; grid-template-columns: max-content 1fr; gap: 0 .75rem; }
.tracks .names { font-size: .8rem; line-height: ${ROW}px; color: var(--faint); }
.tracks .names div { height: ${ROW}px; white-space: nowrap; }
.tracks svg { width: 100%; display: block; background: var(--panel); cursor: crosshair; }
.tracks .hold { fill: var(--acceptable); }
.tracks .wait { fill: var(--interesting); }
.tracks .signal, .tracks .ask { fill: var(--forbidden); }
.tracks rect:hover { opacity: .6; }
.tracks .arrow { stroke: var(--text); stroke-width: 1; vector-effect: non-scaling-stroke; opacity: .5; }
.zoom button { font: inherit; min-width: 2.2rem; }
.key span { display: inline-block; width: .8rem; height: .8rem; margin: 0 .3rem 0 .8rem; }
`;

/**
 * The page of a trace.
 *
 * @param trace - what was recorded
 * @param facts - facts about the machine, the runtime and the run, by name
 */
export function tracePageOf(trace: Trace, facts: Readonly<Record<string, string>>): string {
  const title = 'Who waited for what';
  const body = html`<header>
<h1>${title}</h1>
<p>${count(trace.events.length)} events of ${trace.agents.length} agents${trace.lost > 0 && `; ${count(trace.lost)} older ones are lost`}.</p>
${factsOf(facts)}
</header>
<main>
${tables(trace)}
${tracks(trace)}
${longestWait(trace)}
</main>
<script>${new Markup(ZOOM)}</script>`;
  return documentOf(title, OWN_STYLE, body);
}

const ms = (time: number): string => `${time.toFixed(time < 10 ? 3 : 1)} ms`;

const isFigure = (text: string): boolean => /^[\d.,]+( ms)?$/.test(text);

function table(id: string, head: readonly string[], rows: readonly (readonly string[])[]): Markup {
  const figures = head.map((_, at) => rows.length > 0 && rows.every((row) => isFigure(row[at])));
  const kind = (at: number): Markup | false => figures[at] && html` class="number"`;
  return html`<div class="wide" role="region" aria-label="Table, scrollable" tabindex="0"><table id="${id}">
<thead><tr>${head.map((text, at) => html`<th scope="col"${kind(at)}>${text}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first, ...rest]) =>
      html`<tr><th scope="row">${first}</th>${rest.map((text, at) => html`<td${kind(at + 1)}>${text}</td>`)}</tr>\n`,
  )}</tbody>
</table></div>`;
}

function tables(trace: Trace): Markup {
  const { primitives, blocking, longest } = trace.summary();
  return html`<h2>What was waited for</h2>
${table(
  'primitives',
  ['Primitive', 'Waits', 'Waited', 'Longest', 'Holds', 'Held', 'Longest'],
  primitives.map(({ primitive, waits, waited, longestWait, holds, held, longestHold }) => [
    primitive,
    count(waits),
    ms(waited),
    ms(longestWait),
    count(holds),
    ms(held),
    ms(longestHold),
  ]),
)}
<h2>Who kept whom waiting</h2>
${table(
  'blocking',
  ['Who waited', 'For', 'Held by', 'How long'],
  blocking.map(({ waiter, primitive, holder, time }) => [waiter, primitive, holder, ms(time)]),
)}
<h2>The longest waits</h2>
${longest.map(
  ({
    waiter,
    primitive,
    time,
    holder,
    got,
    stack,
    holderStack,
  }) => html`<details><summary>${waiter} waited for ${primitive} for ${ms(time)}${
    holder !== undefined && `, held by ${holder}`
  }${got === false && ', in vain'}${got === undefined && ', and still waits'}</summary>
${stack !== undefined && html`<p>It was here:</p><pre tabindex="0">${stack}</pre>`}
${holderStack !== undefined && html`<p>${holder} had acquired it here:</p><pre tabindex="0">${holderStack}</pre>`}
${stack === undefined && html`<p>With <code>--stacks</code>, the trace shows where in the program.</p>`}</details>\n`,
)}`;
}

/** All slices, a row for each thread of the Chrome trace. */
function tracks(trace: Trace): Markup {
  const { traceEvents } = trace.chromeTrace();
  const names = traceEvents.filter(({ name }) => name === 'thread_name');
  const rows = new Map(names.map(({ tid }, row) => [tid, row]));
  const all = traceEvents.filter(({ ph }) => ph === 'X');
  const slices =
    all.length <= MOST_SLICES
      ? all
      : [...all].sort((one, other) => lengthOf(other) - lengthOf(one)).slice(0, MOST_SLICES);
  const width = all.reduce((most, slice) => Math.max(most, timeOf(slice) + lengthOf(slice)), 0.001);
  const height = Math.max(names.length, 1) * ROW;
  const middle = (tid: number): number => (rows.get(tid) ?? 0) * ROW + ROW / 2;
  const depths = depthsOf(all);
  const ends = new Map(traceEvents.filter(({ ph }) => ph === 'f').map((flow) => [flow.id, flow]));
  const arrows = traceEvents
    .filter(({ ph }) => ph === 's')
    .slice(0, MOST_SLICES)
    .flatMap((from) => {
      const to = ends.get(from.id);
      return to === undefined
        ? []
        : [
            html`<line class="arrow" x1="${timeOf(from)}" y1="${middle(from.tid)}" x2="${timeOf(to)}" y2="${middle(to.tid)}"/>`,
          ];
    });
  const label = `Time line of ${names.length} threads over ${ms(width)}; the tables above say the same in figures.`;
  return html`<h2 id="time">The time line</h2>
<p class="key"><span style="background: var(--acceptable)"></span>holds<span style="background: var(--interesting)"></span>waits<span
style="background: var(--forbidden)"></span>signals; a line leads from a release to the end of the wait that it let through.</p>
${slices.length < all.length && html`<p>Of ${count(all.length)} slices the ${count(slices.length)} longest are shown.</p>`}
<p class="zoom"><button type="button" data-zoom="in">+</button> <button type="button" data-zoom="out">−</button>
<button type="button" data-zoom="left">←</button> <button type="button" data-zoom="right">→</button>
<button type="button" data-zoom="all">all</button> <output id="window"></output></p>
<figure class="tracks" tabindex="0" role="region" aria-label="Time line; the keys + and − zoom, arrows move, 0 shows all">
<div class="names">${names.map(({ args }) => html`<div>${String(args?.name)}</div>`)}</div>
<svg id="tracks" role="img" aria-label="${label}" data-width="${width}" viewBox="0 0 ${width} ${height}" height="${height}" preserveAspectRatio="none">
${slices.map((slice) => bar(slice, middle(slice.tid), depths.get(slice) ?? 0))}
${arrows}
</svg>
</figure>`;
}

/** In ms. */
const timeOf = ({ ts = 0 }: ChromeTraceEvent): number => ts / 1000;
const lengthOf = ({ dur = 0 }: ChromeTraceEvent): number => dur / 1000;

/** How deep each slice is nested in others of its thread. The slices are given in the order in which they begin. */
function depthsOf(slices: readonly ChromeTraceEvent[]): ReadonlyMap<ChromeTraceEvent, number> {
  const depths = new Map<ChromeTraceEvent, number>();
  const open = new Map<number, number[]>();
  for (const slice of slices) {
    const around = (open.get(slice.tid) ?? []).filter((end) => end > timeOf(slice));
    depths.set(slice, around.length);
    open.set(slice.tid, [...around, timeOf(slice) + lengthOf(slice)]);
  }
  return depths;
}

function bar(slice: ChromeTraceEvent, middle: number, depth: number): Markup {
  const { name, cat = '' } = slice;
  const height = Math.max(BAR - 2 * NARROWER * depth, THINNEST);
  const y = middle - height / 2;
  return html`<rect class="${cat}" x="${timeOf(slice)}" y="${y}" width="${Math.max(lengthOf(slice), 0.0005)}" height="${height}"><title>${name}: ${ms(lengthOf(slice))}, from ${ms(timeOf(slice))} on</title></rect>\n`;
}

/** What all agents did around the longest wait, in the form of the timelines of a stress report. */
function longestWait({ spans, agents }: Trace): Markup | false {
  const all = spans.filter(({ kind }) => kind === 'wait');
  if (all.length === 0) return false;
  // A wait for something that nobody holds, such as the end of a thread, shows less.
  const held = new Set(spans.filter(({ kind }) => kind === 'hold').map(({ primitive }) => primitive));
  const blocked = all.filter(({ primitive }) => held.has(primitive));
  const waits = blocked.length > 0 ? blocked : all;
  const wait = waits.reduce((one, other) => (other.end - other.begin > one.end - one.begin ? other : one));
  const around = spans
    .filter(({ begin, end }) => begin <= wait.end && end >= wait.begin)
    .sort(
      (one, other) =>
        Number(other === wait) - Number(one === wait) ||
        Number(other.primitive === wait.primitive) - Number(one.primitive === wait.primitive),
    )
    .slice(0, MOST_SPANS);
  return html`<h2>The longest wait${blocked.length > 0 && ' for something held'}, step by step</h2>
${drawTimeline({
  caption: html`What happened meanwhile, to ${wait.primitive} first`,
  label: `Timeline of ${agents.length} agents around the longest wait; a list of the same follows.`,
  actors: agents.map(({ name }) => name),
  steps: stepsOf(around),
})}`;
}

function stepsOf(spans: readonly TraceSpan[]): RecordedStep[] {
  const times = spans
    .flatMap(({ begin, end, open }) => (open ? [begin] : [begin, end]))
    .sort((one, other) => one - other);
  const taken = new Map<number, number>();
  /** Moments at the same time get different numbers. */
  const orderOf = (time: number): number => {
    const nth = taken.get(time) ?? 0;
    taken.set(time, nth + 1);
    return times.indexOf(time) + nth;
  };
  return spans
    .map(({ kind, agent, primitive, begin, end, open, got }) => ({
      actor: agent,
      call: true,
      text: kind === 'wait' ? `waits for ${primitive}` : `has ${primitive}`,
      order: orderOf(begin),
      at: begin * 1000,
      ...(open
        ? {}
        : {
            end: {
              text: kind === 'hold' ? '→ released' : got ? '→ got it' : '→ in vain',
              order: orderOf(end),
              at: end * 1000,
            },
          }),
    }))
    .sort((one, other) => one.order - other.order);
}
