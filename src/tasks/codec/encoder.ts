/** Values to words: how a value of each kind is encoded. format.ts defines the meaning of the words. */
import { withArticle } from '../../core/article.js';
import { CLONING, type Handle, LEAVE, MARK } from '../../core/memory/handle.js';
import { beginWay, type Leaving } from '../../core/memory/ways.js';
import { cutStack } from '../frame.js';
import { type Errors, extraKeys, nameOf, partOf, textOfPart, UNREADABLE } from './errors.js';
import * as format from './format.js';
import { DEPTH, LONG, word } from './format.js';
import { handleOf, isBuffer, kindOf, primitiveOf, tagOf, viewKind } from './kinds.js';
import type { Memory } from './memory.js';
import { ObjectNumbers } from './object-numbers.js';
import { Refused } from './refusal.js';
import { NO_SHAPE, Shape, Shapes } from './shapes.js';
import type { StandIns } from './stand-ins.js';
import { hostBuffer } from './text.js';
import { ascii, Writer } from './writer.js';

/** Returns the id of a memory for the receiver of the value. */
type IdOf = (buffer: SharedArrayBuffer) => number;

/** Deferred contents: the arguments with which `contents` is called. */
interface PutOff {
  readonly kind: number;
  readonly object: object;
  readonly more: unknown;
}

/** The start of an attempt, to which the writer returns if the attempt is refused. */
interface Mark {
  readonly objects: number;
  readonly shapes: number;
  readonly putOff: number;
  readonly depth: number;
}

const { UNDEFINED_WORD, NULL_WORD, FALSE_WORD, TRUE_WORD } = format;
const REFERENCE_WORD = word(format.REFERENCE);
const SAME_SHAPE_WORD = word(format.SAME_SHAPE);

/** Writes one message at a time; remembers shapes from one message to the next. `at` and results are word indices. */
export class Encoder extends Writer {
  readonly #objects = new ObjectNumbers();
  readonly #known = new Shapes();
  /** The shapes of this message, by number. */
  readonly #shapes: Shape[] = [];
  #shapeCount = 0;
  readonly #start = new Shape([], -1, new Int32Array(0), 0);
  #last: Shape = this.#start;
  #message = 0;

  #depth = 0;
  readonly #putOff: PutOff[] = [];
  /** Whether Object.prototype has properties that for-in finds. */
  #polluted = false;
  /** Whether the last message contains live objects, or errors of classes that are known by name. */
  hasOurs = false;
  /** The kinds of the live objects. */
  readonly kinds = new Set<string>();

  /**
   * @param idOf undefined where references to memory cannot be sent
   * @param standIns what is then sent in place of live objects
   */
  constructor(
    readonly idOf: IdOf | undefined,
    readonly errors: Errors,
    readonly standIns?: StandIns,
  ) {
    super();
  }

  /**
   * @param at the first word, which is even
   * @param end the index after the last word that may be written
   * @returns the index after the last word written, which is even
   * @throws FULL when it does not fit; Refused when it cannot be sent; whatever a getter throws
   */
  write(value: unknown, memory: Memory, at: number, end: number): number {
    this.use(memory, end);
    try {
      return this.#whole(value, at);
    } finally {
      this.#forget();
    }
  }

  /** @returns the message, in memory that belongs to the caller */
  bytes(value: unknown): Uint8Array {
    this.useOwn();
    try {
      return this.take(this.#whole(value, 0));
    } finally {
      this.#forget();
    }
  }

  #forget(): void {
    this.leave();
    this.#objects.clear();
    this.#depth = 0;
    this.#shapeCount = 0;
    if (this.#putOff.length > 0) this.#putOff.length = 0;
    this.#last = this.#start;
  }

  #whole(value: unknown, at: number): number {
    this.#message++;
    this.#polluted = false;
    this.hasOurs = false;
    if (this.kinds.size > 0) this.kinds.clear();
    if (typeof value === 'object') for (const _ in Object.prototype) this.#polluted = true;
    this.need(at + 2);
    this.i32[at] = format.HEADER;
    let next = this.#value(value, at + 1);
    for (let i = 0; i < this.#putOff.length; i++) {
      const { kind, object, more } = this.#putOff[i];
      this.#depth = 1;
      next = this.#contents(kind, object, more, next);
    }
    return this.align(next);
  }

