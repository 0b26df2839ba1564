/** What a call came to, as plain data. */
export interface Seen {
  readonly value?: unknown;
  readonly error?: { readonly name: string; readonly code: unknown; readonly message: string };
  /** How often it read shared memory. */
  readonly loads: number;
  /** Whether the memory is what it was. */
  readonly unchanged: boolean;
}

/** Makes a call, and watches it. */
export async function seenOf(call: () => unknown, words: Int32Array = new Int32Array()): Promise<Seen> {
  const before = words.slice();
  const { load } = Atomics;
  let loads = 0;
  Atomics.load = ((array: Int32Array, index: number) => {
    loads++;
    return load(array, index);
  }) as typeof Atomics.load;
  const unchanged = () => before.every((value, index) => value === words[index]);
  try {
    const value = await call();
    return { value, loads, unchanged: unchanged() };
  } catch (thrown) {
    const { name, code, message } = thrown as Error & { code: unknown };
    return { error: { name, code, message }, loads, unchanged: unchanged() };
  } finally {
    Atomics.load = load;
  }
}
