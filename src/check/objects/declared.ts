/** The primitives that a scenario names: what they are, their initial state, and where their words are in its memory. */
import { ScenarioError } from '../errors.js';
import { show } from '../rules.js';
import { BARRIER } from './barrier.js';
import { CONDITION } from './condition.js';
import { EVENT } from './event.js';
import { LOCK, RLOCK } from './lock.js';
import { RWLOCK } from './rwlock.js';
import { BOUNDED_SEMAPHORE, SEMAPHORE } from './semaphore.js';
import type { Slot, Specification } from './specification.js';

const SPECIFICATIONS = new Map(
  [LOCK, RLOCK, SEMAPHORE, BOUNDED_SEMAPHORE, EVENT, CONDITION, BARRIER, RWLOCK].map((each) => [each.kind, each]),
);

/** What the explorer uses of a live object. It is recognized by its shape, because the checker imports none of the primitives. */
export interface Primitive {
  readonly arena: { readonly words: Int32Array };
  readonly cell: number;
  readonly constructor: PrimitiveClass;
  readonly lock?: Primitive;
  readonly readLock?: Primitive;
  readonly writeLock?: Primitive;
}

interface PrimitiveClass {
  readonly kind?: { readonly name: string };
  readonly prototype: object;
}

/** A primitive in a scenario. */
export interface Placed {
  /** The scenario's name for it. */
  readonly name: string;
  readonly specification: Specification;
  readonly size: number;
  /** The number of its first word. */
  readonly first: number;
  readonly slots: readonly Slot[];
  /** A Condition's lock. */
  readonly guard: Placed | undefined;
}

/** How the classes of the objects at hand are to be replaced. */
interface Replaced {
  readonly prototype: object;
  /** The kind, or that of a view: `RWLock.readLock`. */
  readonly kind: string;
}

/** The primitives of one scenario. */
export class Declared {
  readonly all: readonly Placed[];
  readonly classes: readonly Replaced[];
  /** By the words of the arena, and the cell: live objects of one primitive are one. */
  readonly #places: ReadonlyMap<Int32Array, ReadonlyMap<number, Placed>>;

  constructor(all: readonly Placed[], classes: readonly Replaced[], places: Map<Int32Array, Map<number, Placed>>) {
    this.all = all;
    this.classes = classes;
    this.#places = places;
  }

  /** The primitive of a live object, if the scenario has it. */
  placeOf({ arena, cell }: Primitive): Placed | undefined {
    return this.#places.get(arena.words)?.get(cell);
  }
}

/**
 * Finds the primitives among a scenario's objects, at any depth of plain objects and arrays.
 *
 * @param threads - How many threads there are.
 * @throws ScenarioError if anything else is named, or a primitive is in use.
 */
export function declare(objects: object, threads: number): Declared {
  return new Declaring(threads).declare(objects);
}

class Declaring {
  readonly #threads: number;
  readonly #all: Placed[] = [];
  readonly #places = new Map<Int32Array, Map<number, Placed>>();
  readonly #classes = new Map<object, string>();
  #words = 0;

  constructor(threads: number) {
    this.#threads = threads;
  }

  declare(objects: object): Declared {
    const found = new Map<string, Primitive>();
    collect(objects, '', found, new Set());
    if (found.size === 0) throw new ScenarioError('objects contains no primitive');
    // A lock that is named itself keeps that name, rather than one derived from a condition.
    const later = [...found].filter(([, object]) => kindOf(object) === CONDITION.kind);
    for (const [name, object] of found) if (kindOf(object) !== CONDITION.kind) this.#place(name, object, undefined);
    for (const [name, object] of later) {
      const lock = object.lock as Primitive;
      this.#place(name, object, this.#known(lock) ?? this.#place(`${name}.lock`, lock, undefined));
    }
    const classes = [...this.#classes].map(([prototype, kind]) => ({ prototype, kind }));
    return new Declared(this.#all, classes, this.#places);
  }

  #known({ arena, cell }: Primitive): Placed | undefined {
    return this.#places.get(arena.words)?.get(cell);
  }

  #place(name: string, object: Primitive, guard: Placed | undefined): Placed {
    const known = this.#known(object);
    if (known !== undefined) return known;
    const specification = SPECIFICATIONS.get(kindOf(object) ?? '') as Specification;
    const { size, initial } = beginningOf(name, object);
    const slots = specification.slots(size, initial, this.#threads);
    const placed: Placed = { name, specification, size, first: this.#words, slots, guard };
    this.#words += slots.length;
    this.#all.push(placed);
    const cells = this.#places.get(object.arena.words) ?? new Map<number, Placed>();
    this.#places.set(object.arena.words, cells.set(object.cell, placed));
    this.#replace(object, specification.kind);
    for (const view of ['readLock', 'writeLock'] as const) {
      const side = object[view];
      if (side !== undefined) this.#replace(side, `${specification.kind}.${view}`);
    }
    return placed;
  }

  #replace(object: Primitive, kind: string): void {
    this.#classes.set(classOf(object).prototype, kind);
  }
}

/** The package's class of an object, which may be an instance of a derived class. */
function classOf(object: Primitive): PrimitiveClass {
  let own: PrimitiveClass = object.constructor;
  while (!Object.hasOwn(own, 'kind')) own = Object.getPrototypeOf(own);
  return own;
}

function kindOf(value: object): string | undefined {
  return (value as Partial<Primitive>).constructor?.kind?.name;
}

function collect(value: unknown, name: string, found: Map<string, Primitive>, seen: Set<object>): void {
  const what = name === '' ? 'objects' : `objects.${name}`;
  if (typeof value !== 'object' || value === null) {
    throw new ScenarioError(`${what} is ${show(value)}, not a primitive, or a list or plain object of primitives`);
  }
  if (seen.has(value)) return;
  seen.add(value);
  const kind = kindOf(value);
  if (kind !== undefined) {
    if (!SPECIFICATIONS.has(kind)) {
      const kinds = [...SPECIFICATIONS.keys()].join(', ');
      throw new ScenarioError(`${what} is of the kind ${kind}, which the explorer does not know: it knows ${kinds}`);
    }
    found.set(name, value as Primitive);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) collect(item, `${name}[${index}]`, found, seen);
  } else if ([Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    for (const [key, item] of Object.entries(value)) collect(item, name === '' ? key : `${name}.${key}`, found, seen);
  } else {
    throw new ScenarioError(`${what} is neither a primitive nor a list or plain object of primitives`);
  }
}

/** The state of a primitive before the threads begin. */
function beginningOf(name: string, object: object): { readonly size: number; readonly initial: number } {
  const { locked, value, bound, isSet, parties, nWaiting, broken, readers, writing } = object as Record<
    string,
    unknown
  >;
  if (locked === true || writing === true || Number(readers ?? 0) > 0 || Number(nWaiting ?? 0) > 0 || broken === true) {
    throw new ScenarioError(`objects.${name} is in use: a scenario must begin with free locks and unbroken barriers`);
  }
  return { size: Number(bound ?? parties ?? 0), initial: Number(value ?? isSet ?? 0) };
}
