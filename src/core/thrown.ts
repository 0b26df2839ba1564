/** What was thrown, which need not be an error. */

/** @returns what it says */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** @returns itself; in place of what cannot be sent to another agent, an error with its text */
export function cloneable(thrown: unknown): unknown {
  try {
    structuredClone(thrown);
    return thrown;
  } catch {
    return new Error(messageOf(thrown));
  }
}
