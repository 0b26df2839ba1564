/**
 * How a search that is plain synchronous code can ask for what takes turns of the host's event loop: by throwing a
 * {@link Miss}. Whoever runs the search does what is missing and runs it again; it then finds the answer where it asks.
 */

/** An answer is missing. */
export class Miss {
  /**
   * @param find - Finds it out, and keeps it.
   */
  constructor(readonly find: () => Promise<void>) {}
}

/** What several answers take. */
export function allOf(misses: readonly Miss[]): Miss {
  return new Miss(async () => {
    for (const { find } of misses) await find();
  });
}

/** Runs something until no answer is missing. What it has changed before a miss must bear to be done again. */
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

/** What hosts have of these; browsers have no setImmediate. Taken before a scenario puts its own in their place. */
const { setImmediate: real } = globalThis as { setImmediate?: (call: () => void) => unknown };
interface Port {
  onmessage: (() => void) | null;
  postMessage(message: undefined): void;
  close(): void;
}

/** Lets all microtasks of the host run that are due, and those they make. */
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
