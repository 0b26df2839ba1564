/** The summary of a trace: the primitives waited for most, who kept whom waiting, the longest waits. */
import { overlap, type TraceSpan } from './spans.js';

/** What was done with one primitive. Times are in ms. */
export interface TracedPrimitive {
  /** Kind, number and name. */
  readonly primitive: string;
  /** How many waits there were. */
  readonly waits: number;
  /** How long they took together, in ms. */
  readonly waited: number;
  /** How long the longest took, in ms. */
  readonly longestWait: number;
  /** How many times it was acquired. */
  readonly holds: number;
  /** How long it was held in total, in ms. */
  readonly held: number;
  /** How long the longest hold was, in ms. */
  readonly longestHold: number;
}

/** Who kept whom waiting. */
export interface Blocking {
  /** Who waited, by name. */
  readonly waiter: string;
  /** Who held it meanwhile, by name. */
  readonly holder: string;
  /** What. */
  readonly primitive: string;
  /** For how long, in ms. */
  readonly time: number;
}

/** One of the longest waits. */
export interface LongWait {
  /** Who waited, by name. */
  readonly waiter: string;
  /** What it waited for: kind, number and name. */
  readonly primitive: string;
  /** How long, in ms. */
  readonly time: number;
  /** Whether it got what it waited for; undefined if it had not ended when the trace ended. */
  readonly got: boolean | undefined;
  /** Who held it for the longest part of the wait, by name. */
  readonly holder: string | undefined;
  /** Where the waiter was, if stacks were requested. */
  readonly stack: string | undefined;
  /** Where the holder had acquired it, if stacks were requested. */
  readonly holderStack: string | undefined;
}

/** The summary of a trace. */
export interface TraceSummary {
  /** The primitives, in decreasing order of time waited. */
  readonly primitives: readonly TracedPrimitive[];
  /** Who kept whom waiting, the longest first. */
  readonly blocking: readonly Blocking[];
  /** The longest waits, at most ten. */
  readonly longest: readonly LongWait[];
}

interface Source {
  readonly agents: readonly { readonly name: string }[];
  readonly spans: readonly TraceSpan[];
}

const MOST_LONG = 10;
const lengthOf = ({ begin, end }: TraceSpan): number => end - begin;
const sum = (spans: readonly TraceSpan[]): number => spans.reduce((all, span) => all + lengthOf(span), 0);
const longestOf = (spans: readonly TraceSpan[]): number =>
  spans.reduce((most, span) => Math.max(most, lengthOf(span)), 0);

/** The spans of one primitive. */
interface Spans {
  readonly primitive: string;
  readonly waits: TraceSpan[];
  readonly holds: TraceSpan[];
}

export function summaryOf({ agents, spans }: Source): TraceSummary {
  const byPrimitive = grouped(spans);
  const blocking = new Map<string, Blocking>();
  const longest: LongWait[] = [];
  const nameOf = ({ agent, task }: TraceSpan): string => `${task ? 'a task of ' : ''}${agents[agent].name}`;
  for (const { primitive, waits, holds } of byPrimitive) {
    const all = new Holds(holds);
    for (const wait of waits) {
      const waiter = nameOf(wait);
      const during = all.during(wait);
      for (const { hold, time } of during) {
        const holder = nameOf(hold);
        const key = JSON.stringify([waiter, holder, primitive]);
        blocking.set(key, { waiter, holder, primitive, time: time + (blocking.get(key)?.time ?? 0) });
      }
      const most = longestHold(during);
      longest.push({
        waiter,
        primitive,
        time: lengthOf(wait),
        got: wait.open ? undefined : wait.got,
        holder: most && nameOf(most),
        stack: wait.stack,
        holderStack: most?.stack,
      });
    }
  }
  return {
    primitives: byPrimitive.map(figuresOf).sort((one, other) => other.waited - one.waited || other.held - one.held),
    blocking: [...blocking.values()].sort((one, other) => other.time - one.time),
    longest: longest.sort((one, other) => other.time - one.time).slice(0, MOST_LONG),
  };
}

function grouped(spans: readonly TraceSpan[]): Spans[] {
  const byPrimitive = new Map<string, Spans>();
  for (const span of spans) {
    const { primitive } = span;
    const both = byPrimitive.get(primitive) ?? { primitive, waits: [], holds: [] };
    byPrimitive.set(primitive, both);
    (span.kind === 'wait' ? both.waits : both.holds).push(span);
  }
  return [...byPrimitive.values()];
}

