/** What the file system may refuse at any time, being full, read-only or somebody else's: that a result is kept, and not the result. */

interface HostError extends Error {
  readonly syscall: string;
}

const isRefusal = (error: unknown): error is HostError =>
  error instanceof Error && typeof (error as Partial<HostError>).syscall === 'string';

/**
 * @param act what is tried
 * @param otherwise what is done where the file system refuses that
 * @returns what either of them returns
 */
export function unlessRefused<T>(act: () => T, otherwise: (error: Error) => T): T {
  try {
    return act();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return otherwise(error);
  }
}
