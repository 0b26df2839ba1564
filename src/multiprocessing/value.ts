/**
 * One number in shared memory.
 *
 * ```text
 * cell   0     descriptor
 *        1     LOCK_CELL  the cell of its lock, or 0; written once
 *        2     TYPE       its type's number; written once
 *        4, 5  the number, as a typed array of that type has it
 * ```
 */
import { type Kind, PLAIN } from '../core/memory/cells.js';
import { VALUE_CODE } from '../core/memory/codes.js';
import { badHandle } from '../core/memory/handle.js';
import { Place } from '../core/share/place.js';
import { Locked, type LockedOptions, OWN, TYPE } from './locked.js';
import { know } from './ring/items.js';
import {
  checkElement,
  classOfType,
  type ElementOf,
  type ElementType,
  isTypeNumber,
  nameOfType,
  read,
  type TypedArray,
  type TypeName,
  typeNumber,
  write,
} from './types.js';

/**
 * A number that agents share: Python's `multiprocessing.Value`.
 *
 * Reading and setting it are one step each. Use `withLock` for what takes two, such as adding.
 *
 * @example
 * ```ts
 * import { Value } from 'atomics-sync-free/multiprocessing';
 * const counter = new Value('int32', 40);
 * counter.withLock((counter) => {
 *   counter.value += 2;
 * });
 * console.log(counter.value); // 42
 * ```
 */
export class Value<Type extends ElementType = ElementType> extends Locked {
  /** @internal */
  static override readonly kind: Kind = { name: 'Value', code: VALUE_CODE, gates: 0, role: PLAIN, words: OWN + 2 };

  static {
    know(Value);
  }

  readonly #array: TypedArray;
  readonly #type: number;

  /**
   * Makes a value.
   *
   * @param type by a name, such as `int32`, or a code of Python's ctypes, such as `i`
   * @param initial its initial value; 0 by default
   * @param options where it lives, and whether it has a lock
   * @throws TypeError when the type is none of those, the value is not of that type, or an option is invalid
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(type: Type, initial?: ElementOf<Type>, options?: LockedOptions);
  /** @internal A live object of a value that exists. */
  constructor(place: Place);
  constructor(type: Type | Place, initial?: ElementOf<Type>, options: LockedOptions = {}) {
    const given = type instanceof Place ? 0 : typeNumber(type);
    if (initial !== undefined) checkElement(given, initial);
    super(type instanceof Place ? type : options);
    const { words } = this.arena;
    if (!(type instanceof Place)) Atomics.store(words, this.cell + TYPE, given);
    this.#type = Atomics.load(words, this.cell + TYPE);
    if (!isTypeNumber(this.#type)) throw badHandle(Value.kind.name);
    const offset = words.byteOffset + 4 * (this.cell + OWN);
    this.#array = new (classOfType(this.#type))(words.buffer, offset, 1);
    if (initial !== undefined) this.value = initial;
  }

  /** Its type. */
  get type(): TypeName {
    return nameOfType(this.#type);
  }

  /** Its present value. */
  get value(): ElementOf<Type> {
    return read(this.#array, 0, this.#type) as ElementOf<Type>;
  }

  /**
   * Sets it. What does not fit wraps, as in a typed array.
   *
   * @throws TypeError when it is not of the type: 64-bit integers take a bigint, others a whole number, floats any
   *   number
   */
  set value(value: ElementOf<Type>) {
    write(this.#array, 0, this.#type, value);
  }

  /** @returns kind, number, type and value, for people */
  override toString(): string {
    return `${this.label} (${this.type} ${this.value})`;
  }
}
