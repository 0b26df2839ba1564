/** Functions, and the frames in which their code runs. */
import type { Code } from './code.js';
import { PyObject, type Slot, type Value } from './value.js';

export class Cell extends PyObject {
  constructor(public value: Slot) {
    super();
  }
}

export class Func extends PyObject {
  constructor(
    readonly code: Code,
    public defaults: readonly Value[],
    public keywordDefaults: ReadonlyMap<string, Value>,
    public closure: readonly Cell[],
  ) {
    super();
  }
}

export class Bound extends PyObject {
  constructor(
    readonly func: Func,
    readonly self: Value,
  ) {
    super();
  }
}

/** The result of functools.partial. */
export class Partial extends PyObject {
  constructor(
    readonly func: Value,
    readonly args: readonly Value[],
    /** A dict. */
    readonly keywords: Value,
  ) {
    super();
  }
}

export class Generator extends PyObject {
  started = false;
  running = false;

  constructor(public frame: Frame | undefined) {
    super();
  }
}

/** What happens to a frame's result in the frame below. */
export type Purpose =
  | 'call' // pushed, as a call's result
  | 'push' // pushed
  | 'drop' // discarded: a setter's
  | 'init' // discarded; the payload, a new object, is pushed
  | 'new' // the object that __new__ made; the payload is the class and the arguments
  | 'class' // the names that the body has defined become a class
  | 'enter' // pushed, after the block of a `with` statement
  | 'iterate' // a generator's next value for a loop, or its end
  | 'next' // a generator's next value for `next`, or its end
  | 'collect' // one of a generator's values, all of which a native takes
  | 'each' // one of the results that a native takes; the payload says which are left
  | 'pass' // passed to the payload, a Continuation
  | 'truth' // its truth is pushed, negated if the payload is true
  | 'jump' // the instruction jumps if its truth is the payload
  | 'keep' // the payload is pushed if the result is true; otherwise the loop's instruction runs again
  | 'missing' // a defaultdict's new value; the payload is the dict and the key
  | 'delegate' // a generator's next value for `yield from`, or its result
  | 'close' // discarded: a generator is closed
  | 'thread'; // a thread ends

/** Up to 3.10, what a frame does when something is raised, or has already done. */
interface Block {
  readonly kind: 'setup' | 'handler';
  readonly handler: number;
  /** The height of the stack. */
  readonly level: number;
}

export class Frame {
  /** Index of the next instruction. */
  next = 0;
  readonly stack: Slot[] = [];
  readonly blocks: Block[] = [];
  /** The names of the next call's last arguments: set by KW_NAMES. */
  keywords: readonly string[] = [];
  /** The generator that the frame belongs to. */
  generator: Generator | null = null;
  /** What `collect` has collected. */
  collected: Value[] = [];
  /** Whether its current call has reached the entry of the callee. */
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
