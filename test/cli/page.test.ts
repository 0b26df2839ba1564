import { Arena, Lock } from 'atomics-sync-free';
import type { RecordedStep, Recording, TestReport } from 'atomics-sync-free/stress';
import * as trace from 'atomics-sync-free/trace';
import * as assert from 'uvu/assert';
import { html } from '#dist/cli/page/markup.js';
import { type PageTest, pageOf } from '#dist/cli/page/page.js';
import { timelineOf } from '#dist/cli/page/timeline.js';
import { tracePageOf } from '#dist/cli/page/trace-page.js';
import { suite } from '../support/suite.js';

const test = suite('page');

const report: TestReport = {
  name: 'race/plain',
  description: 'A race.',
  subject: 'plain accesses',
  verdict: 'PASSED',
  reason: '',
  outcomes: [
    { result: 'right', samples: 999, expectation: 'ACCEPTABLE', description: 'As it should be.' },
    { result: 'lost', samples: 9, expectation: 'INTERESTING', description: 'Lost.' },
    { result: 'wrong', samples: 0, expectation: 'FORBIDDEN', description: 'Wrong.' },
  ],
  threads: 2,
  seconds: 1,
  samples: 1008,
  samplesPerSecond: 1008,
  overlap: 0.5,
};
const held: TestReport = {
  ...report,
  name: 'race/lock',
  subject: 'Lock',
  outcomes: [report.outcomes[0], report.outcomes[2]],
};
const failed: TestReport = { ...held, name: 'race/bad', verdict: 'FAILED', reason: 'FORBIDDEN seen: wrong (1 ×)' };
const page = (...tests: PageTest[]): string => pageOf({ facts: { Runtime: 'Node' }, interrupted: false }, tests);

const step = (actor: number, order: number, text: string, rest: Partial<RecordedStep> = {}): RecordedStep => ({
  actor,
  order,
  text,
  call: false,
  at: 100 + order,
  ...rest,
});
const end = (order: number, text: string) => ({ call: true, end: { order, text, at: 100 + order } });
const recording = (...steps: RecordedStep[]): Recording => ({ result: 'lost', actors: 2, steps });
const listOf = (drawn: string): string[] => [...drawn.matchAll(/<li>(.*?)<\/li>/g)].map(([, text]) => text);
const count = (text: string, part: string): number => text.split(part).length - 1;

test('what is filled in is escaped, HTML in HTML is not', () => {
  assert.is(
    html`<b>${'<&"\'>'}</b>${[html`<i>${1}</i>`, undefined, false]}`.text,
    '<b>&lt;&amp;&quot;&#39;&gt;</b><i>1</i>',
  );
});

test('bars are logarithmic, the longest is the most frequent outcome, and what was not seen has none', () => {
  const widths = [...page({ report }).matchAll(/<rect width="([\d.]+)"/g)].map(([, width]) => Number(width));
  assert.equal(widths, [100, 33.33, 0]);
});

test('a test that saw nothing has no bars', () => {
  const outcomes = report.outcomes.map((outcome) => ({ ...outcome, samples: 0 }));
  assert.is(count(page({ report: { ...report, outcomes, samples: 0 } }), '<rect width="0"'), 3);
});

test('the summary counts by subject what held, what was seen, and names what failed', () => {
  const text = page({ report }, { report: held }, { report: failed });
  assert.match(
    text,
    /Of 3 tests 1 held, in 1 the race was seen,\nin 0 it is still possible, but was not seen, and <b>1 failed<\/b>/,
  );
  assert.match(text, /<a href="#race\/bad">race\/bad<\/a>: FORBIDDEN seen: wrong \(1 ×\)/);
  assert.match(text, /<a href="#about-plain-accesses">plain accesses<\/a><\/th>\n<td>–<\/td><td>1 of 1 seen<\/td>/);
  assert.match(text, /<a href="#about-Lock">Lock<\/a><\/th>\n<td>1 of 2 held<\/td><td>–<\/td>/);
});

test('tests of one race stand under its explanation, whose tables keep their form', () => {
  const head = 'A race.\n\nIt races & races.\n\n    plain  right 1\n    lock   right 2';
  const text = page({ report, head }, { report: held, head });
  assert.is(count(text, '<h2>A race</h2>'), 1);
  assert.match(text, /<p>It races &amp; races\.<\/p>\n?<pre tabindex="0"> {4}plain {2}right 1\n/);
});

test('what a module says appears once, though it has several races', () => {
  const head = 'Two races.\n\nThey race.';
  const text = page({ report, head }, { report: { ...held, name: 'other/lock' }, head });
  assert.is(count(text, '<p>They race.</p>'), 1);
  assert.match(text, /<h2>Two races<\/h2>.*<h2>other<\/h2>/s);
});

test('a race without an explanation has its name', () => {
  assert.match(page({ report }), /<h2>race<\/h2>/);
});

test('an interrupted run says so', () => {
  assert.match(pageOf({ facts: {}, interrupted: true }, []), /interrupted/);
});

test('a result that could not be recorded is named', () => {
  assert.match(page({ report, unrecorded: 'lost' }), /“lost” did not occur again/);
});

test('where nothing could be recorded there is no timeline, and it says why', () => {
  const text = page({ report, recording: recording() });
  assert.match(text, /There is no timeline/);
  assert.not.match(text, /<figure>/);
});

test('steps are shown in their order, with times since the first', () => {
  const drawn = timelineOf(recording(step(0, 3, 'read x → 0'), step(1, 5, 'read x → 0'))).text;
  assert.equal(listOf(drawn), ['0.0 µs, worker 1: read x → 0', '2.0 µs, worker 2: read x → 0']);
});

test('an uninterrupted call is one row; any other has its end in a row of its own, with a line between', () => {
  const alone = timelineOf(recording(step(0, 1, 'lock.acquire()', end(2, '→ true')))).text;
  assert.equal(listOf(alone), ['0.0 µs, worker 1: lock.acquire() → true']);
  assert.is(count(alone, 'class="span"'), 0);

  const apart = timelineOf(recording(step(0, 1, 'lock.acquire()', end(3, '→ true')), step(1, 2, 'read x → 0'))).text;
  assert.equal(listOf(apart), [
    '0.0 µs, worker 1: lock.acquire() …',
    '1.0 µs, worker 2: read x → 0',
    '2.0 µs, worker 1: lock.acquire() → true',
  ]);
  assert.match(apart, /class="span" x1="\d+" x2="\d+" y1="46" y2="94"/);
});

test('a call that did not return extends to the end', () => {
  const drawn = timelineOf(recording(step(0, 1, 'lock.acquire()', { call: true }), step(1, 2, 'read x → 0'))).text;
  assert.match(drawn, /class="span" x1="\d+" x2="\d+" y1="46" y2="106"/);
  assert.match(drawn, /height="106"/);
});

test('what is too long for the drawing is shown whole in the list', () => {
  const text = `call(${'x'.repeat(60)})`;
  const drawn = timelineOf(recording(step(0, 1, text))).text;
  assert.not.match(drawn, /<text[^>]*>call\(x{60}/);
  assert.equal(listOf(drawn), [`0.0 µs, worker 1: ${text.replaceAll("'", '&#39;')}`]);
});

test('a trace has a page however long it is', () => {
  const times = 150_000;
  const arena = new Arena({ byteLength: 2 ** 27 });
  trace.start({ arena, capacity: 8 * times });
  const lock = new Lock({ arena });
  for (let i = 0; i < times; i++) lock.run(() => {});
  const page = tracePageOf(trace.stop(), {});
  assert.match(page, /Of 150,000 slices the 20,000 longest are shown/);
});

test.run();
