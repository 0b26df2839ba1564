/** The base of every primitive: a cell in an arena, and a live object for it in each agent. */
import { withArticle } from '../article.js';
import { type ErrorCode, SyncError } from '../errors.js';
import type { Arena } from '../memory/arena.js';
import { allocate, cellNumber, type Kind, lengthOf } from '../memory/cells.js';
import { CLONING, HANDLE, type Handle, makeHandle } from '../memory/handle.js';
import { checkArena, defaultArena, nextDefaultArena } from '../memory/joined-arena.js';
import { checkName, roomForName, setName } from '../memory/names.js';
import { roomForWaits } from '../memory/records.js';
import { learnWhetherBlockingIsAllowed } from '../wait/sleep.js';
import { Place, type PlaceOptions } from './place.js';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** The base class of all primitives: a place in shared memory, and a text that describes their state. */
export abstract class SharedObject {
  /** @internal The layout of the class's cells. */
  static readonly kind: Kind;
  /** @internal */
  protected readonly cloning = CLONING;
  readonly #arena: Arena;
  readonly #cell: number;
  readonly #kind: Kind;

  /**
   * @internal
   * @param where a new cell's arena, which its class has checked, or the cell to attach to
   * @param extra how many words of its arena the primitive takes besides its cell
   */
  protected constructor(where: PlaceOptions | Place, extra = 0) {
    const { kind } = new.target;
    const { arena, cell } = where instanceof Place ? where : namedPlace(kind, where, extra);
    this.#arena = arena;
    this.#cell = cell;
    this.#kind = kind;
    learnWhetherBlockingIsAllowed();
  }

  /** The arena it lives in. */
  get arena(): Arena {
    return this.#arena;
  }

  /** @internal The index of its cell. */
  get cell(): number {
    return this.#cell;
  }

  /** @internal Its label for human readers: kind and number in its arena. */
  get label(): string {
    return `${this.#kind.name}#${cellNumber(this.#arena.words, this.#cell)}`;
  }

  /** @internal An error about it, for code that stands in for it: the checker. */
  errorOf(code: ErrorCode, message: string): SyncError {
    return new SyncError(code, message);
  }

  /** @internal */
  [HANDLE](): Handle {
    return makeHandle(this.#kind.name, this.#arena.words, this.#cell);
  }

  /** @returns kind, id, state, owner and waiters, for human readers */
  abstract toString(): string;

  /** @internal What `JSON.stringify` shows: JSON cannot carry a primitive; `share` can. */
  toJSON(): string {
    return this.toString();
  }

  /** @internal What `console.log` shows. */
  [INSPECT](): string {
    return this.toString();
  }
}

function namedPlace(kind: Kind, options: PlaceOptions, extra: number): Place {
  const { name } = options;
  if (name === undefined) return newPlace(kind, options, extra);
  checkName(name);
  const place = newPlace(kind, options, extra + roomForName(name));
  setName(place.arena.words, place.cell, name);
  return place;
}

function newPlace(kind: Kind, options: PlaceOptions, extra: number): Place {
  const arena = chosenArena(options);
  if (arena !== undefined) {
    const cell = extra > 0 && !hasRoom(arena, kind, extra) ? 0 : allocate(arena.words, kind);
    if (cell === 0) throw fullArena(arena, kind);
    return new Place(arena, cell);
  }
  const current = defaultArena();
  const { words } = current;
  // Nobody chose this arena's size, so it keeps room for what is created in it later, above all for records of waits.
  const bytes = (lengthOf(words, kind.words) + extra) * 4 + roomForWaits(words);
  const cell = current.bytesFree < bytes ? 0 : allocate(words, kind);
  if (cell !== 0) return new Place(current, cell);
  const next = nextDefaultArena(bytes);
  return new Place(next, allocate(next.words, kind));
}

function chosenArena(options: PlaceOptions): Arena | undefined {
  const { arena } = options;
  if (arena !== undefined) checkArena(arena);
  return arena;
}

/** @throws SyncError `ERR_ARENA_FULL` when an arena was chosen and the two do not both fit; `new` throws the same */
export function checkRoomForBoth(first: Kind, second: Kind, options: PlaceOptions): void {
  const arena = chosenArena(options);
  const { name } = options;
  if (name !== undefined) checkName(name);
  const names = name === undefined ? 0 : 2 * roomForName(name);
  if (arena !== undefined && !hasRoom(arena, second, lengthOf(arena.words, first.words) + names))
    throw fullArena(arena, second);
}

/** @param extra how many words are needed besides the cell */
const hasRoom = (arena: Arena, kind: Kind, extra: number): boolean =>
  arena.bytesFree >= (lengthOf(arena.words, kind.words) + extra) * 4;

const fullArena = (arena: Arena, kind: Kind): SyncError =>
  new SyncError(
    'ERR_ARENA_FULL',
    `no room for ${withArticle(kind.name)}: ${arena.bytesFree} of ${arena.byteLength} bytes of this arena are free; make it with more ` +
      '({ byteLength })',
  );
