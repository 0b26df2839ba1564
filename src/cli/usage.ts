/** How the command ends: its exit codes, and the error for incorrect use. */

/** The command's exit codes. */
export const Exit = { ok: 0, failed: 1, usage: 2, interrupted: 130, unread: 141 } as const;

/** The command was used incorrectly; the message says how. */
export class UsageError extends Error {
  override name = 'UsageError';
}
