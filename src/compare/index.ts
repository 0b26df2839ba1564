/** What the GIL costs, and what a pool gains: the same work by threads with and without it, by a Pool, and in CPython. */
export { type CompareOptions, type Comparison, type Contender, compare } from './compare.js';
export { comparisonTable, drawComparison } from './show.js';
export { KINDS, type Kind } from './work.js';
