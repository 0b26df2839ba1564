// What is written for Perfetto of times as they come: by clocks that are coarser than a hold, and that differ a little.
import { Trace, type TraceEvent, type TraceEventName } from 'atomics-sync-free/trace';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { checkChromeTrace } from './chrome.js';

const test = suite('Chrome’s trace event format');

/** In ms since the epoch. */
const BEGIN = 1_800_000_000_000;
const AGENTS = ['holder', 'waiter'].map((name, i) => ({ name, thread: i, lost: 0 }));

type Line = readonly [at: number, agent: 0 | 1, event: TraceEventName, primitive: string];

const eventOf = ([at, agent, event, primitive]: Line): TraceEvent => ({
  time: BEGIN + at,
  agent,
  task: false,
  event,
  primitive,
  got: true,
  forced: false,
  count: 1,
  stack: undefined,
});

/** The file of what two agents did, in the order of time. */
function fileOf(lines: readonly Line[]) {
  const trace = new Trace(AGENTS, lines.map(eventOf), BEGIN + 100);
  const file = trace.chromeTrace();
  checkChromeTrace(file);
  return { trace, file, arrows: file.traceEvents.filter(({ ph }) => ph === 's').length };
}

test('what is acquired and released within one tick of the clock is seen, and lets the waiter through', () => {
  const { arrows } = fileOf([
    [0, 1, 'wait', 'a'],
    [1, 0, 'acquire', 'a'],
    [1, 0, 'release', 'a'],
    [1.0002, 1, 'waited', 'a'],
  ]);
  assert.is(arrows, 1);
});

test('an arrow that could only lead back in time is left out', () => {
  const { trace, arrows } = fileOf([
    [0, 1, 'wait', 'a'],
    [1, 0, 'acquire', 'a'],
    [1, 0, 'release', 'a'],
    [1, 1, 'waited', 'a'],
  ]);
  assert.is(trace.arrows.length, 1);
  assert.is(arrows, 0);
});

test('of holds that end within one tick the arrow leaves the one that it belongs to', () => {
  const { arrows } = fileOf([
    [0, 0, 'acquire', 'a'],
    [1, 0, 'acquire', 'b'],
    [2, 1, 'wait', 'a'],
    [5, 0, 'release', 'b'],
    [5, 0, 'release', 'a'],
    [6, 1, 'waited', 'a'],
  ]);
  assert.is(arrows, 1);
});

test('a signal and what the agent does next have lines of their own where they overlap', () => {
  const { arrows } = fileOf([
    [0, 1, 'wait', 'e'],
    [1, 0, 'signal', 'e'],
    [1.0005, 0, 'acquire', 'a'],
    [1.2, 1, 'waited', 'e'],
    [3, 0, 'release', 'a'],
  ]);
  assert.is(arrows, 1);
});

test('what goes on at the end ends with the trace', () => {
  const { file } = fileOf([
    [0, 0, 'acquire', 'a'],
    [1, 1, 'wait', 'a'],
  ]);
  const slices = file.traceEvents.filter(({ ph }) => ph === 'X');
  assert.equal(
    slices.map(({ ts = 0, dur = 0 }) => ts + dur),
    [100_000, 100_000],
  );
});

test('nothing at all is a file, too', () => {
  const { file } = fileOf([]);
  assert.is(file.traceEvents.length, 1);
});

test.run();
