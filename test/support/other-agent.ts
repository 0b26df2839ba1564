// Another agent of an arena, played by the test's own thread: it holds things, and dies when the test retires it.
import { type Arena, retire } from 'atomics-sync-free';
import { JoinedArena } from '#dist/core/memory/joined-arena.js';
import { Member } from '#dist/core/memory/member.js';
import { Pulse } from '#dist/core/memory/pulse.js';
import { takeSlot } from '#dist/core/memory/slots.js';
import { Vigil } from '#dist/core/memory/vigil.js';
import { Place } from '#dist/core/share/place.js';
import type { SharedObject } from '#dist/core/share/shared-object.js';

let identities = 1000;

export interface OtherAgent {
  readonly id: number;
  /** The other agent's own live object of a primitive. */
  attach<T extends SharedObject>(kind: new (place: Place) => T, of: T): T;
  /** Makes it look after the others while it waits. */
  watches(): void;
  /** Its death, once somebody has learnt of it. */
  die(): void;
}

export function otherAgent(arena: Arena): OtherAgent {
  const id = takeSlot(arena.words, [++identities, identities], (agent) => ({ agent, withdraw() {} }))?.agent as number;
  const member = new Member(arena.words, id);
  const joined = new JoinedArena(member);
  return {
    id,
    attach: (kind, { cell }) => new kind(new Place(joined, cell)),
    watches: () => {
      member.vigil = new Vigil(arena.words, new Pulse(arena.words, id));
    },
    die: () => void retire(arena, id),
  };
}
