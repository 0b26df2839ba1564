/** What Value and Array have in common: an optional lock beside the data. */
import { checkFields, checkFunction, type Fields, type WaitOptions } from '../core/arguments.js';
import { checkName, roomForName } from '../core/memory/names.js';
import { Place, type PlaceOptions } from '../core/share/place.js';
import { SharedObject } from '../core/share/shared-object.js';
import { RLock } from '../sync/rlock.js';

/** Options of a new Value or Array. */
export interface LockedOptions extends PlaceOptions {
  /**
   * A lock of its own (true), none (false), or an existing lock, in whose arena it then lives.
   */
  lock?: boolean | RLock | undefined;
}

const FIELDS: Fields<LockedOptions> = { arena: true, name: true, lock: true };

/** The cell of the lock, or 0. */
export const LOCK_CELL = 1;
export const TYPE = 2;
/** The first word that is the class's own. */
export const OWN = 4;

const LOCK_WORDS = 32;

/** Data, with a lock for changes that take more than one access. */
export abstract class Locked extends SharedObject {
  readonly #lock: RLock | undefined;

  /** @internal */
  protected constructor(where: LockedOptions | Place) {
    super(...placeOf(where));
    const { arena, cell } = this;
    const at = cell + LOCK_CELL;
    if (where instanceof Place) {
      const lock = Atomics.load(arena.words, at);
      this.#lock = lock === 0 ? undefined : new RLock(new Place(arena, lock));
    } else {
      const { lock, name } = where;
      this.#lock = lock === false ? undefined : lock instanceof RLock ? lock : new RLock({ arena, name });
      Atomics.store(arena.words, at, this.#lock?.cell ?? 0);
    }
  }

  /**
   * @returns the lock
   * @throws TypeError when it was made without one
   */
  getLock(): RLock {
    if (this.#lock === undefined) throw new TypeError(`${this.label} was made without a lock ({ lock: false })`);
    return this.#lock;
  }

  /**
   * Runs a function while holding the lock, for a change that depends on the present content.
   *
   * @param fn is given this object; it must be done with its work when it returns
   * @returns what it returns
   * @throws TypeError when there is no lock, or `fn` is not a function; what the function throws, after the release; and what acquiring the lock
   *   throws
   */
  withLock<R>(fn: (self: this) => R): R {
    checkFunction('fn', fn);
    return this.getLock().run(() => fn(this));
  }

  /**
   * Like `withLock`, without blocking the agent; the function may be async.
   *
   * @param fn is given this object
   * @param options when to give up waiting for the lock
   * @returns what it returns; rejected with what it throws, after the release, as the lock's `runAsync` is, and with a
   *   TypeError when there is no lock
   */
  async withLockAsync<R>(fn: (self: this) => R | PromiseLike<R>, options?: WaitOptions): Promise<R> {
    checkFunction('fn', fn);
    return this.getLock().runAsync(() => fn(this), options);
  }
}

function placeOf(where: LockedOptions | Place): [where: PlaceOptions | Place, extra: number] {
  if (where instanceof Place) return [where, 0];
  checkFields('what a lock guards', where, FIELDS);
  const { lock = true, arena, name } = where;
  if (name !== undefined) checkName(name);
  // Agents wait for the lock, so the lock has the name too.
  const room = LOCK_WORDS + (name === undefined ? 0 : roomForName(name));
  if (typeof lock === 'boolean') return [{ arena, name }, lock ? room : 0];
  if (!(lock instanceof RLock)) throw new TypeError('lock must be true, false or an RLock');
  if (arena !== undefined && arena !== lock.arena)
    throw new TypeError('arena must be that of the lock, if there is one');
  return [{ arena: lock.arena, name }, 0];
}
