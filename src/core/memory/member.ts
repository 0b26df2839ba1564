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
  /** It was a member before, and may have records that it has forgotten; whoever takes one looks for them first. */
  hasForgotten = false;
  /** The queues of those tasks that wait now, by what they wait for. */
  readonly queues = new Map<number, TaskQueue>();
  /** How it looks after the others; none where nobody can die, such as in a model. */
  vigil: Vigil | undefined;
  /** The records of what it has of things that many may have, by the words that count those: see tally.ts. */
  readonly tallies = new Map<number, KnownTally>();
  /** With so many of them, those are put back that say of nothing that it has it. */
  mostTallies = 0;
  /** How many holds of a primitive the death of another has taken from this agent, by the cell. */
  readonly losses = new Map<number, number>();

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

interface Entry {
  member: WeakRef<Member>;
  readonly reads: Reads;
  /** Its pulse, which keeps the memory, once the agent has forgotten the arena and holds something of it. */
  pulse: Pulse | undefined;
}

interface Table {
  readonly identity: Identity;
  readonly entries: Map<string, Entry>;
  /** Ends all memberships. */
  readonly leave: () => void;
}

/** Its name changes when the shape of the table, or of what it holds, does. */
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
  // The slots are given back when the agent ends by itself, and those of the workers that it has started when these end:
  // listeners of each agent, whichever copy of the package comes first.
  host?.on?.('exit', leave);
  host?.on?.('worker', (worker) => {
    // Afterwards it has none.
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
 * What tells apart the few realms of one thread. To load its `crypto` takes Node 1 to 7 ms; and as tests make `Math.random` give
 * always the same, the clock counts, too.
 */
const realmOf = (host: Host | undefined): number => (Math.random() * 2 ** 32) ^ (host?.hrtime?.()[1] ?? 0);

/** The first half of the identity of a thread's agents; that of others is negative. */
const claimOf = (thread: number): number => thread + 1;
const NO_THREAD = 1 << 31;

/** What is used of the `process` of hosts that have one. */
interface Host {
  getBuiltinModule?(name: string): { readonly threadId?: number } | undefined;
  hrtime?(): readonly [seconds: number, nanoseconds: number];
  on?(event: 'exit', listener: () => void): void;
  on?(event: 'worker', listener: (worker: StartedWorker) => void): void;
}

/** A worker that this agent has started, whoever did. */
interface StartedWorker {
  readonly threadId: number;
  on(event: 'exit', listener: () => void): void;
}

/** Ends all memberships of the calling agent: the last that an agent does where no host tells it of its end. */
export function leaveAll(): void {
  (globalThis as { [TABLE]?: Table })[TABLE]?.leave();
}

/**
 * Whether the calling agent is free to go on as somebody else: it has nothing that others may wait for, be it only once they
 * get what the agent has sent; none of its tasks waits for anything, and its slots are not what others lack.
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

/** Shows others what the agent is called, in an arena that it joins; where nobody asks for that it takes no room in a bundle. */
let show: typeof showName | undefined;

/** Has others see what the calling agent is called, in the arenas that it knows and will know. */
export function showNames(): void {
  show = showName;
  // To say so leaves nothing behind in an agent that knows no arena.
  for (const { member } of (globalThis as { [TABLE]?: Table })[TABLE]?.entries.values() ?? []) {
    const known = member.deref();
    if (known !== undefined) showName(known.words, known.agent);
  }
}

/**
 * Gives the calling agent a name, and has others see it.
 *
 * @param name what people call it
 */
export function nameAgent(name: string): void {
  thisAgent().name = name;
  showNames();
}

/** @returns the memories of the arenas that the agent knows */
export const knownArenas = (): Int32Array[] =>
  [...table().entries.values()].flatMap(({ member }) => member.deref()?.words ?? []);

/** @returns the memory of an arena that the agent knows, and whose id is the one that is looked for */
export function bufferOfArena(isIt: (id: string) => boolean): SharedArrayBuffer | undefined {
  for (const [id, { member }] of table().entries) {
    const buffer = isIt(id) ? member.deref()?.words.buffer : undefined;
    if (buffer !== undefined) return buffer as SharedArrayBuffer;
  }
  return undefined;
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
        'this arena is a byte copy of one that the agent knows; pass the SharedArrayBuffer itself',
      );
    }
    const refused = refusalOf(known.words, known.agent);
    if (refused === undefined) return known;
    throw refused;
  }
  // What it has forgotten, and holds something of, it has again.
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

/** Whether others are members, too. */
function hasCompany(words: Int32Array, agent: number): boolean {
  let others = 0;
  eachAgent(words, (member) => {
    if (member !== agent) others++;
  });
  return others > 0;
}

/**
 * Of an arena that it forgot, an agent remembers only what it still has and no lock's word says; and the memory, where it
 * holds something: others may wait for that, and are to learn of its death. Where it has nothing, it is away.
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
