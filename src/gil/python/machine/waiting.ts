/** Where a thread begins to wait, and where it continues. */
import { afterCall } from '../checks.js';
import type { Context, Looked } from '../context.js';
import { endWait, isReady } from '../sync.js';
import type { Frame } from '../values/frames.js';
import { type Native, Waits } from '../values/natives.js';
import type { Sync } from '../values/sync.js';
import type { Value } from '../values/value.js';

/** Begins a `with` statement of a lock. */
export function enterLock(machine: Context, sync: Sync): Looked {
  const action = sync.kind === 'Semaphore' || sync.kind === 'BoundedSemaphore' ? 'permit' : 'acquire';
  return wait(machine, new Waits(action, sync.lock ?? sync, false), undefined, true);
}

/**
 * Waits; continues at once if `sync` is ready and no other thread waits for it, except for a sleep.
 *
 * @param enters whether a `with` statement waits
 */
export function wait(
  machine: Context,
  { action, sync, timed, depth, result, then }: Waits,
  native: Native | undefined,
  enters: boolean,
): Looked {
  const { thread, index } = machine;
  const { threads } = machine.state;
  thread.waiting = { action, sync, timed, depth, result, enters, then };
  const isContended = threads.some(({ waiting }, other) => other !== index && waiting?.sync === sync);
  if (action === 'sleep' || isContended || !isReady(thread.waiting, index, threads)) return { look: undefined };
  return goOn(machine, native);
}

/** Ends a wait, or its first part. */
export function goOn(machine: Context, native?: Native): Looked {
  const { thread, index } = machine;
  const { threads } = machine.state;
  thread.touched = true;
  for (;;) {
    const waiting = thread.waiting;
    if (waiting === null) throw new Error('nothing is waited for');
    const end = endWait(waiting, index, threads);
    if ('error' in end) {
      thread.waiting = null;
      throw end.error;
    }
    if ('next' in end) {
      thread.waiting = end.next;
      if (isReady(end.next, index, threads)) continue;
      return { look: undefined };
    }
    thread.waiting = null;
    if (waiting.then !== null) return machine.call(waiting.then, [end.value]);
    const frame = thread.frames[thread.frames.length - 1];
    const { name } = frame.code.instructions[frame.next - 1];
    if (waiting.enters) entered(frame, end.value);
    else frame.stack.push(end.value);
    return { look: afterCall(machine.rules, name, { native: native?.name ?? waiting.action }) };
  }
}

/** A `with` statement has been entered, with this value. */
export function entered(frame: Frame, value: Value): void {
  const { name, target } = frame.code.instructions[frame.next - 1];
  if (name === 'SETUP_WITH') frame.blocks.push({ kind: 'setup', handler: target, level: frame.stack.length });
  frame.stack.push(value);
}
