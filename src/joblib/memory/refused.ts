/** The file system may refuse to keep a result at any time, being full or read-only: the caller gets the result all the same. */

interface HostError extends Error {
  readonly syscall: string;
}

const isRefusal = (error: unknown): error is HostError =>
  error instanceof Error && typeof (error as Partial<HostError>).syscall === 'string';

/**
 * @param act what is tried
 * @param otherwise what is done if the file system refuses that
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
