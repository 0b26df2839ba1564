/**
 * Agent slots: who takes part in an arena.
 *
 * ```text
 * word 0  LIFE      generation << 2 | FREE, LIVE, AWAY or DEAD
 *      1  NONCE     written through one view and read through another, to prove that both show the same memory
 *      2  CLAIM     0, or the first half of the identity of the agent that has the slot or is taking it
 *      3  IDENTITY  the second half; meaningful while LIFE is LIVE
 *      4  RETIRER   0, or the id of the agent that is retiring, or has retired, the one that had the slot
 *      5  BEATS     how many signs of life the agent has ready,           \
 *      6  DUE       when somebody may ask for the next,                    } see pulse.ts
 *      7  WAIT      \
 *      8  WAITS_FOR  \ what the agent is blocked on, once that has lasted:
 *      9  WAITS_AT   / see waits.ts
 *     10  SINCE     /
 *     11  NAMED     the cell with the agent's name: see agent-names.ts
 *     12  PULSE     and what they wait for, in four generations of agents /
 * ```
 *
 * A slot's life: FREE → LIVE (an agent has joined) → DEAD (it is being retired) → FREE, under the next generation. A member is LIVE
 * or AWAY: an AWAY member has let go of the arena, and has nothing in it. When it comes back it is LIVE again, as the same agent.
 * But meanwhile nobody can know whether it has ended; so when all slots are taken, a newcomer may take that of an AWAY member.
 *
 * An agent has one identity in all arenas. By it an agent recognizes its slot when it has forgotten everything else about
 * an arena. The first half is the thread, on hosts where threads have numbers; the second is random, because two realms of
 * one thread are two agents.
 *
 * Retirement is exclusive: the agent that has written its id into RETIRER while LIFE is DEAD does all of it. If it dies
 * too, the next one takes over.
 *
 * After the slots of the members there is one more, for an agent that wants to become a member and finds all of them taken:
 * see entrance.ts. It holds nothing and waits for nothing there.
 */
import { SyncError } from '../errors.js';
import { agentId, agentName, generationOf, nextGeneration, slotOf } from './owner.js';
import { agentSlots, slotIndex } from './region.js';

export const LIFE = 0;
export const NONCE = 1;
export const CLAIM = 2;
const IDENTITY = 3;
export const RETIRER = 4;
export const BEATS = 5;
export const DUE = 6;
export const WAIT = 7;
export const WAITS_FOR = 8;
export const WAITS_AT = 9;
export const SINCE = 10;
export const NAMED = 11;
export const PULSE = 12;

const FREE = 0;
const LIVE = 1;
const DEAD = 2;
const AWAY = 3;
const STATE = 3;
/** The bit that LIVE and AWAY have in common. */
const MEMBER = 1;
const lifeOf = (agent: number, state: number): number => (generationOf(agent) << 2) | state;

/** The two halves; the first is not 0. */
export type Identity = readonly [number, number];

/** The index of a word of an agent's slot. */
export const at = (agent: number, word: number): number => slotIndex(slotOf(agent)) + word;

/** What an agent has prepared for the slot that it is about to get. */
interface Prepared {
  /** Undoes it, because another agent got the slot. */
  withdraw(): void;
}

/**
 * Takes a free member slot.
 *
 * @param prepare called with the agent's future id before the agent has it: from then on others can see whether it is alive
 * @returns what `prepare` returned for the slot that the agent now has; undefined when none is free
 */
export function takeSlot<P extends Prepared>(
  words: Int32Array,
  identity: Identity,
  prepare: (agent: number) => P,
): P | undefined {
  const slots = agentSlots(words);
  for (let slot = 0; slot < slots; slot++) {
    const prepared = takeThis(words, slot, identity, prepare);
    if (prepared !== undefined) return prepared;
  }
  return undefined;
}

/** Takes the entrance slot, as `takeSlot` takes those of members. */
export const takeEntrance = <P extends Prepared>(
  words: Int32Array,
  identity: Identity,
  prepare: (agent: number) => P,
): P | undefined => takeThis(words, agentSlots(words), identity, prepare);

/** @returns the id of the agent that is in the entrance, or was the last one there */
export const inEntrance = (words: Int32Array): number => holderOf(words, agentSlots(words));

