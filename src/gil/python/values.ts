/**
 * Python's values. None, bool, int and str are JavaScript's null, boolean, number and string; `undefined` is the NULL
 * that CPython has on its stack. Everything else is an object of a class of this file.
 *
 * What a state of the program consists of is copied and compared by its fields (state.ts); what never changes is a
 * Constant, of which all states have the same one.
 */
import type { ListedHandler } from './listing.js';

/** Never changes: all states of a program share it. */
export abstract class Constant {
  private static count = 0;
  /** Tells it from the others. */
  readonly id = Constant.count++;
}

export type Value =
  | null
  | boolean
  | number
  | string
  | Constant
  | Tuple
  | List
  | Deque
  | Dict
  | PySet
  | Range
  | Iteration
  | View
  | Mapped
  | Func
  | Bound
  | BoundNative
  | Cell
  | PyClass
  | Instance
  | Property
  | Wrapped
  | Generator
  | Count
  | Slice
  | Super
  | Sync;
/** What a place of a stack holds. */
export type Slot = Value | undefined;

export class Float extends Constant {
  constructor(readonly value: number) {
    super();
  }
}

/** A constant of a kind that the machine does not know: an error only where it is used. */
export class UnknownConstant extends Constant {
  constructor(readonly text: string) {
    super();
  }
}

export interface Instruction {
  readonly name: string;
  readonly argument: number;
  /** A jump's target. */
  readonly target: number;
  /** A name or an operator. */
  readonly text: string;
  /** Both names of an instruction that stands for two, or those of keywords. */
  readonly texts: readonly string[];
  readonly line: number;
}

/** A code object, made ready to run: by code.ts. */
export class Code extends Constant {
  readonly name: string;
  readonly line: number;
  readonly positional: number;
  readonly keywordOnly: number;
  readonly flags: number;
  readonly locals: readonly string[];
  readonly cells: readonly string[];
  readonly free: readonly string[];
  readonly constants: readonly Value[];
  readonly instructions: readonly Instruction[];
  readonly handlers: readonly ListedHandler[];
  /** Where a local is, by its name. */
  readonly places: ReadonlyMap<string, number>;
  /** Where a cell or free variable is among a frame's cells, by its name. */
  readonly cellPlaces: ReadonlyMap<string, number>;

  constructor(parts: Omit<Code, 'id' | 'places' | 'cellPlaces'>) {
    super();
    this.name = parts.name;
    this.line = parts.line;
    this.positional = parts.positional;
    this.keywordOnly = parts.keywordOnly;
    this.flags = parts.flags;
    this.locals = parts.locals;
    this.cells = parts.cells;
    this.free = parts.free;
    this.constants = parts.constants;
    this.instructions = parts.instructions;
    this.handlers = parts.handlers;
    this.places = new Map(parts.locals.map((name, at) => [name, at]));
    this.cellPlaces = new Map([...parts.cells, ...parts.free].map((name, at) => [name, at]));
  }
}

export class Module extends Constant {
  constructor(
    readonly name: string,
    readonly members: ReadonlyMap<string, Value>,
  ) {
    super();
  }
}

export class Tuple {
  constructor(readonly items: readonly Value[]) {}
}

export class List {
  constructor(readonly items: Value[]) {}
}

export class Deque {
  constructor(
    readonly items: Value[],
    readonly most: number | null,
  ) {}
}

/** By what a key is found: see `hashOf`. */
export type Hash = string | object;

export class Dict {
  /** What a missing key gets, in a defaultdict. */
  constructor(
    readonly items: Map<Hash, [key: Value, value: Value]>,
    readonly factory: Value = null,
  ) {}
}

export class PySet {
  constructor(readonly items: Map<Hash, Value>) {}
}

export class Range {
  constructor(
    readonly start: number,
    readonly stop: number,
    readonly step: number,
  ) {}
}

/** An iterator over something; `at` is how far it is, -1 when it has nothing more. */
export class Iteration {
  at = 0;
  /** How many items there were at first. */
  readonly size: number;

  constructor(
    readonly of: Range | List | Tuple | Deque | Dict | PySet | Iteration | string,
    /** What it gives of a dict; or what `enumerate`, `zip` and `reversed` give. */
    readonly what: 'items' | 'keys' | 'values' | 'numbered' | 'zipped' | 'reversed' = 'keys',
    /** Where `enumerate` begins. */
    readonly first = 0,
  ) {
    if (of instanceof Dict || of instanceof PySet) this.size = of.items.size;
    else this.size = of instanceof List || of instanceof Tuple || of instanceof Deque ? of.items.length : 0;
  }
}

/** What a dict's keys(), values() and items() give. */
export class View {
  constructor(
    readonly of: Dict,
    readonly what: 'items' | 'keys' | 'values',
  ) {}
}

