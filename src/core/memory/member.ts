/**
 * A member: an arena as one agent has it. Everything of the agent that concerns the arena stands here and nowhere else.
 *
 * An agent (the ECMAScript word for a thread with its own event loop) is one member of an arena, however many buffer
 * objects show it that memory and however many bundled copies of this package it has loaded. So members are kept in one
 * table on `globalThis`, found by the arena's id; they are plain data, whose shape is fixed by the table's key.
 *
 * The table does not keep memory alive. When the last object of an arena is collected the member goes too; should the
 * arena arrive again, the agent finds its slot by its identity, which stands there, and its id is the one it had.
 */
import { SyncError } from '../errors.js';
import { agentName, ownerWordOf } from './owner.js';
import { findIdleRecords } from './records.js';
import { idOf } from './region.js';
import { findSlot, type Identity, isLive, isSameMemory, takeSlot } from './slots.js';
import { retireFrom } from './sweep.js';

/** How often an agent's blocking calls and its tasks have a lock that does not name its holders, by the lock's cell. */
export type Reads = Map<number, { blocking: number; tasks: number }>;

/** The tasks of an agent that wait on one gate; see core/wait/async-queue.ts. */
export interface TaskQueue {
  /** Looks, in a microtask, whether the first can go on: its own agent has changed something. */
  poll(): void;
}

export class Member {
  /** The agent as owner words name it. */
  readonly ownerWord: number;
  /** The records of waits that the agent has, and does not use. */
  readonly idleRecords: number[] = [];
  /** The queues of those tasks that wait now, by what they wait for. */
  readonly queues = new Map<number, TaskQueue>();

  /**
   * @param words the one view of the arena that all objects of the agent use
   * @param agent the agent's id
   * @param reads what it has of locks that do not name their holders
   */
  constructor(
    readonly words: Int32Array,
    readonly agent: number,
    readonly reads: Reads = new Map(),
  ) {
    this.ownerWord = ownerWordOf(agent);
  }
}

/** By its shape, not by instanceof: another copy of the package may have made it. */
export const isMember = (value: unknown): value is Member =>
  typeof value === 'object' && value !== null && 'ownerWord' in value;

interface Entry {
  member: WeakRef<Member>;
  readonly reads: Reads;
}

interface Table {
  readonly identity: Identity;
  readonly entries: Map<string, Entry>;
  /** Ends all memberships. */
  readonly leave: () => void;
}

/** Its name changes when the shape of the table, or of what it holds, does. */
const TABLE = Symbol.for('atomics-sync-free.members.2');

function table(): Table {
  const holder = globalThis as { [TABLE]?: Table };
  holder[TABLE] ??= newTable();
  return holder[TABLE];
}

function newTable(): Table {
  const entries: Table['entries'] = new Map();
  const [claim, rest] = crypto.getRandomValues(new Int32Array(2));
  const leave = (): void => {
    for (const { member } of entries.values()) {
      const known = member.deref();
      if (known !== undefined) retireFrom(known.words, known.agent);
    }
    entries.clear();
  };
  // The slots are given back when the agent ends by itself: one listener an agent, whichever copy of the package comes
  // first. After terminate(), and where there is no `process`, somebody else calls `retire`.
  const host = globalThis as { process?: { on?: (event: string, listener: () => void) => void } };
  host.process?.on?.('exit', leave);
  return { identity: [claim || 1, rest], entries, leave };
}

/**
 * Makes the calling agent a member of the arena, or finds that it is one.
 *
 * @param seen the arena's memory as it has just arrived
 * @throws SyncError `ERR_ARENA_COPY`, `ERR_NO_SLOT`, or `ERR_RETIRED` when somebody took the agent for dead
 */
export function join(seen: Int32Array): Member {
  const { identity, entries } = table();
  const id = idOf(seen);
  const entry = entries.get(id);
  const known = entry?.member.deref();
  if (known !== undefined) {
    if (!isSameMemory(known.words, known.agent, seen)) {
      throw new SyncError(
        'ERR_ARENA_COPY',
        'this is a byte copy of an arena that the agent knows, not the same memory; pass the SharedArrayBuffer itself',
      );
    }
    if (!isLive(known.words, known.agent)) throw wronglyRetired(known.agent);
    return known;
  }
  const agent = findSlot(seen, identity);
  const member = new Member(seen, agent ?? takeSlot(seen, identity), entry?.reads);
  if (agent !== undefined) findIdleRecords(member);
  entries.set(id, { member: new WeakRef(member), reads: member.reads });
  forgotten.register(member, id);
  return member;
}

const wronglyRetired = (agent: number): SyncError =>
  new SyncError(
    'ERR_RETIRED',
    `${agentName(agent)} was retired from this arena while it was still running; retire only agents that have ended`,
  );

/** Of an arena that it forgot, an agent remembers only what it still has and no lock's word says. */
const forgotten = new FinalizationRegistry<string>((id) => {
  const { entries } = table();
  const entry = entries.get(id);
  if (entry === undefined || entry.member.deref() !== undefined) return;
  const reads = [...entry.reads.values()].some(({ blocking, tasks }) => blocking + tasks > 0);
  if (!reads) entries.delete(id);
});
