/** Where frames end: by a return, or by an exception, for which a handler is sought. */
import { atHandler, isSpared, type Reason } from '../checks.js';
import type { Context, Looked } from '../context.js';
import { leaveHandler } from '../leaving.js';
import { EXCEPTIONS, errorText } from '../objects.js';
import type { Instance, PyClass } from '../values/classes.js';
import type { Frame } from '../values/frames.js';
import { lineOf, type Thread } from '../values/threads.js';
import type { Value } from '../values/value.js';
import { exhausted } from './generators.js';
import { give } from './results.js';

/** Ends the innermost frame. */
export function returned(machine: Context, value: Value): Looked {
  const { thread } = machine;
  const frame = thread.frames.pop() as Frame;
  endGenerator(frame);
  if (thread.frames.length === 0) {
    endThread(thread);
    return { look: undefined };
  }
  if (frame.generator !== null) return exhausted(machine, frame.purpose, frame.payload, value);
  return give(machine, frame, value);
}

/** Looks for the handler of an exception; a thread without one ends. */
export function unwind(machine: Context, value: Instance): Reason | undefined {
  const { thread, rules } = machine;
  value.line ||= lineOf(thread);
  for (let frame = thread.frames.at(-1); frame !== undefined; frame = thread.frames.at(-1)) {
    if (catches(thread, frame, value)) {
      if (rules.freeThreaded) return 'no GIL';
      return isSpared(rules, frame.code.instructions[frame.next].name) ? undefined : atHandler(rules);
    }
    thread.frames.pop();
    endGenerator(frame);
    if (thread.frames.length > 0 && isEndOf(frame, value)) return exhausted(machine, frame.purpose, undefined).look;
  }
  thread.raised = { text: errorText(value), line: value.line };
  endThread(thread);
  return undefined;
}

function endGenerator({ generator }: Frame): void {
  if (generator === null) return;
  generator.frame = undefined;
  generator.running = false;
}

function endThread(thread: Thread): void {
  thread.done = true;
  thread.object.count = 1;
}

/** Continues a frame at its handler, if it has one. */
function catches(thread: Thread, frame: Frame, value: Instance): boolean {
  const { stack, blocks, code } = frame;
  const at = frame.next - 1;
  const entry = code.handlers.find(([from, to]) => at >= from && at < to);
  if (entry !== undefined) {
    const [, , handler, depth, lasti] = entry;
    stack.length = depth;
    if (lasti) stack.push(at);
    stack.push(value);
    frame.next = handler;
    return true;
  }
  for (let block = blocks.pop(); block !== undefined; block = blocks.pop()) {
    if (block.kind === 'handler') {
      leaveHandler(thread, frame, block.level);
      continue;
    }
    stack.length = block.level;
    blocks.push({ kind: 'handler', handler: -1, level: block.level });
    const { handled } = thread;
    stack.push(null, handled, handled?.type ?? null, null, value, value.type);
    thread.handled = value;
    frame.next = block.handler;
    return true;
  }
  return false;
}

/** Whether an exception only reports that an iterator is exhausted, or that a generator has been closed. */
function isEndOf({ purpose, generator }: Frame, { type }: Instance): boolean {
  const isA = (name: string): boolean => type.isA(EXCEPTIONS.get(name) as PyClass);
  if (purpose === 'close') return isA('GeneratorExit') || isA('StopIteration');
  return purpose === 'iterate' && generator === null && isA('StopIteration');
}
