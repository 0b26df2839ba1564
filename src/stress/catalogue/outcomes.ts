/** What the tests of the catalogue say of a result, by one word each. */
import type { Outcome } from '../test.js';

/** A right result. */
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

/** A race that is still possible, and that a run has to show. */
export const mustSee = (result: string, description: string): Outcome => ({
  ...interesting(result, description),
  mustBeSeen: true,
});

/** What the protection rules out. */
export const forbidden = (result: string, description: string): Outcome => ({
  result,
  expectation: 'FORBIDDEN',
  description,
});
