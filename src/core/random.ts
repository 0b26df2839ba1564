/** Random numbers that distinguish what is created in different agents; they need not be secret. */

/** @returns this many random words; audio worklets and bare realms have no `crypto`, and use `Math.random` */
export const randomWords = (count: number): Int32Array => {
  const words = new Int32Array(count);
  const { crypto } = globalThis as { readonly crypto?: { getRandomValues(words: Int32Array): Int32Array } };
  return crypto === undefined ? words.map(() => Math.random() * 2 ** 32) : crypto.getRandomValues(words);
};
