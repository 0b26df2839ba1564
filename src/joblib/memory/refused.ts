/** The file system may refuse to keep a result at any time, being full or read-only: the caller gets the result all the same. */
import { remove } from '#files';

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

/**
 * Removes files and folders. One that cannot be removed, because somebody has it open for example, does not
 * keep the others.
 *
 * @throws what the host threw first, when all others have been removed
 */
export function removeAll(paths: Iterable<string>): void {
  const refusals: Error[] = [];
  for (const path of paths)
    unlessRefused(
      () => remove(path),
      (error) => void refusals.push(error),
    );
  if (refusals.length > 0) throw refusals[0];
}
