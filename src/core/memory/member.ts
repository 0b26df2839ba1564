/**
 * A member: one agent's view of an arena. All of the agent's state that concerns the arena is here and nowhere else.
 *
 * An agent (the ECMAScript term for a thread with its own event loop) is one member of an arena, however many buffer
 * objects it has for that memory and however many bundled copies of this package it has loaded. So members are kept in one
 * table on `globalThis`, keyed by the arena's id; they are plain data, whose shape is fixed by the table's key.
 *
 * The table does not keep memory alive. When the last object of an arena is collected, so is the member; if the arena
 * arrives again, the agent finds its slot by the identity stored there, and has the same id as before.
 */
import { SyncError } from '../errors.js';
import { randomWords } from '../random.js';
import { showName, thisAgent } from './agent-names.js';
import { enter } from './entrance.js';
import { ownerWordOf } from './owner.js';
import { Pulse } from './pulse.js';
import type { KnownTally } from './records.js';
import { idOf } from './region.js';
import { comeBack, eachAgent, findSlot, type Identity, isSameMemory, mostAreFree, refusalOf } from './slots.js';
import { holdsAnything, leaveFrom } from './sweep.js';
import { Vigil } from './vigil.js';

/** How many times an agent's blocking calls and its tasks hold a lock that does not name its holders, by the lock's cell. */
export type Reads = Map<number, { blocking: number; tasks: number }>;

/** The tasks of an agent that wait on one gate; see core/wait/async-queue.ts. */
export interface TaskQueue {
  /** Checks, in a microtask, whether the first task can proceed: its own agent has changed something. */
  poll(): void;
}

export class Member {
  /** The agent as named in owner words. */
  readonly ownerWord: number;
  /** The records of waits that the agent has but does not use. */
  readonly idleRecords: number[] = [];
  /** It was a member before and may have forgotten records; they are looked for before one is taken. */
  hasForgotten = false;
  /** The queues of tasks that are currently waiting, by what they wait for. */
  readonly queues = new Map<number, TaskQueue>();
  /** How it watches the others; undefined where nobody can die, such as in a model. */
  vigil: Vigil | undefined;
  /** The records of its share of things that many may hold, by the words that count them: see tally.ts. */
  readonly tallies = new Map<number, KnownTally>();
  /** At this many, the records that show nothing held are put back. */
  mostTallies = 0;
  /** How many holds of a primitive another agent's death has taken from this agent, by cell. */
  readonly losses = new Map<number, number>();

  /**
   * @param words the one view of the arena that all objects of the agent use
   * @param agent the agent's id
   * @param reads its holds of locks that do not name their holders
   */
  constructor(
    readonly words: Int32Array,
    readonly agent: number,
    readonly reads: Reads = new Map(),
  ) {
    this.ownerWord = ownerWordOf(agent);
  }
}

interface Entry {
  member: WeakRef<Member>;
  readonly reads: Reads;
  /** Its pulse, which keeps the memory alive, once the agent has forgotten the arena but still holds something in it. */
  pulse: Pulse | undefined;
}

interface Table {
  readonly identity: Identity;
  readonly entries: Map<string, Entry>;
  /** Ends all memberships. */
  readonly leave: () => void;
}

/** The key changes when the shape of the table, or of what it holds, does. */
const TABLE = Symbol.for('atomics-sync-free.members.6');

function table(): Table {
  const holder = globalThis as { [TABLE]?: Table };
  holder[TABLE] ??= newTable();
  return holder[TABLE];
}

function newTable(): Table {
  const entries: Table['entries'] = new Map();
  const host = (globalThis as { process?: Host }).process;
  const thread = host?.getBuiltinModule?.('node:worker_threads')?.threadId;
  const members = (visit: (member: Member) => void): void => {
    for (const { member } of entries.values()) {
      const known = member.deref();
      if (known !== undefined) visit(known);
    }
  };
  const leave = (): void => {
    members(({ words, agent }) => leaveFrom(words, agent));
    entries.clear();
  };
  // The slots are released when the agent ends by itself, and those of workers that it started when they end: one set of
  // listeners per agent, from whichever copy of the package comes first.
  host?.on?.('exit', leave);
  // A frame that is removed, or a window that is closed, ends while the thread that it shares with other pages lives on.
  (globalThis as Page).addEventListener?.('pagehide', ({ persisted }) => {
    if (!persisted) leave();
  });
  host?.on?.('worker', (worker) => {
    // After its exit it has no threadId.
    const claim = claimOf(worker.threadId);
    worker.on('exit', () => members(({ vigil }) => vigil?.threadEnded(claim)));
  });
  return { identity: thread === undefined ? randomIdentity() : [claimOf(thread), realmOf(host)], entries, leave };
}

function randomIdentity(): Identity {
  const [one, other] = randomWords(2);
  return [one | NO_THREAD, other];
}

/**
 * Distinguishes the few realms of one thread. Loading `crypto` takes Node 1 to 7 ms; and because tests make `Math.random`
 * return a constant, the clock is used too.
 */
