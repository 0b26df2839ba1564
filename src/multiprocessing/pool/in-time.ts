/** Waiting for something that is told of, but not for ever. */
import { Deadline } from '../../core/wait/deadline.js';

/**
 * @param whenReady has a function called once it is so
 * @param timeout the longest wait, in ms
 * @returns resolved when it is so, or when the time is up; rejected with the signal's reason when it aborts
 */
export async function inTime(
  whenReady: (tell: () => void) => void,
  timeout = Infinity,
  signal: AbortSignal | undefined = undefined,
): Promise<void> {
  const deadline = new Deadline(timeout);
  let aborted = (): void => {};
  try {
    await new Promise<void>((resolve, reject) => {
      aborted = () => reject(signal?.reason);
      signal?.addEventListener('abort', aborted);
      deadline.onPassed = resolve;
      if (deadline.passed) resolve();
      else whenReady(resolve);
    });
  } finally {
    deadline.cancel();
    signal?.removeEventListener('abort', aborted);
  }
}
