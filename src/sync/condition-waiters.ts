/**
 * The waiters of a Condition: a list of records, one for each wait, and the notifications left by dead waiters. The
 * condition's lock guards it all: everything here is called with that lock held, unless it says otherwise.
 *
 * ```text
 * words  0     owed        notifications whose receivers died before they could act on them
 *        1..3  undo        how the death of one that was notified changes `owed`: see core/memory/records.ts
 *        4..6  list        the waiters: see core/memory/wait-list.ts
 * ```
 *
 * **Death.** A dead waiter's record stays in the list as DEAD until `notify` comes past it; one that died ENTITLED leaves
 * its notification in `owed`. The agent that retires it wakes all waiters; they contend for the lock, and the first to
 * acquire it inherits the notification. Not earlier: an heir that took it without the lock could die on the way, or be
 * entitled by a notification of its own, and one of the two would be lost. The others wait again.
 *
 * If the holder of the lock dies while changing the list, the next holder, having recovered the lock, repairs
 * the list before using it.
 */
import type { Member } from '../core/memory/member.js';
import {
  disown,
  ENTITLED,
  entitle,
  freeRecord,
  LINKED,
  linkOf,
  putRecord,
  RECORD_GATE,
  recordAt,
  recordState,
  recordsOf,
  setState,
  setUndo,
  takeRecord,
  UNDO_WORDS,
} from '../core/memory/records.js';
import {
  append,
  clearList,
  firstLink,
  isHalfChanged,
  LIST_WORDS,
  linksIn,
  setChanging,
  thread,
  unlink,
} from '../core/memory/wait-list.js';

const LIST = 1 + UNDO_WORDS;
/** How many words of a cell the waiters take. */
export const WAITERS_WORDS = LIST + LIST_WORDS;

/** Initializes the words of a new condition, before anybody else can reach it. */
export function makeWaiters(words: Int32Array, owed: number): void {
  setUndo(words, owed, -1, 0, 1);
  clearList(words, owed + LIST);
}

/** The waiters, as one live object sees them. */
export class Waiters {
  readonly #member: Member;
  readonly #words: Int32Array;
  readonly #owed: number;
  readonly #list: number;

  /** @param owed the index of their first word */
  constructor(member: Member, owed: number) {
    this.#member = member;
    this.#words = member.words;
    this.#owed = owed;
    this.#list = owed + LIST;
  }

  /** The number of waiters, for human readers: may be read without the lock. */
  get count(): number {
    return linksIn(this.#words, this.#list).length;
  }

  /**
   * Adds a wait at the end.
   *
   * @returns its record
   * @throws SyncError `ERR_ARENA_FULL` when there is no room to record it
   */
  enqueue(): number {
    const words = this.#words;
    this.#mend();
    const record = takeRecord(this.#member, this.#owed);
    // A notification left by a dead waiter is only for those that were waiting at that time.
    if (firstLink(words, this.#list) === this.#list && Atomics.load(words, this.#owed) !== 0)
      Atomics.store(words, this.#owed, 0);
    setChanging(words, this.#list, true);
    setState(words, record, LINKED);
    append(words, this.#list, linkOf(record));
    setChanging(words, this.#list, false);
    return record;
  }

  /** Notifies the n waiters that have waited longest, or all if there are fewer. */
  notify(n: number): void {
    const words = this.#words;
    this.#mend();
    for (let left = n; left > 0; ) {
      const link = firstLink(words, this.#list);
      if (link === this.#list) return;
      const record = recordAt(link);
      // Until the waiter is entitled: if this agent dies before that, the agent that repairs the list puts it back.
      setChanging(words, this.#list, true);
      unlink(words, link);
      if (entitle(words, record)) {
        this.#member.queues.get(record + RECORD_GATE)?.poll();
        left--;
      } else {
        freeRecord(words, record);
      }
      setChanging(words, this.#list, false);
    }
  }

  /** Whether this wait itself was notified. */
  isEntitled(record: number): boolean {
    return recordState(this.#words, record) === ENTITLED;
  }

  /** Whether a wait was notified, even at the last moment, or inherits the notification of a dead waiter. */
  isNotified(record: number): boolean {
    if (this.isEntitled(record)) return true;
    if (Atomics.load(this.#words, this.#owed) === 0) return false;
    Atomics.sub(this.#words, this.#owed, 1);
    return true;
  }

  /** Ends a wait. */
  leave(record: number): void {
    this.#mend();
    // A waiting record is in the list: if this agent dies while that does not hold, the agent that repairs the list finds it.
    setChanging(this.#words, this.#list, true);
    if (!this.isEntitled(record)) unlink(this.#words, linkOf(record));
    putRecord(this.#member, record);
    setChanging(this.#words, this.#list, false);
  }

  /** Ends a wait without the lock: the next holder removes the record from the list, as it does for the dead. */
  abandon(record: number): void {
    if (!disown(this.#words, record)) putRecord(this.#member, record);
  }

  /**
   * Repairs the list if a holder of the lock died while changing it. A record outside the list that still waits is the one
   * that the dead holder was about to notify: it comes first.
   */
  #mend(): void {
    const words = this.#words;
    if (!isHalfChanged(words, this.#list)) return;
    const links = linksIn(words, this.#list);
    for (const record of recordsOf(words, this.#owed)) {
      const link = linkOf(record);
      if (links.includes(link)) continue;
      if (recordState(words, record) === LINKED) links.unshift(link);
      else freeRecord(words, record);
    }
    thread(words, this.#list, links);
  }
}
