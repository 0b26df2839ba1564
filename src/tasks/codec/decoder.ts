/**
 * Words to values: how each kind is decoded. format.ts defines the meaning of the words. Bytes may be damaged or forged:
 * each word is read once, and nothing that is read is called.
 */
import { withArticle } from '../../core/article.js';
import { SyncError } from '../../core/errors.js';
import { MARK } from '../../core/memory/handle.js';
import { copyOf } from './copy.js';
import { damaged, foreign, orDamaged } from './damage.js';
import { DOM_EXCEPTION, type Errors } from './errors.js';
import * as format from './format.js';
import { CONSTANTS, MORE_DEPTH } from './format.js';
import { isBuffer } from './kinds.js';
import type { Memory } from './memory.js';
import { type Layout, Layouts } from './names.js';
import { Reader } from './reader.js';

/** Where a reader gets live objects and their memory from. */
interface Sources {
  /** Returns the shared memory with this id; undefined where references to memory cannot occur. */
  readonly memory: ((id: number) => SharedArrayBuffer) | undefined;
  /** Makes a live object from its handle. */
  readonly attach: (handle: object) => object;
  readonly errors: Errors;
}

/** Deferred contents: the arguments with which `contents` is called. */
interface PutOff {
  readonly kind: number;
  readonly object: object;
  readonly count: number;
  readonly layout: Layout | undefined;
}

/** After a message with this many objects, their list is created anew for the next one. */
const MANY = 64;

/** The number of holes up to which an array is stored like one without. */
const SPARSE_AT_MOST = 64;

/** The last index that an array can have. */
const FAR = 2 ** 32 - 2;

/** Reads one message at a time; remembers strings and lists of keys from one message to the next. */
export class Decoder extends Reader {
  /** The objects of this message, by number; undefined for one that does not exist yet. */
  #objects: (object | undefined)[] = [];
  #count = 0;
  readonly #layouts: Layout[] = [];
  #layoutCount = 0;
  readonly #putOff: PutOff[] = [];
  #depth = 0;
  readonly #known = new Layouts();

  constructor(readonly sources: Sources) {
    super();
  }

  /**
   * @param at the first word, which is even
   * @param end the index after the last word of the message
   * @throws SyncError for bytes that are not a message, or are a damaged one
   */
  read(memory: Memory, at: number, end: number): unknown {
    this.use(memory, at, end);
    try {
      this.#header();
      const value = this.#value();
      for (let i = 0; i < this.#putOff.length; i++) {
        const { kind, object, count, layout } = this.#putOff[i];
        this.#contents(kind, object, count, layout);
      }
      this.finish();
      return value;
    } finally {
      this.#forget();
    }
  }

