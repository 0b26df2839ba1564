/** Source positions from stack traces, where the engine offers them (V8 and those that followed it). */

/** The function whose caller is wanted. */
export type Boundary = (...args: never[]) => unknown;

/** What Error has in engines that trace; declared here because no standard does. */
interface Tracing {
  readonly prototype: Error;
  captureStackTrace?(target: object, boundary?: Boundary): void;
  stackTraceLimit?: number;
}

const tracing: Tracing = Error;

/** `function file:line` of the place that called a function; empty where the engine does not tell. */
export function callerOf(boundary: Boundary): string {
  const holder: { stack?: string } = {};
  tracing.captureStackTrace?.(holder, boundary);
  return firstPlace(holder.stack);
}

/** The directory of the package, where it is installed as it is. */
const HOME = import.meta.url?.replace(/check\/[^/]*$/, '');

/** As {@link callerOf}, of the nearest caller outside of the package. */
export function outsideOf(boundary: Boundary): string {
  const holder: { stack?: string } = {};
  tracing.captureStackTrace?.(holder, boundary);
  const lines = holder.stack?.split('\n').filter((line) => HOME === undefined || !line.includes(HOME));
  return firstPlace(lines?.join('\n')) || firstPlace(holder.stack);
}

/** `function file:line` of the first line of a stack trace that has a place in a file. */
export function firstPlace(stack: string | undefined): string {
  const frame = stack?.split('\n').find((line) => /:\d+:\d+\)?$/.test(line.trim()));
  return frame === undefined ? '' : shortFrame(frame.trim());
}

/** `at Lock.acquire (file:///a/b/lock.js:12:5)` → `Lock.acquire lock.js:12`. */
function shortFrame(frame: string): string {
  const place = /([^\s/\\(]+:\d+):\d+\)?$/.exec(frame)?.[1] ?? '';
  const name = /^at (?:async )?(?:new )?(\S+) (?:\[as \S+\] )?\(/.exec(frame)?.[1];
  return name === undefined || /<anonymous>$/.test(name) ? place : `${name} ${place}`;
}

/** The way that led from a function to here, as text. */
export function stackAbove(bottom: Boundary): string {
  const limit = tracing.stackTraceLimit;
  if (limit !== undefined) tracing.stackTraceLimit = Infinity;
  const lines = String(new Error('here').stack).split('\n');
  if (limit !== undefined) tracing.stackTraceLimit = limit;
  const end = lines.findIndex((line) => line.includes(` ${bottom.name} `) || line.startsWith(`${bottom.name}@`));
  return lines.slice(0, end < 0 ? lines.length : end).join('\n');
}
