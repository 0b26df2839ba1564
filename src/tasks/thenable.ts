/** What functions may return in the place of a value: something that is awaited, of whatever realm or library. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
