/** How the command ends: its exit codes, and the error of whoever calls it wrongly. */

/** What the command's exit codes mean. */
export const Exit = { ok: 0, failed: 1, usage: 2, interrupted: 130, unread: 141 } as const;

/** The command was called wrongly; the message says how. */
export class UsageError extends Error {
  override name = 'UsageError';
}
