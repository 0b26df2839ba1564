/** Stack traces, as lines of text, where the engine offers them (V8, and engines that follow it). */

/** The function whose caller is wanted. */
export type Boundary = (...args: never[]) => unknown;

/** What Error has in engines with stack traces; declared here because no standard does. */
interface Tracing {
  readonly prototype: Error;
  captureStackTrace?(target: object, boundary?: Boundary): void;
  stackTraceLimit?: number;
}

const tracing: Tracing = Error;

/** Whether a trace can begin at a function's caller, so that the frames below a position can be counted. */
export const canCount = tracing.captureStackTrace !== undefined;

/**
 * The frames from the caller of a function to the bottom, one line each, nearest first; empty if the function is not
 * among them (engines omit a function that ended with a tail call).
 */
export function stackFrom(boundary: Boundary): readonly string[] {
  const limit = tracing.stackTraceLimit;
  if (limit !== undefined) tracing.stackTraceLimit = Infinity;
  let holder: { stack?: string } = {};
  if (tracing.captureStackTrace === undefined) holder = new Error('here');
  else tracing.captureStackTrace(holder, boundary);
  const lines = linesOf(holder.stack);
  if (limit !== undefined) tracing.stackTraceLimit = limit;
  return lines;
}

/** The lines of a stack trace that are frames. */
export function linesOf(stack: string | undefined): readonly string[] {
  return (stack?.split('\n') ?? []).map((line) => line.trim()).filter((line) => /^at |@.*:\d+$/.test(line));
}

/** The call path to here from where the stack had `floor` frames, as text. */
export function stackAbove(floor: number): string {
  const lines = stackFrom(stackAbove);
  return lines.slice(0, lines.length - floor).join('\n');
}
