/** Creation of arenas, for users who choose the memory that primitives live in. */
import { checkFields, checkInteger, type Fields } from '../arguments.js';
import { SyncError } from '../errors.js';
import { JoinedArena } from './joined-arena.js';
import { join } from './member.js';
import {
  checkGeometry,
  checkRoom,
  DEFAULT_AGENTS,
  formatNew,
  formatOrOpen,
  type Geometry,
  MAX_BYTES,
  MIN_BYTES,
} from './region.js';
import { checkSharedMemory } from './shared-memory.js';

/** Options of a new arena. */
export interface ArenaOptions {
  /** Size in bytes, 1,024 … 2³¹ − 64, a multiple of 4; 65,536 by default. */
  byteLength?: number | undefined;
  /** How many agents can be members at the same time, 1 … 1,023; 128 by default. Each slot takes 64 bytes. */
  agents?: number | undefined;
  /**
   * Packs primitives next to each other (16-byte grains) instead of giving each its own cache lines (64 bytes): for many
   * rarely contended primitives. False by default.
   */
  packed?: boolean | undefined;
}

/** Options of a new arena in the caller's memory; an existing arena keeps its own. */
export type RegionOptions = Omit<ArenaOptions, 'byteLength'>;

const REGION_FIELDS: Fields<RegionOptions> = { agents: true, packed: true };
const FIELDS: Fields<ArenaOptions> = { agents: true, packed: true, byteLength: true };

const DEFAULT_BYTES = 65_536;
const ALIGNMENT = 64;

/**
 * A piece of shared memory that holds primitives, and the agents that use them.
 *
 * Most programs never create one: `new Lock()` uses the calling agent's default arena. Create one to keep many primitives
 * together, to choose their density, or to place them in memory of your own. An arena that no agent refers to any more is
 * garbage-collected with everything in it.
 *
 * @example
 * ```ts
 * import { Arena, Lock } from 'atomics-sync-free';
 * const arena = new Arena({ byteLength: 1 << 20, agents: 64 });
 * const locks = Array.from({ length: 1000 }, () => new Lock({ arena }));
 * console.log(locks.every((lock) => lock.arena === arena)); // true
 * ```
 */
export class Arena extends JoinedArena {
  /**
   * Creates an arena in new memory.
   *
   * @param options its size and geometry
   * @throws TypeError or RangeError when an option is invalid
   * @throws SyncError `ERR_NO_SHARED_MEMORY` where there is no SharedArrayBuffer; `ERR_ARENA_SIZE` when `agents` slots
   *   do not fit into `byteLength` bytes
   */
  constructor(options: ArenaOptions = {}) {
    checkFields('Arena', options, FIELDS);
    const { byteLength = DEFAULT_BYTES } = options;
    checkInteger('byteLength', byteLength, MIN_BYTES, MAX_BYTES);
    if (byteLength % 4 !== 0) throw new RangeError(`byteLength must be a multiple of 4, not ${byteLength}`);
    const geometry = geometryOf(options);
    checkSharedMemory();
    checkRoom(geometry.agents, byteLength);
    super(join(formatNew(byteLength, geometry)));
    // All arenas have one class, so that deep comparison does not distinguish them by how they were obtained.
    Object.setPrototypeOf(this, JoinedArena.prototype);
  }

  /**
   * Places an arena in memory that the caller owns, such as a WebAssembly memory: formats an all-zero region, exactly once
   * however many agents call this at the same time, or opens the arena that is there.
   *
   * @param buffer the memory
   * @param byteOffset where the region starts; a multiple of 64
   * @param byteLength its length in bytes; a multiple of 4; to the end of the buffer by default
   * @param options the geometry of a new arena
   * @returns the arena
   * @throws TypeError or RangeError when an argument is invalid
   * @throws SyncError `ERR_ARENA_ALIGNMENT`, `ERR_ARENA_SIZE`, `ERR_ARENA_MAGIC`, `ERR_ARENA_VERSION`,
   *   `ERR_ARENA_COPY` or `ERR_NO_SLOT`; in these cases nothing is written
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
      throw new TypeError(
        'an arena must be placed in a SharedArrayBuffer (a WebAssembly.Memory has one when it is shared)',
      );
    }
    checkFields('Arena.over', options, REGION_FIELDS);
    const geometry = geometryOf(options);
    checkInteger('byteOffset', byteOffset, 0, buffer.byteLength);
    if (byteOffset % ALIGNMENT !== 0) {
      throw new SyncError(
        'ERR_ARENA_ALIGNMENT',
        `byteOffset ${byteOffset} is not a multiple of ${ALIGNMENT}, the alignment of cache lines`,
      );
    }
    const rest = buffer.byteLength - byteOffset;
    const length = byteLength ?? Math.min(rest - (rest % 4), MAX_BYTES);
    checkInteger('byteLength', length, 0, rest);
    if (length < MIN_BYTES || length > MAX_BYTES || length % 4 !== 0) {
      throw new SyncError(
        'ERR_ARENA_SIZE',
        `an arena must have ${MIN_BYTES} to ${MAX_BYTES} bytes, a multiple of 4, but the region has ${length}`,
      );
    }
    return new JoinedArena(join(formatOrOpen(new Int32Array(buffer, byteOffset, length / 4), geometry)));
  }

  /** @internal Whether it is an arena, including one received from another agent or a default one. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof JoinedArena;
  }
}

const geometryOf = ({ agents = DEFAULT_AGENTS, packed = false }: RegionOptions): Geometry => {
  const geometry = { agents, packed };
  checkGeometry(geometry);
  return geometry;
};
