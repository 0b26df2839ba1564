// What Chrome's trace event format asks of a file, as far as traces use it.
import type { ChromeTrace, ChromeTraceEvent } from 'atomics-sync-free/trace';
import * as assert from 'uvu/assert';

const isTime = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const endOf = ({ ts = 0, dur = 0 }: ChromeTraceEvent): number => ts + dur;

/** Checks the fields of all events; that slices of a thread nest, threads have names, and arrows both their ends in slices. */
export function checkChromeTrace(trace: ChromeTrace): void {
  const { traceEvents } = JSON.parse(JSON.stringify(trace)) as ChromeTrace;
  for (const event of traceEvents) {
    assert.ok(['X', 'M', 's', 'f'].includes(event.ph), event.ph);
    assert.type(event.name, 'string');
    assert.ok(Number.isInteger(event.pid) && Number.isInteger(event.tid));
    if (event.ph !== 'M') assert.ok(isTime(event.ts), `${event.name}: ${event.ts}`);
    if (event.ph === 'X') assert.ok(isTime(event.dur), `${event.name}: ${event.dur}`);
  }
  const slices = traceEvents.filter(({ ph }) => ph === 'X');
  const named = new Set(traceEvents.filter(({ name }) => name === 'thread_name').map(({ tid }) => tid));
  for (const tid of new Set(slices.map((slice) => slice.tid))) {
    assert.ok(named.has(tid), `thread ${tid} has no name`);
    const open: number[] = [];
    for (const slice of slices.filter((each) => each.tid === tid)) {
      while (open.length > 0 && (open.at(-1) as number) <= (slice.ts as number)) open.pop();
      assert.ok(open.length === 0 || endOf(slice) <= (open.at(-1) as number), `${slice.name} does not nest`);
      open.push(endOf(slice));
    }
  }
  for (const flow of traceEvents.filter(({ ph }) => ph === 's')) {
    const ends = traceEvents.filter(({ ph, id }) => ph === 'f' && id === flow.id);
    assert.is(ends.length, 1);
    assert.ok((ends[0].ts as number) >= (flow.ts as number));
    for (const { tid, ts = 0 } of [flow, ends[0]]) {
      assert.ok(slices.some((slice) => slice.tid === tid && (slice.ts as number) <= ts && endOf(slice) >= ts));
    }
  }
}