  #value(value: unknown, at: number): number {
    // Engines compile these comparisons inline, but make a call for a switch on typeof.
    if (typeof value === 'number') return this.number(value, at);
    if (typeof value === 'string') return this.string(value, at);
    if (value === null) return this.word(NULL_WORD, at);
    if (typeof value === 'object') return this.#object(value, at);
    if (typeof value === 'boolean') return this.word(value ? TRUE_WORD : FALSE_WORD, at);
    if (value === undefined) return this.word(UNDEFINED_WORD, at);
    if (typeof value === 'bigint') return this.bigint(value, at);
    throw new Refused(value, `is ${withArticle(typeof value)}, which cannot be copied`);
  }

  #object(object: object, at: number): number {
    const number = this.#objects.of(object);
    if (number >= 0) {
      if (number >= LONG) return this.head(format.REFERENCE, number, at);
      return this.word((number << 8) | REFERENCE_WORD, at);
    }
    this.#objects.add(object);
    if (Array.isArray(object)) return this.#array(object, at);
    if (Object.getPrototypeOf(object) === Object.prototype && !this.#polluted) return this.#plain(object, at);
    return this.#other(object, at);
  }

  #mark(): Mark {
    return {
      objects: this.#objects.count,
      shapes: this.#shapeCount,
      putOff: this.#putOff.length,
      depth: this.#depth,
    };
  }

  #takeBack({ objects, shapes, putOff, depth }: Mark): void {
    this.#objects.takeBack(objects);
    while (this.#shapeCount > shapes) this.#shapes[--this.#shapeCount].message = 0;
    this.#putOff.length = putOff;
    this.#depth = depth;
  }

  /** Writes the contents of a container after its head at `head`, or marks the head and defers them. */
  #inside(kind: number, object: object, more: unknown, head: number, at: number): number {
    if (this.#depth >= DEPTH) {
      this.i32[head] |= format.PUT_OFF;
      this.#putOff.push({ kind, object, more });
      return at;
    }
    this.#depth++;
    const next = this.#contents(kind, object, more, at);
    this.#depth--;
    return next;
  }

  #contents(kind: number, object: object, more: unknown, at: number): number {
    switch (kind) {
      case format.SHAPED:
        return this.#fields(object, more as Shape, at);
      case format.PAIRS:
      case format.SPARSE:
        return this.#pairs(object as Record<string, unknown>, more as string[], at);
      case format.ERROR:
        return this.#errorContents(object as Error, more as number, at);
      default: {
        let next = at;
        const items = more as readonly unknown[];
        for (let i = 0; i < items.length; i++) next = this.#value(items[i], next);
        return next;
      }
    }
  }

  /** @param object an object of which for-in finds only own keys */
  #plain(object: object, at: number): number {
    const shape = this.#shapeOf(object);
    if (shape.length < 0) return this.#dictionary(object, Object.keys(object), at);
    let next: number;
    if (shape.message === this.#message) {
      next = this.word((shape.index << 8) | SAME_SHAPE_WORD, at);
    } else {
      next = this.#newShape(shape, at);
    }
    if (this.#depth >= DEPTH) return this.#inside(format.SHAPED, object, shape, at, next);
    this.#depth++;
    next = this.#fields(object, shape, next);
    this.#depth--;
    return next;
  }

  #shapeOf(object: object): Shape {
    const last = this.#last;
    const { next } = last;
    if (next !== undefined) {
      const { keys } = next;
      let i = 0;
      for (const key in object) {
        if (i === keys.length || key !== keys[i]) {
          i = -1;
          break;
        }
        i++;
      }
      if (i === keys.length) {
        this.#last = next;
        return next;
      }
    }
    const shape = this.#known.of(object);
    if (shape !== NO_SHAPE) {
      if (last.known) last.next = shape;
      this.#last = shape;
    }
    return shape;
  }

  #newShape(shape: Shape, at: number): number {
    const { words } = shape;
    const count = words.length;
    const next = at + 3 + count;
    this.need(next);
    const i32 = this.i32;
    i32[at] = (shape.keys.length << 8) | word(format.SHAPED);
    i32[at + 1] = shape.hash;
    i32[at + 2] = ascii(shape.length);
    for (let i = 0; i < count; i++) i32[at + 3 + i] = words[i];
    // In a message with more shapes than a head can distinguish, the further ones are written each time.
    if (this.#shapeCount < LONG) {
      shape.message = this.#message;
      shape.index = this.#shapeCount;
      this.#shapes[this.#shapeCount++] = shape;
    }
    return next;
  }

  #fields(object: object, shape: Shape, at: number): number {
    let next = at;
    let count = 0;
    for (const key in object) {
      next = this.#value((object as Record<string, unknown>)[key], next);
      count++;
    }
    if (count !== shape.keys.length) throw new Refused(object, 'lost properties while it was being encoded');
    return next;
  }

  #dictionary(object: object, keys: readonly string[], at: number): number {
    return this.#inside(format.PAIRS, object, keys, at, this.head(format.PAIRS, keys.length, at));
  }

  #pairs(object: Record<string, unknown>, keys: readonly string[], at: number): number {
    let next = at;
    for (const key of keys) next = this.#value(object[key], this.string(key, next));
    return next;
  }

  #array(array: readonly unknown[], at: number): number {
    const { length } = array;
    // Named properties can only be found by listing all keys, which takes ten times as long as the array: so this is done
    // only where some are likely, for the result of a match and for a subclass.
    if ('index' in array || array.constructor !== Array) {
      const keys = Object.keys(array);
      if (keys.length > length) return this.#sparse(array, at);
    }
    let i = 0;
    // The loops over numbers never see other arrays, which would make engines compile them to something far slower.
    if (typeof array[0] === 'number') {
      const first = this.head(format.INTEGERS, length, at);
      i = this.integers(array, first);
      if (i === length) return first + length;
      while (i < length && typeof array[i] === 'number') i++;
      if (i === length) return this.doubles(array as readonly number[], at);
    }
    for (; i < length; i++) if (array[i] === undefined && !(i in array)) return this.#sparse(array, at);
    let next = this.head(format.ARRAY, length, at);
    if (this.#depth >= DEPTH) return this.#inside(format.ARRAY, array, array, at, next);
    this.#depth++;
    for (i = 0; i < length; i++) next = this.#value(array[i], next);
    this.#depth--;
    return next;
  }

  #sparse(array: readonly unknown[], at: number): number {
    const keys = Object.keys(array);
    const next = this.head(format.SPARSE, keys.length, at);
    return this.#inside(format.SPARSE, array, keys, at, this.word(array.length, next));
  }

  /** Writes anything that is neither an array nor of the class Object. */
  #other(object: object, at: number): number {
    switch (kindOf(object)) {
      case 'plain':
        return this.#instance(object, at);
      case 'live':
        return this.#live(object, at);
      case 'Map': {
        const items: unknown[] = [];
        Map.prototype.forEach.call(object, (item, key) => items.push(key, item));
        return this.#inside(format.MAP, object, items, at, this.head(format.MAP, items.length / 2, at));
      }
      case 'Set': {
        const items: unknown[] = [];
        Set.prototype.forEach.call(object, (item) => items.push(item));
        return this.#inside(format.SET, object, items, at, this.head(format.SET, items.length, at));
      }
      case 'Date':
        return this.double(Date.prototype.getTime.call(object), this.align(this.head(format.DATE, 0, at)));
      case 'RegExp': {
        const { source, flags } = object as RegExp;
        return this.string(flags, this.string(source, this.head(format.REGEXP, 0, at)));
      }
      case 'wrapper':
        return this.#value(primitiveOf(object), this.head(format.WRAPPER, 0, at));
      case 'Error':
        return this.#error(object as Error, at);
      case 'ArrayBuffer':
        return this.#buffer(object as ArrayBuffer, at);
      case 'SharedArrayBuffer':
        return this.#shared(object as SharedArrayBuffer, at);
      case 'view':
        return this.#view(object as ArrayBufferView, at);
      default:
        throw new Refused(object, `is ${withArticle(tagOf(object))}, which cannot be copied`);
    }
  }

  /** Writes an object of a class, which arrives as a plain one with its own properties, as with structured clone. */
  #instance(object: object, at: number): number {
    // None of the own properties of a Thread or a Pool shows what it is.
    if (Object.hasOwn(object, 'cloning') && (object as { readonly cloning: unknown }).cloning === CLONING)
      throw new Refused(object, `is ${withArticle(object.constructor.name)}, which cannot be copied`);
    if (!this.#polluted) return this.#plain(Object.getPrototypeOf(object) === null ? object : { ...object }, at);
    return this.#dictionary(object, Object.keys(object), at);
  }

  #live(object: object, at: number): number {
    this.hasOurs = true;
    const handle = this.#handleOf(object);
    this.#objects.add(handle);
    // A handle must be complete when it is attached, however deeply it is nested: nothing of it is deferred.
    const depth = this.#depth;
    this.#depth = 0;
    const next = this.#instance(handle, this.head(format.LIVE, 0, at));
    this.#depth = depth;
    return next;
  }

  #handleOf(object: object): object {
    if (this.idOf !== undefined) {
      const handle = (handleOf(object) as () => Handle).call(object);
      this.kinds.add(handle.kind);
      const leaving = (object as { [LEAVE]?: () => Leaving | undefined })[LEAVE]?.();
      if (leaving !== undefined) beginWay(leaving);
      return handle;
    }
    const standIn = this.standIns?.of(object);
    // Like handles, these are recognized by their mark.
    if (standIn !== undefined) return { [MARK]: 0, ...standIn };
    throw new Refused(object, `lives in shared memory, ${this.#whyNotNamed} (${String(object)})`);
  }

  get #whyNotNamed(): string {
    return this.standIns?.refusal ?? 'which cannot be written as bytes';
  }

  #shared(buffer: SharedArrayBuffer, at: number): number {
    if (this.idOf === undefined) throw new Refused(buffer, `is a SharedArrayBuffer, ${this.#whyNotNamed}`);
    const id = this.idOf(buffer);
    return this.double(id, this.align(this.head(format.SHARED, 0, at)));
  }

  #buffer(buffer: ArrayBuffer, at: number): number {
    const bytes = bytesOf(buffer);
    const { resizable, maxByteLength } = buffer as { resizable?: boolean; maxByteLength?: number };
    let next = this.align(this.head(format.BUFFER, resizable ? 1 : 0, at));
    next = this.double(bytes.length, next);
    if (resizable) next = this.double(maxByteLength as number, next);
    return this.copy(bytes, next);
  }

  #view(view: ArrayBufferView, at: number): number {
    const kind = viewKind(view);
    const { buffer } = view;
    if (kind < 0 || !isBuffer(buffer)) throw new Refused(view, 'is a view that this package does not know');
    const { byteLength, byteOffset } = readable(view);
    // A Buffer is a slice of a pool, which is not part of its value.
    const whole = byteLength === buffer.byteLength || !isPooled(view);
    let next = this.align(this.head(format.VIEW, kind, at));
    next = this.double(whole ? byteOffset : 0, next);
    next = this.double(kind === 0 ? byteLength : (view as Uint8Array).length, next);
    if (whole) return this.#value(buffer, next);
    this.#objects.add({});
    next = this.align(this.head(format.BUFFER, 0, next));
    return this.copy(view as Uint8Array, this.double(byteLength, next));
  }

  #error(error: Error, at: number): number {
    const { builtIn, known } = this.errors.namesOf(error);
    const [name, message] = [nameOf(error) ?? builtIn, textOfPart(error, 'message') ?? ''];
    const told = partOf(error, 'stack');
    const stack = typeof told === 'string' ? cutStack(told) : undefined;
    const parts =
      (known !== undefined ? format.CLASS : 0) |
      (name !== builtIn ? format.NAME : 0) |
      (message !== '' || Object.hasOwn(error, 'message') ? format.MESSAGE : 0) |
      (stack !== undefined ? format.STACK : 0) |
      (Object.hasOwn(error, 'cause') ? format.CAUSE : 0) |
      (Object.hasOwn(error, 'errors') ? format.ERRORS : 0);
    let next = this.string(builtIn, this.head(format.ERROR, parts, at));
    if (known !== undefined) {
      this.hasOurs = true;
      next = this.string(known, next);
    }
    if (name !== builtIn) next = this.string(name, next);
    if (parts & format.MESSAGE) next = this.string(message, next);
    if (stack !== undefined) next = this.string(stack, next);
    return this.#inside(format.ERROR, error, parts, at, next);
  }

  #errorContents(error: Error, parts: number, at: number): number {
    let next = at;
    if (parts & format.CAUSE) next = this.#value(error.cause, next);
    if (parts & format.ERRORS) next = this.#value((error as AggregateError).errors, next);
    const countAt = next;
    let count = 0;
    next = this.word(0, next);
    for (const key of extraKeys(error)) {
      const item = partOf(error, key);
      if (item === UNREADABLE) continue;
      const mark = this.#mark();
      try {
        next = this.#value(item, this.string(key, next));
        count++;
      } catch (refused) {
        // An error without its socket is better than none at all.
        if (!(refused instanceof Refused)) throw refused;
        this.#takeBack(mark);
      }
    }
    this.i32[countAt] = count << 1;
    return next;
  }
}

function bytesOf(buffer: ArrayBuffer): Uint8Array {
  try {
    return new Uint8Array(buffer);
  } catch {
    throw new Refused(buffer, 'is detached: its bytes have been transferred');
  }
}

/** The extent of a view, which a DataView does not report when its buffer is detached. */
function readable(view: ArrayBufferView): { byteLength: number; byteOffset: number } {
  try {
    return { byteLength: view.byteLength, byteOffset: view.byteOffset };
  } catch {
    throw new Refused(view, 'is a view of bytes that its buffer no longer has');
  }
}

const isPooled = (view: ArrayBufferView): boolean =>
  hostBuffer?.isBuffer(view) === true && tagOf(view.buffer) === 'ArrayBuffer';
