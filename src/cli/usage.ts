/** How the command ends: its exit codes, and the errors that it reports in one line. */

/** The command's exit codes. */
export const Exit = { ok: 0, failed: 1, usage: 2, interrupted: 130, unread: 141 } as const;

/** The command was used incorrectly; the message says how. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** What the command has found cannot be written; the message says where. */
export class OutputError extends Error {
  override name = 'OutputError';
}

/** Reports in one line that something cannot be written. */
export const unwritable = (what: string, error: unknown): string =>
  `${what} cannot be written: ${error instanceof Error ? error.message : error}`;
