/** The kinds of primitives, for code that looks at all of them: an arena stores only a kind's code. */
import { cellNumber, codeOf } from '../core/memory/cells.js';
import {
  ARRAY_CODE,
  BARRIER_CODE,
  BOUNDED_SEMAPHORE_CODE,
  CHANNEL_CODE,
  CONDITION_CODE,
  CONNECTION_CODE,
  EVENT_CODE,
  GIL_CODE,
  JOINABLE_QUEUE_CODE,
  LOCK_CODE,
  MANAGER_CODE,
  PIPE_CODE,
  QUEUE_CODE,
  RECORD_CODE,
  RLOCK_CODE,
  RWLOCK_CODE,
  SEMAPHORE_CODE,
  SIDE_CODE,
  SIMPLE_QUEUE_CODE,
  VALUE_CODE,
} from '../core/memory/codes.js';
import { nameOf } from '../core/memory/names.js';

const NAMES: Readonly<Record<number, string>> = {
  [LOCK_CODE]: 'Lock',
  [RLOCK_CODE]: 'RLock',
  [SEMAPHORE_CODE]: 'Semaphore',
  [BOUNDED_SEMAPHORE_CODE]: 'BoundedSemaphore',
  [EVENT_CODE]: 'Event',
  [CONDITION_CODE]: 'Condition',
  [BARRIER_CODE]: 'Barrier',
  [RWLOCK_CODE]: 'RWLock',
  [SIMPLE_QUEUE_CODE]: 'SimpleQueue',
  [SIDE_CODE]: 'queue',
  [QUEUE_CODE]: 'Queue',
  [JOINABLE_QUEUE_CODE]: 'JoinableQueue',
  [VALUE_CODE]: 'Value',
  [ARRAY_CODE]: 'SharedArray',
  [CONNECTION_CODE]: 'Connection',
  [PIPE_CODE]: 'pipe',
  [CHANNEL_CODE]: 'channel',
  [MANAGER_CODE]: 'Manager',
  [GIL_CODE]: 'GIL',
  // A Condition's wait has a record of its own.
  [RECORD_CODE]: 'notification',
};

/** Anybody may release it. */
export const isLock = (words: Int32Array, cell: number): boolean => codeOf(words, cell) === LOCK_CODE;
/** Nobody owns it; others wait for its parties. */
export const isBarrier = (words: Int32Array, cell: number): boolean => codeOf(words, cell) === BARRIER_CODE;
/** Its waiters cannot give up. */
export const isGIL = (words: Int32Array, cell: number): boolean => codeOf(words, cell) === GIL_CODE;

/**
 * What would break the line of a report, or change how the rest of it is shown: control characters, those that turn the direction of
 * writing, and halves of characters.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;
const escaped = (name: string): string =>
  name.replace(UNPRINTABLE, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** @returns kind, number and name of the primitive in a cell, in one line */
export function describeCell(words: Int32Array, cell: number): string {
  const kind = NAMES[codeOf(words, cell)] ?? 'cell';
  const name = nameOf(words, cell);
  return `${kind}#${cellNumber(words, cell)}${name === undefined ? '' : ` (${escaped(name)})`}`;
}
