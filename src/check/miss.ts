/**
 * How a search, which is plain synchronous code, asks for something that takes turns of the host's event loop: by
 * throwing a {@link Miss}. Its runner obtains what is missing and runs it again; it then finds the answer at the same
 * query.
 */

/** An answer is missing. */
export class Miss {
  /**
   * @param find - Finds it, and keeps it.
   */
  constructor(readonly find: () => Promise<void>) {}
}

/** What several answers require. */
export function allOf(misses: readonly Miss[]): Miss {
  return new Miss(async () => {
    for (const { find } of misses) await find();
  });
}

/** Runs a function until no answer is missing. Whatever it changes before a miss must tolerate being done again. */
export async function patiently<T>(run: () => T): Promise<T> {
  for (;;) {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof Miss)) throw error;
      await error.find();
    }
  }
}

/** Browsers have no setImmediate. Taken before a scenario installs its own. */
const { setImmediate: real } = globalThis as { setImmediate?: (call: () => void) => unknown };
interface Port {
  onmessage: (() => void) | null;
  postMessage(message: undefined): void;
  close(): void;
}

/** Runs all of the host's pending microtasks, and those that they queue. */
export function microtasksDone(): Promise<void> {
  return new Promise((resolve) => {
    if (real !== undefined) {
      real(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel() as unknown as { port1: Port; port2: Port };
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