const figuresOf = ({ primitive, waits, holds }: Spans): TracedPrimitive => ({
  primitive,
  waits: waits.length,
  waited: sum(waits),
  longestWait: longestOf(waits),
  holds: holds.length,
  held: sum(holds),
  longestHold: longestOf(holds),
});

/** A hold that kept somebody waiting, and for how long. */
interface During {
  readonly hold: TraceSpan;
  readonly time: number;
}

function longestHold(during: readonly During[]): TraceSpan | undefined {
  const most = Math.max(...during.map(({ time }) => time));
  return during.find(({ time }) => time === most)?.hold;
}

/** The holds of one primitive; those during a wait are found without looking at all of them. */
class Holds {
  readonly #holds: readonly TraceSpan[];
  /** For each hold, when the last of it and those before it ended. */
  readonly #ended: number[] = [];

  /** @param holds ordered by their beginnings */
  constructor(holds: readonly TraceSpan[]) {
    this.#holds = holds;
    let last = -Infinity;
    for (const { end } of holds) {
      last = Math.max(last, end);
      this.#ended.push(last);
    }
  }

  during(wait: TraceSpan): During[] {
    const found: During[] = [];
    for (let i = this.#firstAfter(wait.begin); i < this.#holds.length; i++) {
      const hold = this.#holds[i];
      if (hold.begin >= wait.end) break;
      const time = overlap(hold, wait);
      if (time > 0) found.push({ hold, time });
    }
    return found;
  }

  /** All holds before this index have ended by then. */
  #firstAfter(time: number): number {
    let [low, high] = [0, this.#ended.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ended[middle] > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** @returns the summary as tables */
export function textOf({ primitives, blocking, longest }: TraceSummary, { lost }: { readonly lost: number }): string {
  const parts = [primitivesTable(primitives)];
  if (blocking.length > 0) parts.push(blockingTable(blocking.slice(0, MOST_LONG)));
  if (longest.length > 0) parts.push(longestTable(longest), ...stacksOf(longest[0]));
  if (lost > 0) parts.push(`${lost} events are lost, the oldest ones: there was no room for more ({ capacity }).`);
  return parts.join('\n\n');
}

const primitivesTable = (primitives: readonly TracedPrimitive[]): string =>
  table(
    ['primitive', 'waits', 'waited', 'longest', 'holds', 'held', 'longest'],
    primitives.map(({ primitive, waits, waited, longestWait, holds, held, longestHold }) => [
      primitive,
      String(waits),
      ms(waited),
      ms(longestWait),
      String(holds),
      ms(held),
      ms(longestHold),
    ]),
  );

const blockingTable = (blocking: readonly Blocking[]): string =>
  table(
    ['who waited', 'for', 'held by', 'for'],
    blocking.map(({ waiter, primitive, holder, time }) => [waiter, primitive, holder, ms(time)]),
  );

const longestTable = (longest: readonly LongWait[]): string =>
  table(
    ['longest waits', 'for', 'held by', 'took', 'got it'],
    longest.map(({ waiter, primitive, holder, time, got }) => [
      waiter,
      primitive,
      holder ?? '',
      ms(time),
      got === undefined ? 'not yet' : got ? 'yes' : 'no',
    ]),
  );

function stacksOf({ waiter, holder, stack, holderStack }: LongWait): string[] {
  const texts: string[] = [];
  if (stack !== undefined) texts.push(`${waiter}, in the longest wait:\n${indented(stack)}`);
  if (holderStack !== undefined) texts.push(`${holder} had acquired it:\n${indented(holderStack)}`);
  return texts;
}

const ms = (time: number): string => `${time.toFixed(time < 10 ? 3 : 1)} ms`;
const indented = (text: string): string => text.replace(/^/gm, '  ');

/** Texts are left-aligned, figures right-aligned. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at].length)));
  const isFigure = head.map((_, at) => rows.length > 0 && rows.every((row) => /^[\d.]+( ms)?$/.test(row[at])));
  return all
    .map((row) =>
      row
        .map((cell, at) => (isFigure[at] ? cell.padStart(widths[at]) : cell.padEnd(widths[at])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
