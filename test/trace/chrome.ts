/**
 * What Chrome's trace event format asks of a file, and Perfetto's importer, which leaves out what it cannot place: slices of a
 * thread that do not nest, and arrows an end of which is in no slice.
 */
import type { ChromeTrace, ChromeTraceEvent } from 'atomics-sync-free/trace';
import * as assert from 'uvu/assert';

/** The fields that an event of a phase must have, and those that it may have. */
const FIELDS: Readonly<
  Record<ChromeTraceEvent['ph'], { readonly must: readonly string[]; readonly may: readonly string[] }>
> = {
  X: { must: ['cat', 'dur', 'ts'], may: ['args'] },
  M: { must: ['args'], may: [] },
  s: { must: ['cat', 'id', 'ts'], may: [] },
  f: { must: ['bp', 'cat', 'id', 'ts'], may: [] },
};
const ALWAYS = ['name', 'ph', 'pid', 'tid'];
/** What a metadata event says, and of what type. */
const METADATA: Readonly<Record<string, readonly [field: string, type: string]>> = {
  process_name: ['name', 'string'],
  thread_name: ['name', 'string'],
  thread_sort_index: ['sort_index', 'number'],
};

const isTime = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const startOf = ({ ts = 0 }: ChromeTraceEvent): number => ts;
const endOf = ({ ts = 0, dur = 0 }: ChromeTraceEvent): number => ts + dur;

function checkFields(event: ChromeTraceEvent): void {
  const { ph, name, pid, tid, ts, dur, id, bp, args } = event;
  const text = JSON.stringify(event);
  assert.ok(ph in FIELDS, text);
  const { must, may } = FIELDS[ph];
  for (const field of [...ALWAYS, ...must]) assert.ok(field in event, `no ${field}: ${text}`);
  for (const field of Object.keys(event)) assert.ok([...ALWAYS, ...must, ...may].includes(field), `${field}: ${text}`);
  assert.ok(typeof name === 'string' && name !== '', text);
  assert.ok(Number.isInteger(pid) && Number.isInteger(tid), text);
  if (must.includes('ts')) assert.ok(isTime(ts), text);
  if (must.includes('dur')) assert.ok(isTime(dur) && dur !== 0, text);
  if (must.includes('id')) assert.ok(Number.isInteger(id), text);
  if (must.includes('bp')) assert.is(bp, 'e', text);
  if (ph !== 'M') return;
  const [field, type] = METADATA[name] ?? [];
  assert.is(typeof args?.[field ?? ''], type, text);
}

/** Checks that all threads have one name and one place, and are of the process that has a name. */
function checkThreads(events: readonly ChromeTraceEvent[]): void {
  const said = (what: string) => events.filter(({ ph, name }) => ph === 'M' && name === what);
  const processes = said('process_name').map(({ pid }) => pid);
  assert.equal([...new Set(events.map(({ pid }) => pid))], processes);
  for (const what of ['thread_name', 'thread_sort_index']) {
    const tids = said(what).map(({ tid }) => tid);
    assert.is(new Set(tids).size, tids.length, `a thread has two of ${what}`);
    for (const { tid, ph } of events) assert.ok(ph === 'M' || tids.includes(tid), `thread ${tid} has no ${what}`);
  }
  const places = said('thread_sort_index').map(({ args }) => args?.sort_index);
  assert.is(new Set(places).size, places.length);
}

/** Checks that the slices of a thread nest, each after those that it is in. */
function checkNesting(slices: readonly ChromeTraceEvent[]): void {
  let last = 0;
  const open: number[] = [];
  for (const slice of slices) {
    assert.ok(startOf(slice) >= last, `${slice.name} comes after what begins later`);
    last = startOf(slice);
    while (open.length > 0 && (open.at(-1) as number) <= last) open.pop();
    // Sums of two times have rounding errors.
    assert.ok(open.length === 0 || endOf(slice) <= (open.at(-1) as number) + 1e-6, `${slice.name} does not nest`);
    open.push(endOf(slice));
  }
}

/** The slice that an arrow's end is bound to: the innermost that goes on then. */
const sliceAt = (
  slices: readonly ChromeTraceEvent[],
  { tid, ts = 0 }: ChromeTraceEvent,
): ChromeTraceEvent | undefined =>
  slices.findLast((slice) => slice.tid === tid && startOf(slice) <= ts && ts < endOf(slice));

/** Checks that each arrow leads from what released or signalled something to a wait for that. */
function checkArrows(events: readonly ChromeTraceEvent[], slices: readonly ChromeTraceEvent[]): void {
  const [starts, ends] = (['s', 'f'] as const).map((phase) => events.filter(({ ph }) => ph === phase));
  const ids = starts.map(({ id }) => id).sort();
  assert.is(new Set(ids).size, ids.length, 'two arrows have one id');
  assert.equal(ends.map(({ id }) => id).sort(), ids);
  for (const start of starts) {
    const end = ends.find(({ id }) => id === start.id) as ChromeTraceEvent;
    assert.ok(startOf(end) >= startOf(start), `arrow ${start.id} leads back in time`);
    assert.equal([end.cat, end.name], [start.cat, start.name]);
    const [from, to] = [sliceAt(slices, start), sliceAt(slices, end)];
    const what = /^wait for (.*)$/.exec(to?.name ?? '')?.[1];
    assert.ok(what !== undefined, `arrow ${start.id} ends in ${to?.name}`);
    assert.ok([what, `signal ${what}`, `ask ${what}`].includes(from?.name ?? ''), `from ${from?.name} to ${to?.name}`);
  }
}

/** Checks a file. */
export function checkChromeTrace(trace: ChromeTrace): void {
  const { traceEvents, displayTimeUnit } = JSON.parse(JSON.stringify(trace)) as ChromeTrace;
  assert.ok(['ms', 'ns'].includes(displayTimeUnit));
  for (const event of traceEvents) checkFields(event);
  checkThreads(traceEvents);
  const slices = traceEvents.filter(({ ph }) => ph === 'X');
  for (const tid of new Set(slices.map((slice) => slice.tid)))
    checkNesting(slices.filter((slice) => slice.tid === tid));
  checkArrows(traceEvents, slices);
}
