/** A source of reproducible random numbers: returns an integer from 0 to below the bound. */
export type Random = (bound: number) => number;

/** Marsaglia's xorshift with 32 bits of state ("Xorshift RNGs", 2003). */
export function randomFrom(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}
