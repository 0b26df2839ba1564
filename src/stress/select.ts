/** How tests are named on the command line. */
import type { StressTest } from './test.js';

/**
 * Picks tests by name.
 *
 * A pattern is a whole name (`lost-update/lock`), a race (`lost-update`: all its variants), or either with `*` for any
 * run of characters.
 *
 * @param tests - the tests to pick from
 * @param patterns - what to pick; an empty array picks everything
 * @returns the picked tests, each once, in the order of `tests`
 * @throws RangeError if a pattern matches no test, or two tests have the same name; its message names it
 * @throws TypeError if the tests or the patterns are not an array
 * @example
 * ```ts
 * import { catalogue, selectTests } from 'atomics-sync-free/stress';
 *
 * const tests = selectTests(catalogue, ['deadlock/same-order', 'lost-update/a*']);
 * console.log(tests.map(({ name }) => name)); // [ 'lost-update/atomics', 'deadlock/same-order' ]
 * ```
 */
export function selectTests(tests: readonly StressTest[], patterns: readonly string[]): StressTest[] {
  if (!Array.isArray(tests)) throw new TypeError('the tests must be an array, such as catalogue');
  if (!Array.isArray(patterns)) throw new TypeError("the patterns must be an array, such as ['lost-update']");
  const twice = tests.find((test, at) => tests.findIndex(({ name }) => name === test.name) !== at);
  if (twice !== undefined) throw new RangeError(`two stress tests are called ${twice.name}`);
  if (patterns.length === 0) return [...tests];
  const fits = patterns.map(matcher);
  const unknown = patterns.filter((_, at) => !tests.some(({ name }) => fits[at].test(name)));
  if (unknown.length > 0) throw new RangeError(`no stress test is called ${unknown.join(' or ')}`);
  return tests.filter(({ name }) => fits.some((fit) => fit.test(name)));
}

function matcher(pattern: string): RegExp {
  const literals = pattern.split('*').map((literal) => literal.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${literals.join('.*')}(/.*)?$`);
}
