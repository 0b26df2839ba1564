/** What was thrown, which need not be an error, and whose parts may throw when they are read. */

/** @returns the text; where it cannot be determined, words that say so */
export function textOf(of: () => unknown): string {
  try {
    return String(of());
  } catch {
    return 'something that cannot be shown';
  }
}

/** @returns what it says */
export const messageOf = (thrown: unknown): string => textOf(() => (thrown instanceof Error ? thrown.message : thrown));

/**
 * @returns the stack of an error; what it says, if it has none or it cannot be read. Reading it calls what a program has
 *   assigned to `Error.prepareStackTrace`, which may throw.
 */
export function stackOf(error: { readonly stack?: unknown }): string {
  try {
    const { stack } = error;
    if (typeof stack === 'string') return stack;
  } catch {
    // It may still have a message.
  }
  return textOf(() => error);
}

/** Prints it to stderr. */
export function print(thrown: unknown): void {
  try {
    console.error(thrown);
  } catch {
    console.error(thrown instanceof Error ? stackOf(thrown) : textOf(() => thrown));
  }
}

/** @returns itself; in place of what cannot be sent to another agent, an error with its text */
export function cloneable(thrown: unknown): unknown {
  try {
    structuredClone(thrown);
    return thrown;
  } catch {
    return new Error(messageOf(thrown));
  }
}
