/** A drawing of who held the GIL when. */
import type { TraceEvent } from '../trace/index.js';
import type { Recording } from './effects.js';
import { drawing, element, label, ticks, tip } from './svg.js';

const WIDTH = 1200;
const LEFT = 230;
const RIGHT = 24;
const TOP = 92;
const LANE = 46;
const BAR = 22;
const COLOURS = ['#2f6fb7', '#d9822b', '#3a9a6b', '#8e5aa8', '#b8433f', '#5c7080'];
const WAITING = '#e4e4e4';
const MARK = '#c22';

/** A stretch of a lane: an agent holds the GIL, or waits for it. */
interface Stretch {
  readonly agent: number;
  readonly what: 'held' | 'waited';
  readonly from: number;
  readonly to: number;
  /** How the agent's hold ended. */
  readonly forced: boolean;
}

/**
 * Draws who held the GIL when: a lane for each thread, with its holds and waits, its requests, and where it was forced
 * to drop the GIL.
 *
 * @returns an SVG document
 */
export function drawTimeline({ trace, lanes, interval }: Recording): string {
  const begin = trace[0]?.time ?? 0;
  const length = Math.max((trace.at(-1)?.time ?? 0) - begin, 1);
  const bottom = TOP + lanes.length * LANE;
  const x = (time: number): number => LEFT + ((time - begin) / length) * (WIDTH - LEFT - RIGHT);
  const laneOf = new Map(lanes.map(({ agent }, i) => [agent, i]));
  const y = (agent: number): number => TOP + (laneOf.get(agent) ?? 0) * LANE + (LANE - BAR) / 2;
  const shown = trace.filter(({ agent }) => laneOf.has(agent));

  const bar = ({ agent, what, from, to, forced }: Stretch): string => {
    const held = what === 'held';
    const text = `${what} for ${(to - from).toFixed(2)} ms from ${(from - begin).toFixed(2)}${held ? `, dropped ${forced ? 'by force' : 'by itself'}` : ''}`;
    return element(
      'rect',
      {
        x: x(from),
        y: held ? y(agent) : y(agent) + BAR / 2 - 3,
        width: Math.max(x(to) - x(from), held ? 0.75 : 0),
        height: held ? BAR : 6,
        fill: held ? COLOURS[(laneOf.get(agent) ?? 0) % COLOURS.length] : WAITING,
      },
      tip(text),
    );
  };
  const stretches = stretchesIn(shown);

  return drawing(WIDTH, bottom + 48, 'Who held the GIL when', [
    label(LEFT, 28, 'Who held the GIL when', { class: 'title' }),
    ...legend(interval),
    ...ticks(length, 12).flatMap((ms) => {
      const at = x(begin + ms);
      return [
        element('line', { x1: at, x2: at, y1: TOP, y2: bottom, class: 'grid' }),
        label(at, bottom + 18, String(Math.round(ms * 1000) / 1000), { class: 'small middle' }),
      ];
    }),
    label((LEFT + WIDTH - RIGHT) / 2, bottom + 38, 'ms', { class: 'small middle' }),
    ...lanes.map(({ agent, name }) => label(LEFT - 12, y(agent) + BAR / 2 + 4, name, { class: 'end' })),
    ...stretches.filter(({ what }) => what === 'waited').map(bar),
    ...stretches.filter(({ what }) => what === 'held').map(bar),
    ...shown.filter(({ event }) => event === 'ask').map(({ time, agent }) => askMark(x(time), y(agent))),
    ...shown.filter(({ forced }) => forced).map(({ time, agent }) => forcedMark(x(time), y(agent))),
  ]);
}

/** A triangle below the waiter's lane. */
const askMark = (x: number, y: number): string =>
  element('path', { d: `M${x.toFixed(2)} ${y + BAR} l-4 8 h8 z`, fill: MARK }, tip('asks for the GIL'));

/** A bar across the end of the holder's stay. */
const forcedMark = (x: number, y: number): string =>
  element('rect', { x: x - 1, y: y - 4, width: 2, height: BAR + 8, fill: MARK }, tip('forced to drop it'));

function legend(interval: number): string[] {
  const y = 46;
  const items: [width: number, text: string, mark: (x: number) => string][] = [
    [150, 'holds the GIL', (x) => element('rect', { x, y, width: 18, height: 14, fill: COLOURS[0] })],
    [130, 'waits for it', (x) => element('rect', { x, y: y + 4, width: 18, height: 6, fill: WAITING })],
    [200, 'asks the holder to drop it', (x) => askMark(x + 9, y + 2 - BAR)],
    [170, 'is forced to drop it', (x) => element('rect', { x: x + 8, y: y - 3, width: 2, height: 20, fill: MARK })],
  ];
  let x = LEFT;
  const drawn = items.flatMap(([width, text, mark]) => {
    const item = [mark(x), label(x + 24, y + 11, text)];
    x += width;
    return item;
  });
  return [...drawn, label(x + 10, y + 11, `switch interval ${interval} ms`, { class: 'small' })];
}

/** @returns who held the GIL and who waited for it, from when to when, given a trace with the oldest event first */
export function stretchesIn(trace: readonly TraceEvent[]): Stretch[] {
  const stretches: Stretch[] = [];
  const since = new Map<number, { what: Stretch['what']; from: number }>();
  const end = (agent: number, to: number, forced: boolean): void => {
    const begun = since.get(agent);
    if (begun !== undefined) stretches.push({ agent, ...begun, to, forced });
    since.delete(agent);
  };
  for (const { time, agent, event, forced } of trace) {
    // A wait lasts until it ends in the acquisition.
    if (event === 'ask' || event === 'waited') continue;
    end(agent, time, forced);
    if (event === 'wait') since.set(agent, { what: 'waited', from: time });
    else if (event === 'acquire') since.set(agent, { what: 'held', from: time });
  }
  return stretches;
}
