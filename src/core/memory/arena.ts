/**
 * Arenas: the memory that primitives live in, for those who choose it; and the default arena, for those who do not.
 */
import { checkInteger, checkOptions } from '../arguments.js';
import { SyncError } from '../errors.js';
import { CLONING, HANDLE, type Handle, makeHandle } from './handle.js';
import { isMember, join, type Member } from './member.js';
import { agentName } from './owner.js';
import {
  bytesFree,
  capacityOf,
  checkGeometry,
  format,
  formatOrOpen,
  type Geometry,
  idOf,
  isPacked,
  MAX_BYTES,
  MIN_BYTES,
  open,
} from './region.js';

/** What a new arena is like. */
export interface ArenaOptions {
  /** Size in bytes, 1,024 … 2³¹ − 64; 65,536 by default. */
  byteLength?: number;
  /** How many agents can be members at one time, 1 … 1,024; 128 by default. Each slot takes 64 bytes. */
  agents?: number;
  /**
   * Puts primitives next to each other (16-byte grains) instead of each on cache lines of its own (64 bytes): for
   * many primitives that are rarely contended. False by default.
   */
  packed?: boolean;
}

/** What an arena made in the caller's memory is like; an arena that stands there already keeps its own. */
export type RegionOptions = Omit<ArenaOptions, 'byteLength'>;

const DEFAULT_BYTES = 65_536;
/** The default arena is larger, since nobody knows what will wait in it; what is never used takes no memory. */
const SHARED_BYTES = 2 ** 20;
const DEFAULT_AGENTS = 128;
const ALIGNMENT = 64;

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * A piece of shared memory that primitives live in, and the agents that use them.
 *
 * Most programs never make one: `new Lock()` uses the calling agent's default arena. Make one to keep many
 * primitives together, to choose their density, or to place them in memory of your own. An arena that no agent
 * refers to any more is garbage, with everything in it.
 *
 * @example
 * ```ts
 * import { Arena, Lock } from 'atomics-sync-free';
 * const arena = new Arena({ byteLength: 1 << 20, agents: 64 });
 * const locks = Array.from({ length: 1000 }, () => new Lock({ arena }));
 * console.log(locks.every((lock) => lock.arena === arena)); // true
 * ```
 */
export class Arena {
  /** @internal */
  protected readonly cloning = CLONING;
  readonly #member: Member;

