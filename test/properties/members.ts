/** Simulated agents: members of an arena, all in one thread. */
import { Arena } from 'atomics-sync-free';
import { JoinedArena } from '#dist/core/memory/joined-arena.js';
import { Member } from '#dist/core/memory/member.js';
import { agentId } from '#dist/core/memory/owner.js';
import { slotIndex } from '#dist/core/memory/region.js';
import { LIFE } from '#dist/core/memory/slots.js';
import { Place } from '#dist/core/share/place.js';

const LIVE = 1;

/** An arena with free slots for this many agents besides the test's own. */
export const arenaFor = (agents: number): Arena => new Arena({ byteLength: 4096, agents: agents + 1 });

/** Takes the slot of the n-th agent, counted from 0; the test itself has the first slot. */
export function takeSlotOf(n: number, { words }: Arena): void {
  words[slotIndex(n + 1) + LIFE] = (1 << 2) | LIVE;
}

/** The arena as the n-th agent sees it. */
export const arenaOf = (n: number, words: Int32Array): Arena => new JoinedArena(new Member(words, agentId(n + 1, 1)));

/**
 * How a primitive is made and shared.
 *
 * @param make makes the primitive in an arena
 * @returns a function that makes it, and returns one that makes live objects of it for the members of the arena
 */
export const sharedBy =
  <Live extends { readonly cell: number }>(Class: new (place: Place) => Live, make: (arena: Arena) => Live) =>
  (arena: Arena): ((mine: Arena) => Live) => {
    const { cell } = make(arena);
    return (mine) => new Class(new Place(mine, cell));
  };
