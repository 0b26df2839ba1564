/** What the two sides of an RWLock have in common. */
import { SyncError } from '../core/errors.js';
import { type Kind, SHARED } from '../core/memory/cells.js';
import { RWLOCK_CODE } from '../core/memory/codes.js';
import { ownerDied } from '../core/memory/death.js';
import { agentName, exclusiveSlotOf } from '../core/memory/owner.js';
import { holderOf, refusalOf } from '../core/memory/slots.js';
import { countAll } from '../core/memory/tally.js';
import type { Place } from '../core/share/place.js';
import { Recoverable } from './recoverable.js';
import type { RecoveryRules } from './recovery.js';
import {
  describeBoth,
  isAbandoned,
  isUnderRepair,
  isWrittenBy,
  RWMUTEX_GATES,
  RWMUTEX_RECOVERY,
  RWMUTEX_WORDS,
  readersIn,
  TASK_WRITES,
  WORD,
  WRITE,
} from './rwmutex.js';

/** RWLock and its views share a cell, and therefore everything but the name. */
export const rwLockKind = (name: string, views: readonly string[] = []): Kind => ({
  name,
  code: RWLOCK_CODE,
  gates: RWMUTEX_GATES,
  role: SHARED,
  words: RWMUTEX_WORDS,
  views,
});

/** @internal The base of both views of an RWLock: a Recoverable over its cell. */
export abstract class RWLockView extends Recoverable {
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #reads: { blocking: number; tasks: number };

  /** @internal */
  constructor(place: Place) {
    super(place);
    const { words, reads } = this.arena.member;
    this.#words = words;
    this.#word = this.cell + WORD;
    this.#reads = reads.get(this.cell) ?? { blocking: 0, tasks: 0 };
    reads.set(this.cell, this.#reads);
  }

  /** @internal */
  protected get words(): Int32Array {
    return this.#words;
  }

  /** @internal */
  protected get word(): number {
    return this.#word;
  }

  /**
   * @internal How many times the agent holds the lock for reading: by blocking calls, which may acquire again, and by tasks.
   */
  protected get reads(): { blocking: number; tasks: number } {
    return this.#reads;
  }

  override toString(): string {
    return `${this.label} (${describe(this.words, this.word)})`;
  }

  /** @internal */
  protected override get rules(): RecoveryRules {
    return RWMUTEX_RECOVERY;
  }

  /**
   * @internal Whether a blocking call of this agent holds the lock for writing; the blocking driver detects whether a task does.
   */
  protected get writes(): boolean {
    const word = Atomics.load(this.words, this.word);
    return (word & TASK_WRITES) === 0 && isWrittenBy(word, this.waiting.me);
  }

  /** @internal */
  protected selfDeadlock(what: 'reading' | 'writing'): SyncError {
    return new SyncError(
      'ERR_SELF_DEADLOCK',
      `acquire() of ${this.label} would never return: this agent holds it for ${what}; release that first`,
    );
  }

  /** @internal */
  protected notHeld(what: 'reading' | 'writing'): SyncError {
    const refused = refusalOf(this.words, this.arena.member.agent);
    if (refused !== undefined) return refused;
    const word = Atomics.load(this.words, this.word);
    if (isAbandoned(word)) return ownerDied(this.words, this.cell, this.label);
    const held = readersIn(word) > 0 || (word & WRITE) !== 0;
    return new SyncError(
      held ? 'ERR_NOT_OWNER' : 'ERR_NOT_HELD',
      `${this} is not held by this agent for ${what}; release() needs it held by the caller`,
    );
  }
}

/** @internal @returns a lock's word for human readers: holders and waiters */
export function describe(words: Int32Array, index: number): string {
  const word = Atomics.load(words, index);
  if (isAbandoned(word)) return 'abandoned: its writer died';
  return `${describeHolders(words, index, word)}, ${describeBoth(word)}`;
}

function describeHolders(words: Int32Array, index: number, word: number): string {
  if ((word & WRITE) === 0) return readersIn(word) === 0 ? 'unlocked' : `readers=${countAll(words, index)}`;
  const writer = agentName(holderOf(words, exclusiveSlotOf(word)));
  const how = isUnderRepair(word) ? 'under repair' : 'written';
  return `${how} by ${(word & TASK_WRITES) !== 0 ? 'a task of ' : ''}${writer}`;
}
