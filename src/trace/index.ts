/**
 * Traces: who waited for what, who held it, and who let whom through, for all agents on one timeline.
 *
 * @module atomics-sync-free/trace
 */

export type { ChromeTrace, ChromeTraceEvent } from './chrome.js';
export { dumpOnSignal } from './dump-on-signal.js';
export type { TraceEvent, TraceEventName } from './events.js';
export { start, stop, type TraceOptions } from './recording.js';
export type { TraceArrow, TraceSpan } from './spans.js';
export type { Blocking, LongWait, TracedPrimitive, TraceSummary } from './summary.js';
export { Trace, type TraceAgent } from './trace.js';
