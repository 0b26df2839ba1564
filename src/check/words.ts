/**
 * The words of a scenario: their names, their initial values, and the arrays through which the code under test reaches
 * them.
 *
 * The code receives a Proxy around a real Int32Array over a real SharedArrayBuffer. The simulated Atomics knows the
 * proxy; a plain access to an element ends in a trap, which makes plain accesses visible. The array itself keeps the
 * initial values forever: the words' values in one state of an exploration are an Image (images.ts), which stores only
 * words that some operation has touched, so an arena of 16,384 words costs no more than its five live ones.
 */
import { ScenarioError } from './errors.js';
import { nearest } from './nearest.js';
import type { Declared } from './objects/declared.js';
import { Region } from './region.js';
import type { Values } from './scenario.js';
import type { Boundary } from './stack.js';

interface Word {
  readonly name: string;
  readonly initial: number;
  /** The only thread that uses it. */
  readonly privateTo?: number | undefined;
  /** How a value reads, given the threads' names, if not as a number; empty if there is nothing to say. */
  readonly show?: ((value: number, names: readonly string[]) => string) | undefined;
  /** Whether it was declared as accessed without Atomics. */
  readonly plain?: boolean;
}

/** One array of the memory, as the exploration holds it. */
interface Area {
  readonly array: Int32Array;
  readonly name: string;
  readonly nameOf: (index: number) => string | undefined;
  readonly isPlain: (index: number) => boolean;
  readonly isConstant: (index: number) => boolean;
  readonly privateTo: (index: number) => number | undefined;
  /** Index in the array → number of the word, assigned at first touch. */
  readonly numbers: Map<number, number>;
}

/** What a trap or a simulated operation needs to know about the array it was given. */
export interface Window {
  readonly words: Words;
  readonly area: Area;
  /** First element, in elements of the area. */
  readonly offset: number;
  readonly length: number;
}

/** Where plain accesses end: the running execution. */
export interface PlainAccess {
  read(window: Window, index: number, boundary: Boundary): number;
  write(window: Window, index: number, value: number, boundary: Boundary): void;
  refuse(message: string, boundary: Boundary): never;
}

const windows = new WeakMap<object, Window>();

/** The window behind an array that was handed to the code under test, if it is one. */
export function windowOf(array: unknown): Window | undefined {
  return typeof array === 'object' && array !== null ? windows.get(array) : undefined;
}

/** The table of words: every word that an operation has touched has a number, a name and an initial value. */
export class Words {
  readonly #table: Word[] = [];
  readonly #areas: Area[] = [];
  readonly #ghosts = new Map<string, number>();
  /** The first words of Conditions, and those of their locks. */
  readonly #guards = new Map<number, number>();
  #hasPrivate = false;
  /** Names that the checks can use → number of the word. */
  readonly named = new Map<string, number>();
  /** Names that the code can use → index in its array. */
  readonly at: Record<string, number>;
  /** What the code receives, one array per region. */
  readonly arrays: Int32Array[] = [];

  constructor(
    memory: Readonly<Record<string, number>> | Region | readonly Region[],
    plain: readonly string[],
    ghosts: Readonly<Record<string, number>>,
    access: PlainAccess,
    objects?: Declared,
  ) {
    this.#addObjects(objects);
    this.at = Object.create(
      refusing((name) => access.refuse(`'at' has no word '${name}'${nearest(name, Object.keys(this.at))}`, refusing)),
    );
    const regions = memory instanceof Region ? [memory] : Array.isArray(memory) ? (memory as Region[]) : undefined;
    if (regions !== undefined) {
      for (const each of regions) this.#addRegion(each, access);
    } else {
      this.#addNamed(memory as Readonly<Record<string, number>>, plain, access);
    }
    for (const [name, initial] of Object.entries(ghosts)) {
      const number = this.#table.push({ name, initial: initial | 0 }) - 1;
      this.#ghosts.set(name, number);
      this.#name(name, number);
    }
  }

  /** How many words have been touched so far. */
  get count(): number {
    return this.#table.length;
  }

  initial(word: number): number {
    return this.#table[word].initial;
  }

  /** Whether any word touched so far was declared private to a thread. */
  get hasPrivate(): boolean {
    return this.#hasPrivate;
  }

  /** The only thread that uses a word, if declared. */
  privateTo(word: number): number | undefined {
    return this.#table[word]?.privateTo;
  }

  /** Whether a word was declared as accessed without Atomics. */
  isPlain(word: number): boolean {
    return this.#table[word].plain === true;
  }

  nameOf(word: number): string {
    return this.#table[word].name;
  }

  /** The number of a word, assigned at first touch. */
  numberOf(area: Area, index: number): number {
    const known = area.numbers.get(index);
    if (known !== undefined) return known;
    const name = area.nameOf(index) ?? `${area.name}[${index}]`;
    const privateTo = area.privateTo(index);
    if (privateTo !== undefined) this.#hasPrivate = true;
    const number = this.#table.push({ name, initial: area.array[index], privateTo, plain: area.isPlain(index) }) - 1;
    area.numbers.set(index, number);
    return number;
  }

  /** The number of the word at an index of the n-th array, for the checks. */
  find(region: number, index: number): number {
    const area = this.#areas[region];
    if (area === undefined || !Number.isInteger(index) || index < 0 || index >= area.array.length) {
      throw new ScenarioError(`there is no word ${index} in region ${region}`);
    }
    return this.numberOf(area, index);
  }

