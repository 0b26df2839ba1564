import { Arena, defaultArena, nextDefaultArena } from './arena.js';
import { checkOptions } from './arguments.js';
import { SyncError } from './errors.js';
import { badHandle, HANDLE, type Handle, makeHandle } from './handle.js';
import { allocate, bytesFree, cellNumber, isCell, type Kind, lengthOf } from './layout.js';
import { OWNER_SHIFT } from './owner.js';
import { roomForWaits } from './records.js';

/** Where a primitive is made. */
export interface PlaceOptions {
  /** The arena to live in; by default the calling agent's current one. */
  arena?: Arena | undefined;
}

/** A cell that exists already, as `attach` gives it to a primitive's constructor. */
export class Place {
  constructor(
    readonly arena: Arena,
    readonly cell: number,
  ) {}
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** What every primitive is: a cell in an arena, and a live object of it in each agent. */
export abstract class SharedObject {
  /** The arena it lives in. */
  readonly arena: Arena;
  /** @internal The index of its cell. */
  readonly cell: number;
  readonly #kind: Kind;

  /**
   * @internal
   * @param kind what its cell is made of
   * @param where a new cell's arena, or the cell to attach to
   */
  protected constructor(kind: Kind, where: PlaceOptions | Place) {
    const { arena, cell } = where instanceof Place ? checkPlace(kind, where) : newPlace(kind, where);
    this.arena = arena;
    this.cell = cell;
    this.#kind = kind;
  }

  /** @internal Its name for people: kind and number in its arena. */
  protected get label(): string {
    return `${this.#kind.name}#${cellNumber(this.arena.words, this.cell)}`;
  }

  /** @internal The calling agent as owner words name it. */
  protected get ownerWord(): number {
    return this.arena.agentId << OWNER_SHIFT;
  }

  /** @internal */
  [HANDLE](): Handle {
    return makeHandle(this.#kind.name, this.arena.words, this.cell);
  }

  /** @returns kind, id, state, owner and waiters, for people */
  abstract toString(): string;

  /** @internal What `console.log` shows. */
  [INSPECT](): string {
    return this.toString();
  }
}

function newPlace(kind: Kind, options: PlaceOptions): Place {
  const arena = chosenArena(options);
  if (arena !== undefined) {
    const cell = allocate(arena.words, kind);
    if (cell === 0) throw fullArena(arena, kind);
    return new Place(arena, cell);
  }
  const current = defaultArena();
  const { words } = current;
  // Nobody chose this arena's size; so it keeps room for what is made in it later on, the records of waits above all.
  const isFull = bytesFree(words) < (lengthOf(words, kind) + roomForWaits(words)) * 4;
  const cell = isFull ? 0 : allocate(words, kind);
  if (cell !== 0) return new Place(current, cell);
  const next = nextDefaultArena();
  return new Place(next, allocate(next.words, kind));
}

function chosenArena(options: PlaceOptions): Arena | undefined {
  checkOptions(options);
  const { arena } = options;
  if (arena === undefined || arena instanceof Arena) return arena;
  throw new TypeError('arena is an Arena of this copy of the package');
}

/** @throws SyncError `ERR_ARENA_FULL` when there is a chosen arena, and not both fit in; what `new` throws, too */
export function checkRoomForBoth(first: Kind, second: Kind, options: PlaceOptions): void {
  const arena = chosenArena(options);
  if (arena === undefined) return;
  const { words, bytesFree } = arena;
  if (bytesFree < (lengthOf(words, first) + lengthOf(words, second)) * 4) throw fullArena(arena, second);
}

const fullArena = (arena: Arena, kind: Kind): SyncError =>
  new SyncError(
    'ERR_ARENA_FULL',
    `no room for a ${kind.name} in this arena: ${arena.bytesFree} of ${arena.byteLength} bytes are free, ` +
      'and it takes more; make a larger one ({ byteLength: … })',
  );

function checkPlace(kind: Kind, place: Place): Place {
  if (!isCell(place.arena.words, place.cell, kind)) throw badHandle(kind.name);
  return place;
}
