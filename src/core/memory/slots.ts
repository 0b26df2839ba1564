/**
 * Agent slots: who takes part in an arena.
 *
 * ```text
 * word 0  LIFE      generation << 2 | FREE, LIVE or DEAD
 *      1  NONCE     written through one view and read through another, to prove that both show the same memory
 *      2  CLAIM     0, or the first half of the identity of the agent that has the slot: who writes it here has it
 *      3  IDENTITY  the second half; it means something while LIFE is LIVE
 * ```
 *
 * A slot's life: FREE → LIVE (an agent has joined) → DEAD (it is being retired) → FREE, under the next generation.
 *
 * An agent has one identity, 64 random bits, in all arenas. By it an agent knows its slot again when it has forgotten
 * everything else of an arena.
 */
import { SyncError } from '../errors.js';
import { agentId, generationOf, nextGeneration, slotOf } from './owner.js';
import { agentSlots, slotIndex } from './region.js';

export const LIFE = 0;
export const NONCE = 1;
export const CLAIM = 2;
const IDENTITY = 3;

const FREE = 0;
const LIVE = 1;
const DEAD = 2;
const STATE = 3;
const lifeOf = (agent: number, state: number): number => (generationOf(agent) << 2) | state;

/** The two halves; the first is not 0. */
export type Identity = readonly [number, number];

const at = (agent: number, word: number): number => slotIndex(slotOf(agent)) + word;

/**
 * Takes a free slot.
 *
 * @returns the id of the agent that has it now
 * @throws SyncError `ERR_NO_SLOT`
 */
export function takeSlot(words: Int32Array, [claim, rest]: Identity): number {
  const slots = agentSlots(words);
  for (let slot = 0; slot < slots; slot++) {
    const index = slotIndex(slot);
    const life = Atomics.load(words, index + LIFE);
    if ((life & STATE) !== FREE || Atomics.load(words, index + CLAIM) !== 0) continue;
    if (Atomics.compareExchange(words, index + CLAIM, 0, claim) !== 0) continue;
    // Somebody may have had the slot and lost it in between.
    const agent = agentId(slot, nextGeneration(Atomics.load(words, index + LIFE) >> 2));
    Atomics.store(words, index + IDENTITY, rest);
    Atomics.store(words, index + LIFE, lifeOf(agent, LIVE));
    return agent;
  }
  throw new SyncError(
    'ERR_NO_SLOT',
    `all ${slots} agent slots of this arena are taken; make the arena with more ({ agents: … }), ` +
      'or retire(arena, agentId) the agents that were terminated',
  );
}

/** @returns the id under which the agent of this identity is a member already, or undefined */
export function findSlot(words: Int32Array, [claim, rest]: Identity): number | undefined {
  const slots = agentSlots(words);
  for (let slot = 0; slot < slots; slot++) {
    const index = slotIndex(slot);
    if (Atomics.load(words, index + CLAIM) !== claim || Atomics.load(words, index + IDENTITY) !== rest) continue;
    const life = Atomics.load(words, index + LIFE);
    if ((life & STATE) === LIVE) return agentId(slot, life >> 2);
  }
  return undefined;
}

/** Whether the slot exists, and an agent has or had it. */
export const hasBeenTaken = (words: Int32Array, slot: number): boolean =>
  slot < agentSlots(words) && Atomics.load(words, slotIndex(slot) + LIFE) !== 0;

/** @returns whether the agent is a member, and nobody has begun to retire it */
export const isLive = (words: Int32Array, agent: number): boolean =>
  Atomics.load(words, at(agent, LIFE)) === lifeOf(agent, LIVE);

/**
 * Writes through the view of an agent's arena that it trusts and reads through another; only one memory answers twice.
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
 * @returns what `freeSlot` takes once nothing is left of it, or undefined when that has been done already
 */
export function condemn(words: Int32Array, agent: number): number | undefined {
  const life = at(agent, LIFE);
  const claim = Atomics.load(words, at(agent, CLAIM));
  const found = Atomics.compareExchange(words, life, lifeOf(agent, LIVE), lifeOf(agent, DEAD));
  return found === lifeOf(agent, LIVE) || found === lifeOf(agent, DEAD) ? claim : undefined;
}

/**
 * Frees the slot of a dead agent for the next generation. Only the claim that was its own is taken out, so that one that
 * comes late, after others have done the same, takes nothing from the slot's next holder.
 */
export function freeSlot(words: Int32Array, agent: number, claim: number): void {
  Atomics.compareExchange(words, at(agent, CLAIM), claim, 0);
  Atomics.compareExchange(words, at(agent, LIFE), lifeOf(agent, DEAD), lifeOf(agent, FREE));
}
