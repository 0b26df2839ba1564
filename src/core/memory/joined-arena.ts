/**
 * An arena as seen by one of its members: what every live object knows of its memory. Separate from the code that creates
 * arenas, so that a program that creates none has none of it in its bundle.
 */
import { shown } from '../arguments.js';
import { CLONING, HANDLE, type Handle, makeHandle } from './handle.js';
import { join, type Member } from './member.js';
import { agentName } from './owner.js';
import { bytesFree, capacityOf, DEFAULT_AGENTS, formatNew, idOf, isPacked, open } from './region.js';
import { checkSharedMemory } from './shared-memory.js';

/** Large, because nobody knows what will wait in it; the unused part takes no memory. */
const DEFAULT_BYTES = 2 ** 20;

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** An arena that the calling agent is a member of. */
export class JoinedArena {
  /** @internal */
  protected readonly cloning = CLONING;
  readonly #member: Member;

  /** @internal */
  constructor(member: Member) {
    this.#member = member;
  }

  /** @internal The calling agent's membership. */
  get member(): Member {
    return this.#member;
  }

  /** @internal The memory, as this agent's objects see it. */
  get words(): Int32Array {
    return this.#member.words;
  }

  /**
   * The calling agent's id in this arena: the owner in lock words, and the argument of `retire`. It stays the same until
   * the agent ends. If this agent may be terminated, send it to the one that watches over it.
   */
  get agentId(): number {
    return this.#member.agent;
  }

  /** Its identity: 32 hexadecimal digits. */
  get id(): string {
    return idOf(this.words);
  }

  /** Its size in bytes. */
  get byteLength(): number {
    return capacityOf(this.words);
  }

  /** The number of bytes that no primitive has taken yet. */
  get bytesFree(): number {
    return bytesFree(this.words);
  }

  /** Whether primitives are packed next to each other, without cache lines of their own. */
  get packed(): boolean {
    return isPacked(this.words);
  }

  /** @internal */
  [HANDLE](): Handle {
    return makeHandle('Arena', this.words, 0);
  }

  /** @returns kind, id and state, for human readers */
  toString(): string {
    return `Arena#${this.id.slice(0, 8)} (${this.byteLength} bytes, ${this.bytesFree} free; here ${agentName(this.agentId)})`;
  }

  /** @internal What `JSON.stringify` shows. */
  toJSON(): string {
    return this.toString();
  }

  /** @internal What `console.log` shows. */
  [INSPECT](): string {
    return this.toString();
  }
}

/** @throws TypeError when it is not an Arena: a primitive, say, which has one */
export function checkArena(arena: unknown): void {
  if (arena instanceof JoinedArena) return;
  throw new TypeError(`arena must be an Arena of this copy of the package, as lock.arena is, not ${shown(arena)}`);
}

/** The arenas in the buffers that this agent has seen, so that the thousandth handle of an arena costs only a lookup. */
const arenasOf = new WeakMap<SharedArrayBuffer, Map<number, WeakRef<JoinedArena>>>();

/** @returns the arena that a handle points to, if there is one; it formats nothing */
export function arenaAt(buffer: SharedArrayBuffer, byteOffset: number, byteLength: number): JoinedArena | undefined {
  const arenas = arenasOf.get(buffer) ?? new Map<number, WeakRef<JoinedArena>>();
  const known = arenas.get(byteOffset)?.deref();
  if (known !== undefined) return known.byteLength === byteLength ? known : undefined;
  const words = open(new Int32Array(buffer, byteOffset, byteLength / 4));
  if (words === undefined) return undefined;
  const arena = new JoinedArena(join(words));
  arenasOf.set(buffer, arenas.set(byteOffset, new WeakRef(arena)));
  return arena;
}

let current: JoinedArena | undefined;

/** The arena in which this agent's primitives are created when none is chosen. */
export const defaultArena = (): JoinedArena => (current ??= nextDefaultArena(0));

/**
 * Opens a new default arena when the previous one has no room.
 *
 * @param bytes how much room is needed
 */
export function nextDefaultArena(bytes: number): JoinedArena {
  checkSharedMemory();
  const byteLength = DEFAULT_BYTES + (bytes > DEFAULT_BYTES / 2 ? bytes : 0);
  current = new JoinedArena(join(formatNew(byteLength, { agents: DEFAULT_AGENTS, packed: false })));
  return current;
}