const realmOf = (host: Host | undefined): number => (Math.random() * 2 ** 32) ^ (host?.hrtime?.()[1] ?? 0);

/** The first half of the identity of a thread's agents; for others it is negative. */
const claimOf = (thread: number): number => thread + 1;
const NO_THREAD = 1 << 31;

/** The part used of the global object of a page. */
interface Page {
  addEventListener?(event: 'pagehide', listener: (event: { readonly persisted: boolean }) => void): void;
}

/** The part used of `process` on hosts that have one. */
interface Host {
  getBuiltinModule?(name: string): { readonly threadId?: number } | undefined;
  hrtime?(): readonly [seconds: number, nanoseconds: number];
  on?(event: 'exit', listener: () => void): void;
  on?(event: 'worker', listener: (worker: StartedWorker) => void): void;
}

/** A worker started in this agent, by whatever code. */
interface StartedWorker {
  readonly threadId: number;
  on(event: 'exit', listener: () => void): void;
}

/** Ends all memberships of the calling agent: the last thing that an agent does where the host does not report its end. */
export function leaveAll(): void {
  (globalThis as { [TABLE]?: Table })[TABLE]?.leave();
}

/**
 * Whether the calling agent may be reused for another thread: it holds nothing that others may wait for, even if only once
 * they receive what it has sent; none of its tasks waits for anything, and others do not need its slots.
 */
export function isFree(): boolean {
  return [...table().entries.values()].every(({ member, reads }) => {
    const known = member.deref();
    if (known === undefined) return false;
    const { words, agent, queues } = known;
    const readsNothing = [...reads.values()].every(({ blocking, tasks }) => blocking + tasks === 0);
    return readsNothing && queues.size === 0 && !holdsAnything(words, agent) && mostAreFree(words);
  });
}

/** Makes the agent's name visible to others in an arena that it joins; a bundle that does not use this does not contain it. */
let show: typeof showName | undefined;

/** Makes the calling agent's name visible to others, in the arenas that it knows and will know. */
export function showNames(): void {
  show = showName;
  // Leaves nothing behind in an agent that knows no arena.
  for (const { member } of (globalThis as { [TABLE]?: Table })[TABLE]?.entries.values() ?? []) {
    const known = member.deref();
    if (known !== undefined) showName(known.words, known.agent);
  }
}

/**
 * Gives the calling agent a name and makes it visible to others.
 *
 * @param name its name, for human readers
 */
export function nameAgent(name: string): void {
  thisAgent().name = name;
  showNames();
}

/** @returns the memories of the arenas that the agent knows */
export const knownArenas = (): Int32Array[] =>
  [...table().entries.values()].flatMap(({ member }) => member.deref()?.words ?? []);

/** @returns the memory of a known arena whose id is the one looked for */
export function bufferOfArena(isIt: (id: string) => boolean): SharedArrayBuffer | undefined {
  for (const [id, { member }] of table().entries) {
    const buffer = isIt(id) ? member.deref()?.words.buffer : undefined;
    if (buffer !== undefined) return buffer as SharedArrayBuffer;
  }
  return undefined;
}

/**
 * Makes the calling agent a member of the arena, unless it already is one.
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
        'this arena is a byte copy of one that the agent knows; pass the SharedArrayBuffer itself',
      );
    }
    const refused = refusalOf(known.words, known.agent);
    if (refused === undefined) return known;
    throw refused;
  }
  // An arena that it had forgotten, but in which it holds something, is known again.
  entry?.pulse?.stop();
  const before = findSlot(seen, identity);
  const isBack = before !== undefined && comeBack(seen, before);
  const pulse = isBack ? new Pulse(seen, before) : enter(seen, identity);
  const member = new Member(seen, pulse.agent, entry?.reads);
  member.hasForgotten = isBack;
  member.vigil = new Vigil(seen, pulse);
  show?.(seen, member.agent);
  entries.set(id, { member: new WeakRef(member), reads: member.reads, pulse: undefined });
  forgotten.register(member, { id, pulse });
  return member;
}

/** Whether there are other members. */
function hasCompany(words: Int32Array, agent: number): boolean {
  let others = 0;
  eachAgent(words, (member) => {
    if (member !== agent) others++;
  });
  return others > 0;
}

/**
 * Of a forgotten arena, an agent remembers only the holds that no lock's word shows; and, if it holds something, the
 * memory: others may wait for that, and must learn of the agent's death. If it holds nothing, it is away.
 */
const forgotten = new FinalizationRegistry<{ readonly id: string; readonly pulse: Pulse }>(({ id, pulse }) => {
  const { entries } = table();
  const entry = entries.get(id);
  if (entry?.member.deref() !== undefined) return;
  const holds = pulse.isNeeded(holdsAnything);
  if (entry !== undefined && holds && pulse.isNeeded(hasCompany)) {
    entry.pulse = pulse;
    return;
  }
  const reads = [...(entry?.reads.values() ?? [])].some(({ blocking, tasks }) => blocking + tasks > 0);
  if (!reads) entries.delete(id);
  pulse.stop(!holds && !reads);
});
