/** What is done where a loop or an exception's handler is left. */
import type { Rules } from './checks.js';
import { pop } from './context.js';
import { Instance } from './values/classes.js';
import type { Frame } from './values/frames.js';
import type { Thread } from './values/threads.js';

/** A `for` loop is over: its iterator goes, and what follows only for CPython's own bookkeeping is passed over. */
export function leaveLoop(frame: Frame, { version }: Rules): void {
  const { instructions } = frame.code;
  pop(frame);
  frame.next = instructions[frame.next - 1].target;
  if (instructions[frame.next]?.name !== 'END_FOR') return;
  frame.next += 1;
  if (version === '3.13' && instructions[frame.next]?.name === 'POP_TOP') frame.next += 1;
}

/** Up to 3.10: the exception before the one that was handled is the one that is handled again. */
export function leaveHandler(thread: Thread, frame: Frame, level: number): void {
  const handled = frame.stack[level + 1];
  thread.handled = handled instanceof Instance ? handled : null;
  frame.stack.length = level;
}