/** What map() and filter() give: they call a function for each value, when it is asked for. */
export class Mapped {
  constructor(
    readonly func: Value,
    readonly of: Value,
    /** Whether it is a filter, which gives the values of which the function is true. */
    readonly keeps: boolean,
  ) {}
}

/** What super() gives. */
export class Super {
  constructor(
    /** The class whose bases are asked. */
    readonly after: PyClass,
    readonly self: Value,
  ) {}
}

/** itertools.count */
export class Count {
  constructor(
    public next: number,
    readonly step: number,
  ) {}
}

export class Slice {
  constructor(
    readonly start: number | null,
    readonly stop: number | null,
    readonly step: number,
  ) {}
}

export class Cell {
  constructor(public value: Slot) {}
}

export class Func {
  constructor(
    readonly code: Code,
    public defaults: readonly Value[],
    public keywordDefaults: ReadonlyMap<string, Value>,
    public closure: readonly Cell[],
  ) {}
}

export class Bound {
  constructor(
    readonly func: Func,
    readonly self: Value,
  ) {}
}

export class PyClass {
  /** Base classes and their bases, nearest first, itself included. */
  readonly mro: readonly PyClass[];

  constructor(
    readonly name: string,
    bases: readonly PyClass[],
    readonly attributes: Map<string, Value>,
    /** Whether it is one of Python's own, which never change. */
    readonly builtin = false,
  ) {
    this.mro = [this, ...merged([...bases.map(({ mro }) => mro), bases])];
  }