function takeThis<P extends Prepared>(
  words: Int32Array,
  slot: number,
  [claim, rest]: Identity,
  prepare: (agent: number) => P,
): P | undefined {
  const index = slotIndex(slot);
  const life = Atomics.load(words, index + LIFE);
  if ((life & STATE) !== FREE || Atomics.load(words, index + CLAIM) !== 0) return undefined;
  if (Atomics.compareExchange(words, index + CLAIM, 0, claim) !== 0) return undefined;
  // Another agent may have had the slot and lost it in between.
  const last = Atomics.load(words, index + LIFE);
  if ((last & MEMBER) === 0) {
    const agent = agentId(slot, nextGeneration(last >> 2));
    for (const word of [RETIRER, BEATS, DUE, WAIT]) Atomics.store(words, index + word, 0);
    const prepared = prepare(agent);
    // By compare-and-swap: two agents may be here, if a third took the first for dead and removed its claim.
    if (Atomics.compareExchange(words, index + LIFE, last, lifeOf(agent, LIVE)) === last) {
      // The claim may be the other agent's by now.
      Atomics.store(words, index + CLAIM, claim);
      Atomics.store(words, index + IDENTITY, rest);
      return prepared;
    }
    prepared.withdraw();
  }
  Atomics.compareExchange(words, index + CLAIM, claim, 0);
  return undefined;
}

/** @returns the identity of a member */
export const identityOf = (words: Int32Array, agent: number): Identity => [
  Atomics.load(words, at(agent, CLAIM)),
  Atomics.load(words, at(agent, IDENTITY)),
];

/** @returns the id under which the agent of this identity is already a member, or undefined */
export function findSlot(words: Int32Array, [claim, rest]: Identity): number | undefined {
  const slots = agentSlots(words);
  for (let slot = 0; slot < slots; slot++) {
    const index = slotIndex(slot);
    if (Atomics.load(words, index + CLAIM) !== claim || Atomics.load(words, index + IDENTITY) !== rest) continue;
    const life = Atomics.load(words, index + LIFE);
    if ((life & MEMBER) !== 0) return agentId(slot, life >> 2);
  }
  return undefined;
}

/** Records that the agent has let go of the arena and has nothing in it. */
export function goAway(words: Int32Array, agent: number): void {
  Atomics.compareExchange(words, at(agent, LIFE), lifeOf(agent, LIVE), lifeOf(agent, AWAY));
}

/**
 * Records that the agent uses the arena again.
 *
 * @returns false when somebody needed its slot
 */
export function comeBack(words: Int32Array, agent: number): boolean {
  const found = Atomics.compareExchange(words, at(agent, LIFE), lifeOf(agent, AWAY), lifeOf(agent, LIVE));
  return found === lifeOf(agent, AWAY) || found === lifeOf(agent, LIVE);
}

/**
 * Condemns a member that is away, because its slot is needed.
 *
 * @returns whether there was one
 */
export function condemnAway(words: Int32Array): boolean {
  const slots = agentSlots(words);
  for (let slot = 0; slot < slots; slot++) {
    const index = slotIndex(slot) + LIFE;
    const life = Atomics.load(words, index);
    if ((life & STATE) !== AWAY) continue;
    if (Atomics.compareExchange(words, index, life, (life & ~STATE) | DEAD) === life) return true;
  }
  return false;
}

/** Whether the slot exists, and an agent has it or had it. */
export const hasBeenTaken = (words: Int32Array, slot: number): boolean =>
  slot < agentSlots(words) && Atomics.load(words, slotIndex(slot) + LIFE) !== 0;

/** @returns whether the agent is a member that nobody has begun to retire */
export const isLive = (words: Int32Array, agent: number): boolean =>
  (Atomics.load(words, at(agent, LIFE)) | (AWAY - MEMBER)) === lifeOf(agent, AWAY);

/** @returns whether the agent is being retired */
export const isCondemned = (words: Int32Array, agent: number): boolean =>
  Atomics.load(words, at(agent, LIFE)) === lifeOf(agent, DEAD);

/** @returns whether some slot is about to become free, or about to be taken */
export function areInTransit(words: Int32Array): boolean {
  const slots = agentSlots(words);
  for (let slot = 0; slot < slots; slot++) {
    const state = Atomics.load(words, slotIndex(slot) + LIFE) & STATE;
    if (state === DEAD || (state === FREE && Atomics.load(words, slotIndex(slot) + CLAIM) !== 0)) return true;
  }
  return false;
}

/** Removes the claims to free slots: the claimant died, or will find that another has the slot. */
export function takeOutClaims(words: Int32Array): void {
  const last = agentSlots(words);
  for (let slot = 0; slot <= last; slot++) {
    const index = slotIndex(slot);
    const claim = Atomics.load(words, index + CLAIM);
    if ((Atomics.load(words, index + LIFE) & STATE) === FREE) Atomics.compareExchange(words, index + CLAIM, claim, 0);
  }
}

/**
 * Whether the agent is a member, and neither retired nor about to leave. RETIRER is read first: it is cleared only when
 * LIFE says that the agent is dead.
 */
export const remains = (words: Int32Array, agent: number): boolean =>
  Atomics.load(words, at(agent, RETIRER)) !== agent && isLive(words, agent);