  /** The named words and ghosts as an object whose properties call `wordValue` when they are read. */
  values(wordValue: (word: number) => number): Values<string> {
    const unknown = (name: string): never => {
      throw new ScenarioError(`there is no word or ghost '${name}'${nearest(name, [...this.named.keys()])}`);
    };
    const values = Object.create(refusing(unknown));
    for (const [name, word] of this.named) {
      Object.defineProperty(values, name, { enumerable: true, get: () => wordValue(word) });
    }
    return values;
  }

  ghost(name: string): number {
    const number = this.#ghosts.get(name);
    if (number === undefined) {
      const names = [...this.#ghosts.keys()];
      throw new ScenarioError(`ghost '${name}' is not declared in the scenario's ghosts${nearest(name, names)}`);
    }
    return number;
  }

  /** The word that identifies the steps of a primitive: a Condition's are those of its lock. */
  objectOf(first: number): number {
    return this.#guards.get(first) ?? first;
  }

  /** A change of a word in a report; empty if the step says as much. */
  change(word: number, from: number, to: number, threads: readonly string[]): string {
    const { name, show = String } = this.#table[word];
    const [before, after] = [show(from, threads), show(to, threads)];
    return before === after ? '' : `${name} ${before} → ${after}`;
  }

  /** The words of primitives come first, in their order. */
  #addObjects(objects: Declared | undefined): void {
    for (const { name, slots, first, guard } of objects?.all ?? []) {
      if (guard !== undefined) this.#guards.set(first, guard.first);
      for (const { suffix, initial = 0, show, silent } of slots) {
        const full = suffix === undefined ? name : `${name}.${suffix}`;
        this.#table.push({ name: full, initial, show: silent ? () => '' : show });
      }
    }
  }

  #name(name: string, number: number): void {
    if (this.named.has(name)) throw new ScenarioError(`two words are named '${name}'`);
    this.named.set(name, number);
  }

  #addNamed(memory: Readonly<Record<string, number>>, plain: readonly string[], access: PlainAccess): void {
    const names = Object.keys(memory);
    for (const name of plain) {
      if (!names.includes(name)) {
        throw new ScenarioError(`plain names '${name}', which is not a word of the memory${nearest(name, names)}`);
      }
    }
    const image = Int32Array.from(names, (name) => memory[name]);
    this.#addRegion(
      new Region(image, {
        names: Object.fromEntries(names.entries()),
        plain: plain.map((name) => names.indexOf(name)),
      }),
      access,
    );
  }

  #addRegion(region: Region, access: PlainAccess): void {
    const { image, options } = Region.parts(region);
    const { names = {}, plain = [], constant = [], privateTo = () => undefined } = options;
    const area: Area = {
      array: image,
      name: options.name ?? (this.#areas.length === 0 ? 'words' : `words${this.#areas.length}`),
      nameOf: typeof names === 'function' ? names : (index) => names[index],
      isPlain: typeof plain === 'function' ? plain : (index) => plain.includes(index),
      isConstant: typeof constant === 'function' ? constant : (index) => constant.includes(index),
      privateTo,
      numbers: new Map(),
    };
    this.#areas.push(area);
    if (typeof names !== 'function') {
      for (const [index, name] of Object.entries(names)) {
        this.#name(name, this.numberOf(area, Number(index)));
        this.at[name] = Number(index);
      }
    }
    this.arrays.push(handOver({ words: this, area, offset: 0, length: image.length }, access));
  }
}

/** The prototype of an object of named words: it rejects unknown names. */
function refusing(refuse: (name: string) => never): object {
  const get = (_: object, key: PropertyKey): unknown =>
    // Properties that the language and its inspectors read of any object are not the user's doing.
    typeof key === 'symbol' || key in Object.prototype || key === 'then' || key === 'toJSON'
      ? Reflect.get(Object.prototype, key)
      : refuse(String(key));
  return new Proxy({}, { get });
}

/** Properties of a typed array that say nothing about its elements. */
const HARMLESS = new Set<PropertyKey>([
  'length',
  'byteLength',
  'byteOffset',
  'buffer',
  'BYTES_PER_ELEMENT',
  'constructor',
  Symbol.toStringTag,
]);

function handOver(window: Window, access: PlainAccess): Int32Array {
  const target = window.area.array.subarray(window.offset, window.offset + window.length);
  const get = (_: Int32Array, key: PropertyKey): unknown => {
    const index = elementIndex(key);
    // Converted, so that it is not a tail call: see simulatedAtomics.
    if (index !== undefined) return Number(access.read(window, index, get));
    if (HARMLESS.has(key)) return Reflect.get(target, key, target);
    if (key === 'subarray') {
      return (begin = 0, end = window.length): Int32Array => {
        const length = target.subarray(begin, end).length;
        const from = (target.subarray(begin, end).byteOffset - target.byteOffset) / target.BYTES_PER_ELEMENT;
        return handOver({ ...window, offset: window.offset + from, length }, access);
      };
    }
    return access.refuse(
      `'${String(key)}' of a shared array touches its elements without Atomics, which the explorer cannot follow`,
      get,
    );
  };
  const set = (_: Int32Array, key: PropertyKey, value: unknown): boolean => {
    const index = elementIndex(key);
    if (index === undefined) access.refuse(`property '${String(key)}' of a shared array cannot be set`, set);
    access.write(window, index, Number(value) | 0, set);
    return true;
  };
  const array = new Proxy(target, { get, set });
  windows.set(array, window);
  return array;
}

function elementIndex(key: PropertyKey): number | undefined {
  return typeof key === 'string' && /^\d+$/.test(key) ? Number(key) : undefined;
}
