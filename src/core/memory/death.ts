/**
 * What an owner's death does to a primitive: the words after every owner word.
 *
 * ```text
 * after the owner word
 *        0  policy  bits RELEASE and THROWS; written once
 *        1  who     the last agent that died holding it
 *        2  since   when that became known, in seconds since the epoch
 *        3  count   private to the owner; 0 whenever an agent becomes the owner
 * ```
 *
 * By default a primitive whose owner dies is *abandoned*: what it guards may be half changed, so nobody gets it until
 * somebody has repaired that. Only the owner word says so: ABANDONED by itself, or beside the agent that repairs it. The
 * words after it change at other moments, and are for human readers: `who` and `since` are written before the word says
 * ABANDONED, and never cleared.
 */
import { OwnerDiedError } from '../errors.js';
import { sinceEpoch } from '../wait/clock.js';
import { GATE, gatesOf, OWNED, type Role } from './cells.js';
import {
  ABANDONED,
  agentIn,
  agentName,
  EXCLUSIVE,
  exclusiveAgentIn,
  exclusiveSlotOf,
  exclusiveWordOf,
  isExclusively,
  MARKS,
  ownerWordOf,
  REPAIR,
} from './owner.js';
import { holderOf, isLive } from './slots.js';

const POLICY = 1;
const WHO = 2;
const SINCE = 3;
const COUNT = 4;
/** The number of words after an owner word. */
export const DEATH_WORDS = COUNT;
/** The owner's death frees the primitive. */
const RELEASE = 1;
/** A deadlock through the primitive throws, although anybody may release it. */
const THROWS = 2;

/** Sets, once, that the owner's death frees the primitive. */
export const releaseOnDeath = (words: Int32Array, owner: number): void =>
  void Atomics.or(words, owner + POLICY, RELEASE);

/** Sets, once, that a deadlock through the primitive throws, although anybody may release it. */
export const throwOnDeadlock = (words: Int32Array, owner: number): void =>
  void Atomics.or(words, owner + POLICY, THROWS);

export const throwsOnDeadlock = (words: Int32Array, owner: number): boolean =>
  (Atomics.load(words, owner + POLICY) & THROWS) !== 0;

/** The index of the owner's own count. */
export const countBehind = (owner: number): number => owner + COUNT;

/** How owner words of one form represent their owner. */
interface Form {
  /** @returns the agent that has it, even if only to repair it, or 0 */
  ownerIn(words: Int32Array, word: number): number;
  isOwnedBy(word: number, agent: number): boolean;
  /** The value of the word while an agent repairs what another left. */
  repairedBy(word: number, agent: number): number;
  /** The value of the word once it is free, or abandoned. */
  free(word: number): number;
  abandoned(word: number): number;
}

const OWNED_FORM: Form = {
  ownerIn: (_words, word) => agentIn(word),
  repairedBy: (_word, agent) => ABANDONED | ownerWordOf(agent),
  isOwnedBy: (word, agent) => agentIn(word) === agent,
  free: () => 0,
  abandoned: () => ABANDONED,
};

const SHARED_FORM: Form = {
  ownerIn: (words, word) => {
    const slot = exclusiveSlotOf(word);
    return slot < 0 ? 0 : exclusiveAgentIn(word, holderOf(words, slot));
  },
  repairedBy: (word, agent) => (word & MARKS) | exclusiveWordOf(agent) | REPAIR,
  isOwnedBy: isExclusively,
  free: (word) => word & MARKS,
  abandoned: (word) => (word & MARKS) | EXCLUSIVE,
};

/**
 * Takes a primitive from its owner, or from the agent repairing it, if that is this dead agent: `orphan` for an owner word,
 * the other for a shared one.
 */
export const orphan = (words: Int32Array, owner: number, agent: number): void =>
  takeFrom(words, owner, agent, OWNED_FORM, agent);
export const orphanShared = (words: Int32Array, owner: number, agent: number): void =>
  takeFrom(words, owner, agent, SHARED_FORM, agent);

/**
 * Takes a primitive from an owner that is no longer a member: one that was retired before it acquired it, and so still runs.
 * Several agents may do this at once, so each takes the primitive as if to repair it, and then leaves it as its own death would.
 *
 * @param role OWNED or SHARED
 * @param me the id of the agent that does it
 * @returns whether it was taken
 */
export function takeFromRetired(words: Int32Array, owner: number, role: Role, me: number): boolean {
  const form = role === OWNED ? OWNED_FORM : SHARED_FORM;
  for (;;) {
    const word = Atomics.load(words, owner);
    const agent = form.ownerIn(words, word);
    if (agent === 0 || isLive(words, agent)) return false;
    if (Atomics.compareExchange(words, owner, word, form.repairedBy(word, me)) !== word) continue;
    takeFrom(words, owner, me, form, agent);
    return true;
  }
}

/** @param who the agent named to human readers */
function takeFrom(words: Int32Array, owner: number, agent: number, form: Form, who: number): void {
  const release = (Atomics.load(words, owner + POLICY) & RELEASE) !== 0;
  for (;;) {
    const word = Atomics.load(words, owner);
    if (!form.isOwnedBy(word, agent)) return;
    if (release) {
      Atomics.store(words, owner + COUNT, 0);
    } else {
      Atomics.store(words, owner + WHO, who);
      Atomics.store(words, owner + SINCE, Math.floor(sinceEpoch() / 1000));
    }
    const next = release ? form.free(word) : form.abandoned(word);
    // If it has changed, waiters have set bits, or somebody has released by hand what anybody may release.
    if (Atomics.compareExchange(words, owner, word, next) === word) return;
  }
}

/** @returns the error for agents that try to acquire an abandoned primitive */
export function ownerDied(words: Int32Array, cell: number, label: string): OwnerDiedError {
  const owner = cell + GATE + gatesOf(words, cell);
  const agent = Atomics.load(words, owner + WHO);
  return new OwnerDiedError(label, agent, agentName(agent), Atomics.load(words, owner + SINCE) * 1000);
}
