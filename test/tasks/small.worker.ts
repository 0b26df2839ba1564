// Functions of a module that does not import the package; some load it themselves.
const entry = () => import('atomics-sync-free/threading');

/** Whether the package is loaded in this agent. */
export const hasPackage = (..._: unknown[]): boolean =>
  (globalThis as { [self: symbol]: { isLoaded?: boolean } })[Symbol.for('atomics-sync-free.agent-name.2')].isLoaded ===
  true;

export const isTimeout = async (error: unknown): Promise<boolean> => error instanceof (await entry()).TimeoutError;

export async function timesOut(): Promise<never> {
  const { TimeoutError } = await entry();
  throw new TimeoutError('it is late');
}

/** Throws where nobody catches it, and does not return. */
export async function timesOutLater(): Promise<never> {
  const { TimeoutError } = await entry();
  setTimeout(() => {
    throw new TimeoutError('it is late');
  });
  return new Promise(() => {});
}

export async function makeLock() {
  const { Lock } = await entry();
  const lock = new Lock();
  lock.acquire();
  return lock;
}
