/**
 * An arena as one of its members has it: what every live object knows of the memory that it is in. It stands apart from
 * the ways of making an arena, so that a program that makes none has none of them in its bundle.
 */
import { shown } from '../arguments.js';
import { SyncError } from '../errors.js';
import { CLONING, HANDLE, type Handle, makeHandle } from './handle.js';
import { join, type Member } from './member.js';
import { agentName } from './owner.js';
import { bytesFree, capacityOf, DEFAULT_AGENTS, formatNew, idOf, isPacked, open } from './region.js';

/** Large, since nobody knows what will wait in it; what is never used takes no memory. */
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

  /** @internal What the calling agent is in it. */
  get member(): Member {
    return this.#member;
  }

  /** @internal The memory, as this agent's objects see it. */
  get words(): Int32Array {
    return this.#member.words;
  }

  /**
   * The calling agent's id in this arena: what lock words hold as owner, and what `retire` takes. It stays the same until
   * the agent ends. Send it to whoever watches over this agent, if it may be terminated.
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

  /** How many bytes of it no primitive has taken yet. */
  get bytesFree(): number {
    return bytesFree(this.words);
  }

  /** Whether primitives stand next to each other, without cache lines of their own. */
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

/** @throws TypeError when it is none: a primitive, say, which has one */
export function checkArena(arena: unknown): void {
  if (arena instanceof JoinedArena) return;
  throw new TypeError(`arena is an Arena of this copy of the package, as lock.arena is, not ${shown(arena)}`);
}

/** The arenas in the buffers that this agent has seen, so that the thousandth handle of an arena costs a look-up. */
const arenasOf = new WeakMap<SharedArrayBuffer, Map<number, WeakRef<JoinedArena>>>();

/** @returns the arena that a handle points to, if one is there; it formats nothing */
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

/** @throws SyncError where memory cannot be shared between workers, rather than a DataCloneError later on */
export function checkSharedMemory(): void {
  if (typeof SharedArrayBuffer === 'undefined' || globalThis.crossOriginIsolated === false) {
    throw new SyncError(
      'ERR_NO_SHARED_MEMORY',
      'shared memory needs a page that is cross-origin isolated; serve it and its workers with ' +
        'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
    );
  }
}

let current: JoinedArena | undefined;

/** The arena in which this agent's primitives are made when none is chosen. */
export const defaultArena = (): JoinedArena => (current ??= nextDefaultArena(0));

/**
 * Opens a new default arena, where the one before has no room.
 *
 * @param bytes how much room is wanted
 */
export function nextDefaultArena(bytes: number): JoinedArena {
  checkSharedMemory();
  const byteLength = DEFAULT_BYTES + (bytes > DEFAULT_BYTES / 2 ? bytes : 0);
  current = new JoinedArena(join(formatNew(byteLength, { agents: DEFAULT_AGENTS, packed: false })));
  return current;
}
