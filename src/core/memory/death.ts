/**
 * What the death of its owner does to a primitive that has one: the words behind every owner word.
 *
 * ```text
 * behind the owner word
 *        0  policy  ABANDON or RELEASE; written once
 *        1  who     the agent that died holding it last
 *        2  since   when that became known, in seconds since the epoch
 *        3  count   the owner's own; 0 whenever somebody becomes the owner
 * ```
 *
 * By default a primitive whose owner dies is *abandoned*: what it guards may be half changed, so nobody gets it until
 * somebody has repaired that. The owner word alone says so: ABANDONED by itself, or beside the agent that repairs it. What
 * stands behind it would change at another moment, and is for people: `who` and `since` are written before the word says
 * ABANDONED, and never cleared.
 */
import { OwnerDiedError } from '../errors.js';
import { sinceEpoch } from '../wait/clock.js';
import { GATE, gatesOf } from './cells.js';
import { ABANDONED, agentIn, agentName, EXCLUSIVE, isExclusively, MARKS } from './owner.js';

const POLICY = 1;
const WHO = 2;
const SINCE = 3;
const COUNT = 4;
/** How many words there are behind an owner word. */
export const DEATH_WORDS = COUNT;
const RELEASE = 1;

/** Says, once, that the owner's death just frees the primitive. */
export const releaseOnDeath = (words: Int32Array, owner: number): void =>
  void Atomics.store(words, owner + POLICY, RELEASE);

/** The index of the owner's own count. */
export const countBehind = (owner: number): number => owner + COUNT;

/** How the words of one form say who owns them. */
interface Form {
  isOwnedBy(word: number, agent: number): boolean;
  /** What the word is once it is free, or abandoned. */
  free(word: number): number;
  abandoned(word: number): number;
}

const OWNED_FORM: Form = {
  isOwnedBy: (word, agent) => agentIn(word) === agent,
  free: () => 0,
  abandoned: () => ABANDONED,
};

const SHARED_FORM: Form = {
  isOwnedBy: isExclusively,
  free: (word) => word & MARKS,
  abandoned: (word) => (word & MARKS) | EXCLUSIVE,
};

/**
 * Takes a primitive from its dead owner, or from the dead one that repaired it, if it is this one: `orphan` by an owner
 * word, the other by a shared one.
 */
export const orphan = (words: Int32Array, owner: number, agent: number): void =>
  takeFrom(words, owner, agent, OWNED_FORM);
export const orphanShared = (words: Int32Array, owner: number, agent: number): void =>
  takeFrom(words, owner, agent, SHARED_FORM);

function takeFrom(words: Int32Array, owner: number, agent: number, form: Form): void {
  const release = Atomics.load(words, owner + POLICY) === RELEASE;
  for (;;) {
    const word = Atomics.load(words, owner);
    if (!form.isOwnedBy(word, agent)) return;
    if (release) {
      Atomics.store(words, owner + COUNT, 0);
    } else {
      Atomics.store(words, owner + WHO, agent);
      Atomics.store(words, owner + SINCE, Math.floor(sinceEpoch() / 1000));
    }
    const next = release ? form.free(word) : form.abandoned(word);
    // If it has changed, waiters have left evidence; or somebody has released by hand what anybody may release.
    if (Atomics.compareExchange(words, owner, word, next) === word) return;
  }
}

/** @returns the error of those that ask for an abandoned primitive */
export function ownerDied(words: Int32Array, cell: number, label: string): OwnerDiedError {
  const owner = cell + GATE + gatesOf(words, cell);
  const agent = Atomics.load(words, owner + WHO);
  return new OwnerDiedError(label, agent, agentName(agent), Atomics.load(words, owner + SINCE) * 1000);
}
