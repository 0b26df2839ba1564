/** Waiting, with a limit, for something that reports when it is ready. */
import { onAbort } from '../../core/wait/abort.js';
import { Deadline } from '../../core/wait/deadline.js';

/** What reports when it is ready. */
interface Telling {
  /** Calls a function once it is ready; at once if it already is. */
  whenReady(tell: () => void): unknown;
  /** Takes that back, so that a caller that asks again and again with a timeout leaves nothing behind. */
  forget?(tell: () => void): void;
}

/**
 * @param telling reports when it is ready
 * @param timeout the longest wait, in ms
 * @returns resolved when it is ready, or when the time is up; rejected with the signal's reason when it aborts
 */
export async function inTime(
  telling: Telling,
  timeout = Infinity,
  signal: AbortSignal | undefined = undefined,
): Promise<void> {
  const deadline = new Deadline(timeout);
  let unlisten = (): void => {};
  let ready = (): void => {};
  try {
    await new Promise<void>((resolve, reject) => {
      ready = resolve;
      if (signal !== undefined) unlisten = onAbort(signal, () => reject(signal.reason));
      deadline.onPassed = resolve;
      if (deadline.passed) resolve();
      else telling.whenReady(ready);
    });
  } finally {
    deadline.cancel();
    telling.forget?.(ready);
    unlisten();
  }
}
