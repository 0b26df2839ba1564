/**
 * Agents: who takes part in an arena.
 *
 * An agent (the ECMAScript word for a thread with its own event loop) has exactly one identity in an arena, however
 * many buffer objects show it that memory and however many bundled copies of this package it has loaded. So the
 * identities are kept in one table on `globalThis`, found by the arena's id; the table is plain data whose shape is
 * fixed by its key.
 *
 * A slot's life: FREE → LIVE (an agent has joined) → DEAD (it is being retired) → FREE, under the next generation.
 */
import { SyncError } from './errors.js';
import { agentSlots, eachCell, idOf, LIFE, NONCE, OWNED, RECORD, slotIndex } from './layout.js';
import { agentId, agentName, generationOf, nextGeneration, ownerOf, slotOf } from './owner.js';
import { undoRecord } from './records.js';

const FREE = 0;
const LIVE = 1;
const DEAD = 2;
const lifeOf = (agent: number, state: number): number => (generationOf(agent) << 2) | state;

/** How many times the threads and tasks of this agent hold a lock for reading, by the lock's cell. */
export type Reads = Map<number, { threads: number; tasks: number }>;

interface Membership {
  readonly agent: number;
  /** The view that every object of this agent uses. It is gone when none of them is left. */
  words: WeakRef<Int32Array>;
  /** A second view of the same memory, by which the membership can be ended when the first is gone. */
  readonly spare: Int32Array;
  readonly reads: Reads;
  readonly idleRecords: number[];
}

interface Table {
  readonly memberships: Map<string, Membership>;
  /** Ends all memberships; set once the agent listens for its own end. */
  leave?: () => void;
}

/** Its name changes when the shape of the table does. */
const TABLE = Symbol.for('atomics-sync-free.agents.1');

function table(): Table {
  const holder = globalThis as { [TABLE]?: Table };
  holder[TABLE] ??= { memberships: new Map() };
  return holder[TABLE];
}

/** An arena as one of its members sees it. */
export class Joined {
  /**
   * @param words the one view of the arena that all objects of the agent share
   * @param agent the agent's id
   * @param reads what the agent holds of locks that name no reader
   * @param idleRecords the records of waits that the agent has, and does not use
   */
  constructor(
    readonly words: Int32Array,
    readonly agent: number,
    readonly reads: Reads = new Map(),
    readonly idleRecords: number[] = [],
  ) {}
}

/**
 * Makes the calling agent a member of the arena, or finds that it is one.
 *
 * @param seen the arena's memory as it has just arrived
 * @throws SyncError `ERR_ARENA_COPY`, `ERR_NO_SLOT`, or `ERR_RETIRED` when somebody took the agent for dead
 */
export function join(seen: Int32Array): Joined {
  const id = idOf(seen);
  const { memberships } = table();
  const known = memberships.get(id);
  if (known !== undefined) {
    proveSameMemory(known, seen);
    if (Atomics.load(known.spare, slotIndex(slotOf(known.agent)) + LIFE) !== lifeOf(known.agent, LIVE)) {
      throw new SyncError(
        'ERR_RETIRED',
        `${agentName(known.agent)} was retired from this arena while it was still running; retire only agents that have ended`,
      );
    }
    return new Joined(known.words.deref() ?? revive(id, known), known.agent, known.reads, known.idleRecords);
  }
  const agent = takeSlot(seen);
  const membership: Membership = {
    agent,
    words: new WeakRef(seen),
    spare: seen.subarray(),
    reads: new Map(),
    idleRecords: [],
  };
  memberships.set(id, membership);
  forgotten.register(seen, { id, membership });
  leaveAtEnd();
  return new Joined(seen, agent, membership.reads, membership.idleRecords);
}

/**
 * Takes a free slot.
 *
 * @returns the id of the agent that has it now
 * @throws SyncError `ERR_NO_SLOT`
 */
export function takeSlot(words: Int32Array): number {
  const slots = agentSlots(words);
  for (let slot = 0; slot < slots; slot++) {
    const at = slotIndex(slot) + LIFE;
    const life = Atomics.load(words, at);
    if ((life & 3) !== FREE) continue;
    const agent = agentId(slot, nextGeneration(life >> 2));
    if (Atomics.compareExchange(words, at, life, lifeOf(agent, LIVE)) === life) return agent;
  }
  throw new SyncError(
    'ERR_NO_SLOT',
    `all ${slots} agent slots of this arena are taken; make the arena with more ({ agents: … }), ` +
      'or retire(arena, agentId) the agents that were terminated',
  );
}

