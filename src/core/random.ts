/** Random numbers, which tell apart what is made in different agents: secret they need not be. */

/** @returns so many random words; audio worklets and bare realms have no `crypto`, and draw by `Math.random` */
export const randomWords = (count: number): Int32Array => {
  const words = new Int32Array(count);
  const { crypto } = globalThis as { readonly crypto?: { getRandomValues(words: Int32Array): Int32Array } };
  return crypto === undefined ? words.map(() => Math.random() * 2 ** 32) : crypto.getRandomValues(words);
};
