/** What is done when a loop or an exception handler is left. */
import type { Rules } from './checks.js';
import { pop } from './context.js';
import { Instance } from './values/classes.js';
import type { Frame } from './values/frames.js';
import type { Thread } from './values/threads.js';

/** A `for` loop is over: its iterator is popped, and instructions that are only CPython's bookkeeping are skipped. */
export function leaveLoop(frame: Frame, { version }: Rules): void {
  const { instructions } = frame.code;
  pop(frame);
  frame.next = instructions[frame.next - 1].target;
  if (instructions[frame.next]?.name !== 'END_FOR') return;
  frame.next += 1;
  if (version === '3.13' && instructions[frame.next]?.name === 'POP_TOP') frame.next += 1;
}

/** Up to 3.10: the exception handled before this one is the handled exception again. */
export function leaveHandler(thread: Thread, frame: Frame, level: number): void {
  const handled = frame.stack[level + 1];
  thread.handled = handled instanceof Instance ? handled : null;
  frame.stack.length = level;
}