/** Whether the slot exists, and an agent has or had it. */
export const hasBeenTaken = (words: Int32Array, slot: number): boolean =>
  slot < agentSlots(words) && Atomics.load(words, slotIndex(slot) + LIFE) !== 0;

/** Writes through the view we trust and reads through the one that has arrived; only one memory answers twice. */
function proveSameMemory(known: Membership, seen: Int32Array): void {
  const at = slotIndex(slotOf(known.agent)) + NONCE;
  const before = Atomics.load(seen, at);
  for (const nonce of [before ^ 1, before ^ 2]) {
    Atomics.store(known.spare, at, nonce);
    if (Atomics.load(seen, at) !== nonce) {
      throw new SyncError(
        'ERR_ARENA_COPY',
        'this is a byte copy of an arena that the agent knows, not the same memory; pass the SharedArrayBuffer itself',
      );
    }
  }
}

// --- the end of a membership ------------------------------------------------------------------------------------

const forgotten = new FinalizationRegistry<{ id: string; membership: Membership }>(({ id, membership }) => {
  if (membership.words.deref() !== undefined) return; // revived since
  // An agent that forgot what it holds can still be handed it again, and must then be known as the holder.
  if (holdsAnything(membership)) return;
  retireFrom(membership.spare, membership.agent);
  table().memberships.delete(id);
});

function revive(id: string, membership: Membership): Int32Array {
  const words = membership.spare.subarray();
  membership.words = new WeakRef(words);
  forgotten.register(words, { id, membership });
  return words;
}

function holdsAnything({ spare, agent, reads }: Membership): boolean {
  let holds = [...reads.values()].some(({ threads, tasks }) => threads + tasks > 0);
  eachCell(spare, (index, gates, role) => {
    if (role === OWNED && ownerOf(Atomics.load(spare, index + 1 + gates)) === agent) holds = true;
  });
  return holds;
}

/**
 * Gives the slots back when the agent ends by itself: one listener an agent, whichever copy of the package comes
 * first. After terminate(), and where there is no `process`, somebody else calls `retire`.
 */
function leaveAtEnd(): void {
  const t = table();
  if (t.leave !== undefined) return;
  t.leave = () => {
    for (const { spare, agent } of t.memberships.values()) retireFrom(spare, agent);
    t.memberships.clear();
  };
  const host = globalThis as { process?: { on?: (event: string, listener: () => void) => void } };
  host.process?.on?.('exit', t.leave);
}

/** @returns whether the agent is a member, and nobody has begun to retire it */
export const isLive = (words: Int32Array, agent: number): boolean =>
  Atomics.load(words, slotIndex(slotOf(agent)) + LIFE) === lifeOf(agent, LIVE);

/**
 * Ends an agent's membership: undoes its waiting and frees its slot under the next generation. Safe to repeat, and
 * to be left half done: the next caller does the whole of it again.
 *
 * The agent may have died asleep, having swallowed the wake of another, or between taking a lock's wake-up and its
 * next step. So everybody is woken; and every gate is *changed* first, for those that are about to sleep.
 *
 * @returns false when the agent was retired before
 */
export function retireFrom(words: Int32Array, agent: number): boolean {
  const at = slotIndex(slotOf(agent)) + LIFE;
  const found = Atomics.compareExchange(words, at, lifeOf(agent, LIVE), lifeOf(agent, DEAD));
  if (found !== lifeOf(agent, LIVE) && found !== lifeOf(agent, DEAD)) return false;
  eachCell(words, (index, _gates, role) => {
    if (role === RECORD) undoRecord(words, index, agent);
  });
  eachCell(words, (index, gates) => {
    for (let gate = index + 1; gate <= index + gates; gate++) {
      Atomics.add(words, gate, 1);
      Atomics.notify(words, gate);
    }
  });
  Atomics.compareExchange(words, at, lifeOf(agent, DEAD), lifeOf(agent, FREE));
  return true;
}
