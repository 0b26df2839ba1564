import type { TraceEvent } from 'atomics-sync-free/trace';
import * as assert from 'uvu/assert';
import { slicesIn } from '#dist/gil-lab/effects.js';
import { drawTimeline, stretchesIn } from '#dist/gil-lab/timeline.js';
import { suite } from '../support/suite.js';

const test = suite('timeline');

const A = 0;
const B = 1;
const at = (time: number, agent: number, event: TraceEvent['event'], forced = false): TraceEvent => ({
  ...{ time, agent, event, forced },
  ...{ task: false, primitive: 'GIL#0', got: true, count: 1, stack: undefined },
});
const TRACE: readonly TraceEvent[] = [
  at(10, A, 'acquire'),
  at(11, B, 'wait'),
  at(16, B, 'ask'),
  at(17, A, 'release', true),
  at(17.5, B, 'waited'),
  at(17.5, B, 'acquire'),
  at(17.75, A, 'wait'),
  at(19, B, 'release'),
  at(20, A, 'waited'),
  at(20, A, 'acquire'),
];

test('a stay lasts from take to drop, a wait from wait to take, and what has not ended is left out', () => {
  assert.equal(stretchesIn(TRACE), [
    { agent: A, what: 'held', from: 10, to: 17, forced: true },
    { agent: B, what: 'waited', from: 11, to: 17.5, forced: false },
    { agent: B, what: 'held', from: 17.5, to: 19, forced: false },
    { agent: A, what: 'waited', from: 17.75, to: 20, forced: false },
  ]);
});

test('a slice is a stay that ended by force', () => {
  assert.equal(slicesIn(TRACE), [7]);
});

test('the drawing is well-formed, has a lane for each thread, and marks requests and forced switches', () => {
  const lanes = [
    { agent: A, name: 'first <&>' },
    { agent: B, name: 'second' },
  ];
  const svg = drawTimeline({ trace: TRACE, lanes, interval: 5 });
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
  assert.match(svg, /first &lt;&amp;&gt;/);
  // Each once more in the legend.
  assert.is(svg.split('asks for the GIL').length - 1, 2);
  assert.is(svg.split('forced to drop it').length - 1, 2);
  assert.is(svg.split('held for').length - 1, 2);
  assert.is(svg.split('waited for').length - 1, 2);
  const open: string[] = [];
  for (const [, closing, name, empty] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (closing) assert.is(open.pop(), name);
    else if (!empty) open.push(name);
  }
  assert.equal(open, []);
});

test('an empty trace gives an empty drawing, not an error', () => {
  assert.match(drawTimeline({ trace: [], lanes: [], interval: 5 }), /^<svg /);
});

test.run();