  /**
   * Makes an arena in new memory.
   *
   * @param options its size and geometry
   * @throws TypeError or RangeError when an option is not what it must be
   * @throws SyncError `ERR_NO_SHARED_MEMORY` where there is no SharedArrayBuffer; `ERR_ARENA_SIZE` when `agents` slots
   *   do not fit into `byteLength` bytes
   */
  constructor(options?: ArenaOptions);
  /** @internal An arena as one of its members sees it. */
  constructor(member: Member);
  constructor(options: ArenaOptions | Member = {}) {
    this.#member = isMember(options) ? options : create(options);
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

  /**
   * Places an arena in memory that the caller owns (a WebAssembly memory, say): formats a region of zeros, exactly
   * once however many agents do it at the same time, or opens the arena that stands there.
   *
   * @param buffer the memory
   * @param byteOffset where the region starts; a multiple of 64
   * @param byteLength how long it is, in bytes; a multiple of 4; to the end of the buffer by default
   * @param options the geometry of a new arena
   * @returns the arena
   * @throws TypeError or RangeError when an argument is not what it must be
   * @throws SyncError `ERR_ARENA_ALIGNMENT`, `ERR_ARENA_SIZE`, `ERR_ARENA_MAGIC`, `ERR_ARENA_VERSION`,
   *   `ERR_ARENA_COPY` or `ERR_NO_SLOT`; nothing is written then
   *
   * @example
   * ```ts
   * import { Arena, Lock } from 'atomics-sync-free';
   * const memory = new WebAssembly.Memory({ initial: 1, maximum: 10, shared: true });
   * const buffer = memory.buffer as ArrayBufferLike as SharedArrayBuffer;
   * const arena = Arena.over(buffer, 1024, 16_384, { agents: 16 });
   * const lock = new Lock({ arena });
   * console.log(arena.byteLength, lock.arena.agentId === arena.agentId); // 16384 true
   * ```
   */
  static over(buffer: SharedArrayBuffer, byteOffset = 0, byteLength?: number, options: RegionOptions = {}): Arena {
    if (Object.prototype.toString.call(buffer) !== '[object SharedArrayBuffer]') {
      throw new TypeError('an arena is placed in a SharedArrayBuffer (a WebAssembly.Memory has one when it is shared)');
    }
    checkOptions(options);
    const geometry = geometryOf(options);
    checkInteger('byteOffset', byteOffset, 0, buffer.byteLength);
    if (byteOffset % ALIGNMENT !== 0) {
      throw new SyncError(
        'ERR_ARENA_ALIGNMENT',
        `byteOffset ${byteOffset} is not a multiple of ${ALIGNMENT}, as cache lines need it`,
      );
    }
    const rest = buffer.byteLength - byteOffset;
    const length = byteLength ?? Math.min(rest - (rest % 4), MAX_BYTES);
    checkInteger('byteLength', length, 0, rest);
    if (length < MIN_BYTES || length > MAX_BYTES || length % 4 !== 0) {
      throw new SyncError(
        'ERR_ARENA_SIZE',
        `an arena has ${MIN_BYTES} to ${MAX_BYTES} bytes, a multiple of 4, and the region has ${length}`,
      );
    }
    return new Arena(join(formatOrOpen(new Int32Array(buffer, byteOffset, length / 4), geometry)));
  }

  /** @internal The arena that a handle points to, if one is there; unlike `over`, it formats nothing. */
  static at(buffer: SharedArrayBuffer, byteOffset: number, byteLength: number): Arena | undefined {
    const arenas = arenasOf.get(buffer) ?? new Map<number, WeakRef<Arena>>();
    const known = arenas.get(byteOffset)?.deref();
    if (known !== undefined) return known.byteLength === byteLength ? known : undefined;
    const words = open(new Int32Array(buffer, byteOffset, byteLength / 4));
    if (words === undefined) return undefined;
    const arena = new Arena(join(words));
    arenasOf.set(buffer, arenas.set(byteOffset, new WeakRef(arena)));
    return arena;
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

  /** @returns kind, id and state, for people */
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

const geometryOf = ({ agents = DEFAULT_AGENTS, packed = false }: RegionOptions): Geometry => {
  const geometry = { agents, packed };
  checkGeometry(geometry);
  return geometry;
};

function create(options: ArenaOptions): Member {
  checkOptions(options);
  const { byteLength = DEFAULT_BYTES } = options;
  checkInteger('byteLength', byteLength, MIN_BYTES, MAX_BYTES);
  if (byteLength % 4 !== 0) throw new RangeError(`byteLength is a multiple of 4, not ${byteLength}`);
  const geometry = geometryOf(options);
  checkSharedMemory();
  return join(format(new Int32Array(new SharedArrayBuffer(byteLength)), geometry));
}

/** The arenas in the buffers that this agent has seen, so that the thousandth handle of an arena costs a look-up. */
const arenasOf = new WeakMap<SharedArrayBuffer, Map<number, WeakRef<Arena>>>();

/** @throws SyncError where memory cannot be shared between workers, rather than a DataCloneError later on */
export function checkSharedMemory(): void {
  if (typeof SharedArrayBuffer === 'undefined' || globalThis.crossOriginIsolated === false) {
    throw new SyncError(
      'ERR_NO_SHARED_MEMORY',
      'this page cannot share memory with workers: it is not cross-origin isolated. Serve it, and its worker scripts, ' +
        'with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
    );
  }
}

let current: Arena | undefined;

/** The arena in which this agent's primitives are made when none is chosen. */
export const defaultArena = (): Arena => (current ??= nextDefaultArena(0));

/**
 * Opens a new default arena, where the one before has no room.
 *
 * @param bytes how much room is wanted
 */
export function nextDefaultArena(bytes: number): Arena {
  current = new Arena({ byteLength: SHARED_BYTES + (bytes > SHARED_BYTES / 2 ? bytes : 0) });
  return current;
}
