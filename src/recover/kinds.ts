/** What is said of the kinds of primitives by what looks at all of them: what an arena holds of a kind is its code. */
import { cellNumber, codeOf } from '../core/memory/cells.js';
import { nameOf } from '../core/memory/names.js';

/** Anybody may release it. */
const LOCK = 1;
/** Whoever waits for it cannot give up. */
const GIL = 32;

const NAMES: Readonly<Record<number, string>> = {
  [LOCK]: 'Lock',
  2: 'RLock',
  3: 'Semaphore',
  4: 'BoundedSemaphore',
  5: 'Event',
  6: 'Condition',
  7: 'Barrier',
  8: 'RWLock',
  20: 'SimpleQueue',
  21: 'queue',
  22: 'Queue',
  23: 'JoinableQueue',
  24: 'Value',
  25: 'SharedArray',
  26: 'Connection',
  27: 'pipe',
  28: 'pool',
  [GIL]: 'GIL',
  // The wait of a Condition has a record of its own.
  60: 'notification',
};

export const isLock = (words: Int32Array, cell: number): boolean => codeOf(words, cell) === LOCK;
export const isGIL = (words: Int32Array, cell: number): boolean => codeOf(words, cell) === GIL;

/** @returns kind, number and name of what stands in a cell */
export function describeCell(words: Int32Array, cell: number): string {
  const kind = NAMES[codeOf(words, cell)] ?? 'cell';
  const name = nameOf(words, cell);
  return `${kind}#${cellNumber(words, cell)}${name === undefined ? '' : ` (${name})`}`;
}
