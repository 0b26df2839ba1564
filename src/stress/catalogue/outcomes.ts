/** One function for each kind of declared outcome in the catalogue. */
import type { Outcome } from '../test.js';

/** A correct result. */
export const acceptable = (result: string, description: string): Outcome => ({
  result,
  expectation: 'ACCEPTABLE',
  description,
});

/** A race that is still possible, and that this machine may or may not show. */
export const interesting = (result: string, description: string): Outcome => ({
  result,
  expectation: 'INTERESTING',
  description,
});

/** A race that is still possible, and that a run must show. */
export const mustSee = (result: string, description: string): Outcome => ({
  ...interesting(result, description),
  mustBeSeen: true,
});

/** A result that the protection rules out. */
export const forbidden = (result: string, description: string): Outcome => ({
  result,
  expectation: 'FORBIDDEN',
  description,
});
