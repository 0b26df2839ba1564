/**
 * What can come of a program under the GIL: every interleaving of its threads, explored by the checker. It is an entry
 * of its own, so that whoever only runs programs does not load the checker.
 *
 * @module atomics-sync-free/gil/outcomes
 */
export { type Possible, possibleValues, type Question, type ThreadCall } from './possible-values.js';