  find(name: string): Value | undefined {
    for (const { attributes } of this.mro) {
      const value = attributes.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  isA(other: PyClass): boolean {
    return this.mro.some((each) => each === other);
  }
}

/** The order in which bases are asked: C3 (Barrett et al., A monotonic superclass linearization for Dylan, 1996). */
function merged(orders: readonly (readonly PyClass[])[]): PyClass[] {
  const open = orders.filter((order) => order.length > 0);
  if (open.length === 0) return [];
  const next = open.map(([first]) => first).find((each) => open.every((order) => !order.slice(1).includes(each)));
  if (next === undefined) throw new Unsupported('a class whose bases have no consistent order');
  return [next, ...merged(open.map((order) => order.filter((each) => each !== next)))];
}

/** An object of a class of the program, or an exception. */
export class Instance {
  /** Of an exception, the line that it was raised at; 0 before it is. */
  line = 0;

  constructor(
    readonly type: PyClass,
    readonly attributes: Map<string, Value>,
  ) {}
}

export class Property {
  constructor(
    readonly get: Value,
    readonly set: Value,
  ) {}
}

/** A staticmethod or classmethod. */
export class Wrapped {
  constructor(
    readonly kind: 'staticmethod' | 'classmethod',
    readonly func: Value,
  ) {}
}

export class Generator {
  started = false;
  running = false;

  constructor(public frame: Frame | undefined) {}
}

/** What becomes of a frame's result in the frame below. */
export type Purpose =
  | 'call' // pushed, as a call's result
  | 'push' // pushed
  | 'drop' // forgotten: a setter's
  | 'init' // forgotten; the payload, a new object, is pushed
  | 'class' // the names that the body has defined become a class
  | 'enter' // pushed, behind the block of a `with` statement
  | 'iterate' // a generator's next value for a loop, or its end
  | 'next' // a generator's next value for `next`, or its end
  | 'collect' // one of a generator's values, all of which a native takes
  | 'each' // one of the results that a native takes; the payload says which are still to come
  | 'pass' // given to the native that is the payload
  | 'truth' // its truth is pushed, the other way round if the payload is true
  | 'jump' // the instruction jumps if its truth is the payload
  | 'keep' // the payload is pushed if the result is true; if not, the loop is come back to
  | 'missing' // a defaultdict's new value; the payload is the dict and the key
  | 'delegate' // a generator's next value for `yield from`, or its result
  | 'close' // forgotten: a generator is closed
  | 'thread'; // a thread ends

/** From 3.9 to 3.10, what a frame does when something is raised, or has done. */
export interface Block {
  readonly kind: 'setup' | 'handler';
  readonly handler: number;
  /** How high the stack was. */
  readonly level: number;
}

export class Frame {
  /** Index of the next instruction. */
  next = 0;
  readonly stack: Slot[] = [];
  readonly blocks: Block[] = [];
  /** What the next call's last arguments are called: set by KW_NAMES. */
  keywords: readonly string[] = [];
  /** The generator that it is the frame of. */
  generator: Generator | null = null;
  /** What `collect` has collected. */
  collected: Value[] = [];
  /** Whether the call that it is at has come to the entry of what it calls. */
  entered = false;

  constructor(
    readonly code: Code,
    readonly locals: Slot[],
    readonly cells: Cell[],
    /** The names of a module or of a class body; null in functions. */
    public names: Map<string, Value> | null,
    public purpose: Purpose,
    public payload: Slot = undefined,
  ) {}
}

/** What a thread waits for. */
export interface Waiting {
  readonly action: Action;
  readonly sync: Sync;
  readonly timed: boolean;
  /** How often a condition's RLock is to be taken again. */
  readonly depth: number;
  /** What the wait gives when it is over; a condition's notification is known before its lock is taken again. */
  readonly result: Value;
  /** Whether it is a `with` statement that waits. */
  readonly enters: boolean;
}

export class Thread {
  readonly frames: Frame[] = [];
  waiting: Waiting | null = null;
  /** Whether it has done anything that others can see since it last could have been switched away. */
  touched = false;
  done = false;
  /** The exception that is being handled. */
  handled: Instance | null = null;
  /** What ended it that it did not catch. */
  raised: { readonly text: string; readonly line: number } | null = null;

  constructor(
    readonly name: string,
    readonly object: Sync,
  ) {}
}

/** A function of C, or of the standard library. */
export class Native extends Constant {
  constructor(
    readonly name: string,
    readonly call: NativeCall,
    /** Whether it is written in Python, and so has an entry where others may come in. */
    readonly python = false,
  ) {
    super();
  }
}

export class BoundNative {
  constructor(
    readonly native: Native,
    readonly self: Value,
  ) {}
}

/** What a native gets. */
export interface Call {
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  /** The index of the thread that calls it. */
  readonly thread: number;
  readonly machine: Host;
}

/** What a native can ask of the machine. */
export interface Host {
  /** Adds a thread to the program; it runs from now on. */
  start(thread: Sync, target: Value, args: readonly Value[]): void;
  print(text: string): void;
  /** The thread's object, of the one that runs. */
  currentThread(): Sync;
  /** What super() is in the function that runs. */
  superOf(): Super;
}

export type NativeCall = (call: Call) => Value | Pending;

/** A native is not done yet: it waits, or lets bytecode run, which will give its result. */
export type Pending = Waits | Runs;

/** A thread waits, without the GIL, until `sync` is as it needs it. */
export class Waits {
  constructor(
    readonly action: Action,
    readonly sync: Sync,
    /** Whether the wait may end by itself. */
    readonly timed: boolean,
    /** How often a condition's lock was held. */
    readonly depth = 0,
    readonly result: Value = null,
  ) {}
}

/** Bytecode runs: a function; or a generator, to its next value or to its end. */
export class Runs {
  constructor(
    readonly what: Value,
    readonly args: readonly Value[],
    readonly purpose: 'next' | 'collect' | 'call' | 'each' | 'pass' | 'truth' | 'close',
    /** What becomes of the result: the finish of `collect` and `each`, or the default of `next`. */
    readonly payload?: Slot,
  ) {}
}

export type Action =
  | 'acquire'
  | 'wait'
  | 'wait again'
  | 'event'
  | 'permit'
  | 'join'
  | 'sleep'
  | 'arrive'
  | 'put'
  | 'get'
  | 'tasks';

/**
 * An object that threads wait for or that stands for one: lock, RLock, Condition, Event, Semaphore, Barrier, Thread.
 */
export class Sync {
  /** The index of the thread that holds it, or -1. */
  owner = -1;
  /** How often it is held; of a semaphore, its permits; of an event, 1 when it is set; of a thread, 1 when it has ended; of a queue, unfinished tasks. */
  count = 0;
  /** Threads that wait to be notified, in their order. */
  waiters: number[] = [];
  /** Threads that have been notified. */
  notified: number[] = [];
  /** A semaphore's greatest count, a barrier's parties, or how many items a queue may have; 0 for none. */
  bound = 0;
  /** A condition's lock. */
  lock: Sync | null = null;
  /** A thread's target and arguments. */
  target: Value = null;
  args: readonly Value[] = [];
  name = '';
  /** A queue's items. */
  items: Value[] = [];

  constructor(readonly kind: SyncKind) {}
}

export type SyncKind =
  | 'Lock'
  | 'RLock'
  | 'Condition'
  | 'Event'
  | 'Semaphore'
  | 'BoundedSemaphore'
  | 'Barrier'
  | 'Queue'
  | 'LifoQueue'
  | 'SimpleQueue'
  | 'Thread';

/** Python raises an exception. */
export class Raised extends Error {
  constructor(readonly value: Instance) {
    super(value.type.name);
  }
}

/** The machine does not know how to do it. Who catches it adds the line. */
export class Unsupported extends Error {
  /** The line in the source; 0 where it is not known yet. */
  line = 0;
}
