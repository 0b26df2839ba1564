/**
 * What is told of an error that cannot be sent. Errors are what users throw: a stack by a getter that throws, a proxy that was
 * revoked, nothing at all. Whatever it is, telling of it must not end the worker.
 */
import { SyncError } from '../core/errors.js';

/**
 * @param error what was thrown
 * @param refused why it cannot be sent
 */
export function untold(error: unknown, refused: unknown): SyncError {
  const why = textOf(() => (refused instanceof Error ? refused.message : refused));
  const text = textOf(() => (error instanceof Error ? error.stack : error));
  return new SyncError('ERR_NOT_CLONEABLE', `${why}; it was: ${text}`);
}

function textOf(of: () => unknown): string {
  try {
    return String(of());
  } catch {
    return 'something that cannot be shown';
  }
}
