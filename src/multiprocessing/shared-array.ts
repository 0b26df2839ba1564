/**
 * An array of numbers in shared memory. They are in memory of their own, which travels with the handle.
 *
 * ```text
 * cell    0   descriptor
 *         1   LOCK_CELL  the cell of its lock, or 0   \
 *         2   TYPE       its type's number             | written once
 *         4   LENGTH     how many elements             |
 *         5   MEMORY     a word of the memory's id    /
 *
 * memory  0   which memory it is: see ring/memories.ts
 *        16   bytes on: the elements
 * ```
 */
import { checkInteger } from '../core/arguments.js';
import { type Kind, PLAIN } from '../core/memory/cells.js';
import { ARRAY_CODE } from '../core/memory/codes.js';
import { HANDLE } from '../core/memory/handle.js';
import { checkSharedMemory } from '../core/memory/shared-memory.js';
import { Place } from '../core/share/place.js';
import { Locked, type LockedOptions, OWN, TYPE } from './locked.js';
import { know } from './ring/items.js';
import { giveIdentity, IDENTITY_BYTES, learn, type MemoryHandle, memoryIn, memoryWord } from './ring/memories.js';
import {
  type ArrayOf,
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

const LENGTH = OWN;
const MEMORY = LENGTH + 1;
/** Where the elements begin: a multiple of the largest element's size. */
const ELEMENTS = Math.ceil(IDENTITY_BYTES / 8) * 8;
/** The most elements. */
const MAX_LENGTH = 2 ** 31 - 1;

/**
 * Numbers that agents share: Python's `multiprocessing.Array`, exported as `Array`.
 *
 * `view` is a typed array over the shared memory itself, for all that typed arrays can do; `get` and `set` check the
 * index, and access integers by Atomics.
 *
 * @example
 * ```ts
 * import { Array as SharedArray } from 'atomics-sync-free/multiprocessing';
 * const board = new SharedArray('float64', [1, 2, 3]);
 * board.set(1, 2.5);
 * board.withLock(({ view }) => view.sort((a, b) => b - a));
 * console.log([...board], board.length); // [ 3, 2.5, 1 ] 3
 * ```
 */
export class SharedArray<Type extends ElementType = ElementType> extends Locked {
  /** @internal */
  static override readonly kind: Kind = {
    name: 'SharedArray',
    code: ARRAY_CODE,
    gates: 0,
    role: PLAIN,
    words: MEMORY + 1,
  };

  static {
    know(SharedArray);
  }

  readonly #memory: SharedArrayBuffer;
  readonly #array: TypedArray;
  readonly #type: number;

  /**
   * Makes an array.
   *
   * @param type by a name, such as `int32`, or a code of Python's ctypes, such as `i`
   * @param content how many elements, which are 0 at first; or the elements
   * @param options where its lock lives, and whether it has one
   * @throws TypeError when the type is none of those, an element is not of that type, or an option is invalid
   * @throws RangeError when the number of elements is not a whole number of 0 or more, or there is no memory for that
   *   many
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(type: Type, content: number | Iterable<ElementOf<Type>>, options?: LockedOptions);
  /** @internal A live object of an array that exists. */
  constructor(place: Place);
  constructor(type: Type | Place, content: number | Iterable<ElementOf<Type>> = 0, options: LockedOptions = {}) {
    const made = type instanceof Place ? undefined : make(typeNumber(type), content);
    super(type instanceof Place ? type : options);
    const { words } = this.arena;
    if (made !== undefined) {
      Atomics.store(words, this.cell + TYPE, made.type);
      Atomics.store(words, this.cell + LENGTH, made.length);
      Atomics.store(words, this.cell + MEMORY, memoryWord(made.memory));
    }
    const length = Atomics.load(words, this.cell + LENGTH);
    this.#type = Atomics.load(words, this.cell + TYPE);
    const bytes = isTypeNumber(this.#type) ? length * classOfType(this.#type).BYTES_PER_ELEMENT : Infinity;
    this.#memory = made?.memory ?? memoryIn(type as Place, 0, words[this.cell + MEMORY], ELEMENTS + bytes);
    this.#array = new (classOfType(this.#type))(this.#memory, ELEMENTS, length);
    learn(this.#memory);
    // `array[0] = 1` is an error: it would set a property of this object, which nobody else sees.
    if (new.target === SharedArray) Object.preventExtensions(this);
  }

  /** @internal */
  override [HANDLE](): MemoryHandle {
    return { ...super[HANDLE](), memory: [this.#memory] };
  }

  /** The type of its elements. */
  get type(): TypeName {
    return nameOfType(this.#type);
  }

  /** How many elements it has. */
  get length(): number {
    return this.#array.length;
  }

  /** A typed array over the shared memory itself: what is written there is seen by all. */
  get view(): ArrayOf<Type> {
    return this.#array as ArrayOf<Type>;
  }

  /**
   * @param index 0 … length − 1; a negative one counts from the end
   * @returns the element
   * @throws TypeError or RangeError when there is no such element
   */
  get(index: number): ElementOf<Type> {
    return read(this.#array, this.#at(index), this.#type) as ElementOf<Type>;
  }

  /**
   * Sets an element. What does not fit wraps, as in a typed array.
   *
   * @param index 0 … length − 1; a negative one counts from the end
   * @param value a number, or a bigint where the type has those
   * @throws TypeError or RangeError when there is no such element, or the value is not of the type
   */
  set(index: number, value: ElementOf<Type>): void {
    write(this.#array, this.#at(index), this.#type, value);
  }

  #at(index: number): number {
    const { length } = this.#array;
    checkInteger('index', index, -length, length - 1);
    return index < 0 ? index + length : index;
  }

  /** @returns the elements, each read when the iteration reaches it */
  *[Symbol.iterator](): Generator<ElementOf<Type>, void, undefined> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }

  /** @returns kind, number, type and length, for people */
  override toString(): string {
    return `${this.label} (${this.length} of ${this.type})`;
  }
}

interface Made {
  readonly type: number;
  readonly length: number;
  readonly memory: SharedArrayBuffer;
}

function make(type: number, content: number | Iterable<number | bigint>): Made {
  const given = typeof content === 'object' && content !== null ? [...content] : undefined;
  const elements = given ?? [];
  for (const element of elements) checkElement(type, element);
  const length = given?.length ?? (content as number);
  checkInteger('the number of elements', length, 0, MAX_LENGTH);
  checkSharedMemory();
  const memory = new SharedArrayBuffer(ELEMENTS + length * classOfType(type).BYTES_PER_ELEMENT);
  giveIdentity(memory);
  const array = new (classOfType(type))(memory, ELEMENTS, length);
  for (const [i, element] of elements.entries()) array[i] = element as never;
  return { type, length, memory };
}