  #header(): void {
    if (this.left < 2) throw damaged('it is too short');
    const header = this.word();
    if (header !== format.HEADER) throw foreign(header);
  }

  #forget(): void {
    this.leave();
    if (this.#count > MANY) this.#objects = [];
    else for (let i = 0; i < this.#count; i++) this.#objects[i] = undefined;
    this.#count = 0;
    this.#layoutCount = 0;
    if (this.#putOff.length > 0) this.#putOff.length = 0;
    this.#depth = 0;
  }

  #value(): unknown {
    const head = this.word();
    if ((head & 1) === 0) return head >> 1;
    switch ((head >> 1) & 63) {
      case format.CONSTANT:
        if (head >>> 8 < CONSTANTS.length) return CONSTANTS[head >>> 8];
        throw damaged('there is no such constant');
      case format.DOUBLE:
        return this.double();
      case format.ASCII:
        return this.ascii(this.argument(head));
      case format.LATIN1:
        return this.latin1(this.argument(head));
      case format.UTF16:
        return this.utf16(this.argument(head));
      case format.BIGINT:
        return this.bigint(this.argument(head));
      case format.REFERENCE: {
        const number = this.argument(head);
        const object = number < this.#count ? this.#objects[number] : undefined;
        if (object === undefined) throw damaged('a reference leads nowhere');
        return object;
      }
      case format.SHAPED: {
        const layout = this.#layout(head >>> 8);
        this.#layouts[this.#layoutCount++] = layout;
        return this.#object(head, layout);
      }
      case format.SAME_SHAPE: {
        const number = head >>> 8;
        if (number >= this.#layoutCount) throw damaged('there is no such shape');
        return this.#object(head, this.#layouts[number]);
      }
      default:
        return this.#other(head);
    }
  }

  #other(head: number): unknown {
    const argument = this.argument(head);
    switch ((head >> 1) & 63) {
      case format.PAIRS:
        return this.#container(head, format.PAIRS, this.#add({}), this.atLeast(argument, 2));
      case format.ARRAY:
        return this.#container(head, format.ARRAY, this.#add(new Array(this.atLeast(argument, 1))), argument);
      case format.INTEGERS:
        return this.#add(this.integers(argument));
      case format.DOUBLES:
        return this.#add(this.doubles(argument));
      case format.SPARSE:
        return this.#sparse(head, argument);
      case format.MAP:
        return this.#container(head, format.MAP, this.#add(new Map()), this.atLeast(argument, 2));
      case format.SET:
        return this.#container(head, format.SET, this.#add(new Set()), this.atLeast(argument, 1));
      case format.DATE:
        return this.#add(new Date(this.double()));
      case format.REGEXP:
        return this.#regExp();
      case format.WRAPPER:
        return this.#wrapper();
      case format.ERROR:
        return this.#error(head, argument);
      case format.BUFFER:
        return this.#buffer(argument);
      case format.VIEW:
        return this.#view(argument);
      case format.SHARED:
        return this.#shared();
      case format.LIVE:
        return this.#live();
      default:
        throw damaged('there is no such kind of value');
    }
  }

  #string(): string {
    const value = this.#value();
    if (typeof value !== 'string') throw damaged('there is no string where one must be');
    return value;
  }

  #add<T extends object>(object: T): T {
    this.#objects[this.#count++] = object;
    return object;
  }

  /** @returns the number of an object that is created once its parts have been read */
  #reserve(): number {
    this.#objects[this.#count] = undefined;
    return this.#count++;
  }

  #layout(count: number): Layout {
    const hash = this.word();
    const head = this.word();
    const length = head >>> 8;
    if (head !== ((length << 8) | format.word(format.ASCII)) || length > format.SHAPE_LENGTH)
      throw damaged('keys are not a string');
    const words = (length + 3) >> 2;
    const first = this.take(words);
    const make = () => this.makeAscii(first * 4, length);
    const layout = this.#known.get(this.i32, count, hash, first, first + words, make);
    if (layout === undefined) throw damaged('keys do not match their hash');
    return layout;
  }

  #object(head: number, layout: Layout): object {
    const object = this.#add(new layout.Class());
    if (head & format.PUT_OFF) {
      this.#putOff.push({ kind: format.SHAPED, object, count: 0, layout });
      return object;
    }
    this.#deeper();
    this.#fields(object, layout);
    this.#depth--;
    return object;
  }

  #deeper(): void {
    if (++this.#depth > format.DEPTH + MORE_DEPTH) throw damaged('it is nested deeper than any message');
  }

  #fields(object: Record<string, unknown>, { keys, special }: Layout): void {
    if (special) {
      for (const key of keys) define(object, key, this.#value(), true);
    } else {
      for (let i = 0; i < keys.length; i++) object[keys[i]] = this.#value();
    }
  }

  #container<T extends object>(head: number, kind: number, object: T, count: number): T {
    if (head & format.PUT_OFF) {
      this.#putOff.push({ kind, object, count, layout: undefined });
      return object;
    }
    this.#deeper();
    this.#contents(kind, object, count, undefined);
    this.#depth--;
    return object;
  }

  #contents(kind: number, object: object, count: number, layout: Layout | undefined): void {
    switch (kind) {
      case format.SHAPED:
        this.#fields(object as Record<string, unknown>, layout as Layout);
        break;
      case format.ARRAY:
        for (let i = 0; i < count; i++) (object as unknown[])[i] = this.#value();
        break;
      case format.MAP:
        for (let i = 0; i < count; i++) {
          const key = this.#value();
          (object as Map<unknown, unknown>).set(key, this.#value());
        }
        break;
      case format.SET:
        for (let i = 0; i < count; i++) (object as Set<unknown>).add(this.#value());
        break;
      case format.ERROR:
        this.#errorContents(object as Error, count);
        break;
      default:
        this.#pairs(object, count);
    }
  }

  #pairs(object: object, count: number): void {
    for (let i = 0; i < count; i++) {
      const key = this.#string();
      define(object, key, this.#value(), true);
    }
  }

  #sparse(head: number, count: number): unknown[] {
    const length = this.word() >>> 0;
    const array: unknown[] = this.#add([]);
    // An item far beyond the others makes the engine keep them in a table, so that holes take no room.
    if (length > count * 4 + SPARSE_AT_MOST) {
      array[FAR] = 0;
      delete array[FAR];
    }
    array.length = length;
    return this.#container(head, format.SPARSE, array, this.atLeast(count, 2));
  }

  #regExp(): RegExp {
    const number = this.#reserve();
    const [source, flags] = [this.#string(), this.#string()];
    const made = orDamaged(() => new RegExp(source, flags));
    this.#objects[number] = made;
    return made;
  }

  #wrapper(): object {
    const number = this.#reserve();
    this.#deeper();
    const value = this.#value();
    this.#depth--;
    if (typeof value === 'object' || value === undefined) throw damaged('a wrapper is empty');
    const made = Object(value);
    this.#objects[number] = made;
    return made;
  }

  #error(head: number, parts: number): Error {
    const number = this.#reserve();
    const builtIn = this.#string();
    const known = parts & format.CLASS ? this.#string() : undefined;
    const name = parts & format.NAME ? this.#string() : undefined;
    const message = parts & format.MESSAGE ? this.#string() : undefined;
    const error = this.sources.errors.make(builtIn, known, name, message ?? '');
    if (error === undefined) throw damaged('there is no such class of errors');
    this.#objects[number] = error;
    // A DOMException was created with both, which are getters of its class.
    if (message !== undefined && builtIn !== DOM_EXCEPTION) define(error, 'message', message, false);
    if (name !== undefined && error.name !== name) define(error, 'name', name, false);
    if (parts & format.STACK) setStack(error, this.#string());
    return this.#container(head, format.ERROR, error, parts);
  }

  #errorContents(error: Error, parts: number): void {
    if (parts & format.CAUSE) define(error, 'cause', this.#value(), false);
    if (parts & format.ERRORS) define(error, 'errors', this.#value(), false);
    const count = this.#value();
    if (typeof count !== 'number' || !(count >= 0)) throw damaged('an error has no properties');
    this.#pairs(error, this.atLeast(count, 2));
  }

  #buffer(resizable: number): ArrayBuffer {
    const byteLength = this.size();
    const maxByteLength = resizable === 1 ? this.size() : undefined;
    const bytes = this.bytes(byteLength);
    // A failure to allocate the copy is not damage: its bytes are there. But `maxByteLength` is only a number, and may be forged.
    if (maxByteLength === undefined) return this.#add(copyOf(bytes));
    return this.#add(orDamaged(() => resizableOf(bytes, maxByteLength)));
  }

  #view(kind: number): object {
    const number = this.#reserve();
    const name = format.VIEWS[kind];
    const [byteOffset, length] = [this.size(), this.size()];
    this.#deeper();
    const buffer = this.#value();
    this.#depth--;
    if (name === undefined || !isBuffer(buffer)) throw damaged('a view has no buffer');
    const View = (globalThis as Record<string, unknown>)[name] as Uint8ArrayConstructor | undefined;
    if (View === undefined)
      throw new SyncError(
        'ERR_UNSUPPORTED',
        `the message holds ${withArticle(name)}, which this runtime does not have`,
      );
    const made = orDamaged(() => new View(buffer, byteOffset, length));
    this.#objects[number] = made;
    return made;
  }

  #shared(): SharedArrayBuffer {
    const id = this.double();
    const { memory } = this.sources;
    if (memory === undefined) throw damaged('it names shared memory, which was not given to this codec');
    return this.#add(memory(id));
  }

  #live(): object {
    const number = this.#reserve();
    this.#deeper();
    const handle = this.#value();
    this.#depth--;
    if (typeof handle !== 'object' || handle === null || !Object.hasOwn(handle, MARK))
      throw damaged('a live object has no handle');
    const made = this.sources.attach(handle);
    this.#objects[number] = made;
    return made;
  }
}

function resizableOf(bytes: Uint8Array, maxByteLength: number): ArrayBuffer {
  const buffer = new ArrayBuffer(bytes.length, { maxByteLength });
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

/** Not by assignment: a key such as `__proto__` is data, and no setter may be called. */
function define(object: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(object, key, { value, enumerable, writable: true, configurable: true });
}

/** If the host has given the error a stack, it is assigned: V8 takes several times as long to redefine it. */
function setStack(error: Error, stack: string): void {
  if (Object.hasOwn(error, 'stack')) error.stack = stack;
  else define(error, 'stack', stack, false);
}
