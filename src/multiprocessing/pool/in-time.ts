/** Waiting for something that is told of, but not for ever. */
import { onAbort } from '../../core/wait/abort.js';
import { Deadline } from '../../core/wait/deadline.js';

/** What tells when it is so. */
interface Telling {
  /** Has a function called then, at once where it is so. */
  whenReady(tell: () => void): unknown;
  /** Takes that back: whoever asks again and again with a timeout must leave nothing. */
  forget?(tell: () => void): void;
}

/**
 * @param telling tells when it is so
 * @param timeout the longest wait, in ms
 * @returns resolved when it is so, or when the time is up; rejected with the signal's reason when it aborts
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
