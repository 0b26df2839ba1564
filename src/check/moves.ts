/** States of the transition system, and the moves that lead from one to the next. */
import type { Image } from './images.js';
import type { Past } from './past.js';
import type { Queue } from './queues.js';
import type { LateStores } from './store-buffers.js';

export interface State {
  readonly image: Image;
  readonly queue: Queue;
  readonly late: LateStores;
  /** By thread. */
  readonly pasts: readonly Past[];
  readonly kills: number;
  /**
   * With a preemption bound: the thread that moved last and could go on (or -1), and the number of preemptions so far.
   */
  readonly last: number;
  readonly preemptions: number;
}

/**
 * - `step`: the next operation; detail: the alternative, where it has several.
 * - `timeout`: a wait times out; detail: the async task, or BLOCKED.
 * - `turn`: the event loop runs a continuation; detail: the task, or NEXT_PHASE.
 * - `kill`: the thread dies; detail: which of its queue entries stay (Queues.kill).
 * - `flush`: the thread's oldest late store goes to memory.
 */
type MoveKind = 'step' | 'timeout' | 'turn' | 'kill' | 'flush';
export const MOVE_KINDS: readonly MoveKind[] = ['step', 'timeout', 'turn', 'kill', 'flush'];

/** A move as an integer: 5 bits of thread, 3 of kind, the rest detail. */
export type Move = number;

export function move(thread: number, kind: MoveKind, detail = 0): Move {
  return thread | (MOVE_KINDS.indexOf(kind) << 5) | (detail << 8);
}

export const threadOf = (of: Move): number => of & 31;
/** The same move, of another thread. */
export const withThread = (of: Move, thread: number): Move => (of & ~31) | thread;
export const kindOf = (of: Move): MoveKind => MOVE_KINDS[(of >> 5) & 7];
export const detailOf = (of: Move): number => of >> 8;

/** Whether a thread makes it by itself: neither a death nor a time-out, nor a store reaching memory. */
export const isOwnMove = (of: Move): boolean => kindOf(of) === 'step' || kindOf(of) === 'turn';
export const isFlush = (of: Move): boolean => kindOf(of) === 'flush';
/** Whether a program may rely on it to reach its end. */
export const isProgress = (of: Move): boolean => kindOf(of) !== 'kill';