/** @returns the id of the agent that has a slot, or was the last to have it */
export const holderOf = (words: Int32Array, slot: number): number =>
  agentId(slot, Atomics.load(words, slotIndex(slot) + LIFE) >> 2);

/** @returns the error with which to refuse an agent that was retired but still runs; undefined for a member */
export function refusalOf(words: Int32Array, agent: number): SyncError | undefined {
  if (isLive(words, agent)) return undefined;
  return new SyncError(
    'ERR_RETIRED',
    `${agentName(agent)} is no longer a member of this arena: it was retired, though it still runs, or it is about to end; ` +
      'retire only agents that have ended',
  );
}

/**
 * Writes through a trusted view of an agent's arena and reads through another; only the same memory answers twice.
 *
 * @returns whether both show the same memory
 */
export function isSameMemory(words: Int32Array, agent: number, seen: Int32Array): boolean {
  const nonce = at(agent, NONCE);
  const before = Atomics.load(seen, nonce);
  return [before ^ 1, before ^ 2].every((value) => {
    Atomics.store(words, nonce, value);
    return Atomics.load(seen, nonce) === value;
  });
}

/**
 * Declares an agent dead.
 *
 * @returns false when it had already been retired
 */
export function condemn(words: Int32Array, agent: number): boolean {
  const life = at(agent, LIFE);
  const found = Atomics.compareExchange(words, life, lifeOf(agent, LIVE), lifeOf(agent, DEAD));
  if (found !== lifeOf(agent, AWAY)) return found === lifeOf(agent, LIVE) || found === lifeOf(agent, DEAD);
  return Atomics.compareExchange(words, life, found, lifeOf(agent, DEAD)) === found || condemn(words, agent);
}

/**
 * Makes an agent the one that retires another.
 *
 * @param me the id of the retiring agent
 * @returns false when another live agent is already doing it
 */
export function becomeRetirer(words: Int32Array, agent: number, me: number): boolean {
  const retirer = Atomics.load(words, at(agent, RETIRER));
  if (retirer !== 0 && retirer !== me && isLive(words, retirer)) return false;
  return Atomics.compareExchange(words, at(agent, RETIRER), retirer, me) === retirer;
}

/**
 * Visits the dead agents that no live agent is retiring.
 *
 * @param me the id of the agent that does it now
 * @param retire called for each, which only `me` retires; returns false if that is not yet possible
 */
export function eachUnretired(words: Int32Array, me: number, retire: (agent: number) => boolean): void {
  const last = agentSlots(words);
  for (let slot = 0; slot <= last; slot++) {
    for (;;) {
      const life = Atomics.load(words, slotIndex(slot) + LIFE);
      const agent = agentId(slot, life >> 2);
      if ((life & STATE) !== DEAD || !becomeRetirer(words, agent, me)) break;
      const isDead = Atomics.load(words, at(agent, LIFE)) === life;
      if (isDead && retire(agent)) continue;
      // It is left to the next look; or others have retired it meanwhile, and the slot has its next holder, which may be dead as well.
      Atomics.compareExchange(words, at(agent, RETIRER), me, 0);
      if (isDead) break;
    }
  }
}

/** Visits the members, and the agent in the entrance. */
export function eachAgent(words: Int32Array, visit: (agent: number) => void): void {
  const last = agentSlots(words);
  for (let slot = 0; slot <= last; slot++) {
    const life = Atomics.load(words, slotIndex(slot) + LIFE);
    if ((life & MEMBER) !== 0) visit(agentId(slot, life >> 2));
  }
}

/** Whether at least as many slots are free as are taken. */
export function mostAreFree(words: Int32Array): boolean {
  const slots = agentSlots(words);
  let taken = 0;
  for (let slot = 0; slot < slots; slot++) if ((Atomics.load(words, slotIndex(slot) + LIFE) & STATE) !== FREE) taken++;
  return taken * 2 <= slots;
}

/** Frees the slot of an agent whose retirement is complete, for the next generation. */
export function freeSlot(words: Int32Array, agent: number): void {
  Atomics.store(words, at(agent, CLAIM), 0);
  Atomics.compareExchange(words, at(agent, LIFE), lifeOf(agent, DEAD), lifeOf(agent, FREE));
}

/**
 * Visits the agents of a thread that has ended, and removes its claims to slots that it never took.
 *
 * @param claim the first half of the identities of the thread's agents
 */
export function eachAgentOf(words: Int32Array, claim: number, visit: (agent: number) => void): void {
  const last = agentSlots(words);
  for (let slot = 0; slot <= last; slot++) {
    const index = slotIndex(slot);
    if (Atomics.load(words, index + CLAIM) !== claim) continue;
    const life = Atomics.load(words, index + LIFE);
    if ((life & STATE) === FREE) Atomics.compareExchange(words, index + CLAIM, claim, 0);
    else visit(agentId(slot, life >> 2));
  }
}
