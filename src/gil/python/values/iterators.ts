/** Iterables that hold nothing themselves. */
import { Deque, Dict, List, PySet, type Range, Tuple } from './containers.js';
import { PyObject, type Value } from './value.js';

/** An iterator; `at` is its position, -1 when it is exhausted. */
export class Iteration extends PyObject {
  at = 0;
  /** How many items there were initially. */
  readonly size: number;

  constructor(
    readonly of: Range | List | Tuple | Deque | Dict | PySet | Iteration | string,
    /** What it yields from a dict; or what `enumerate`, `zip` and `reversed` yield. */
    readonly what: 'items' | 'keys' | 'values' | 'numbered' | 'zipped' | 'reversed' = 'keys',
    /** Where `enumerate` begins. */
    readonly first = 0,
  ) {
    super();
    if (of instanceof Dict || of instanceof PySet) this.size = of.items.size;
    else this.size = of instanceof List || of instanceof Tuple || of instanceof Deque ? of.items.length : 0;
  }
}

/** The result of a dict's keys(), values() or items(). */
export class View extends PyObject {
  constructor(
    readonly of: Dict,
    readonly what: 'items' | 'keys' | 'values',
  ) {
    super();
  }
}

/** The result of map() or filter(), which calls a function for each value when it is requested. */
export class Mapped extends PyObject {
  constructor(
    readonly func: Value,
    readonly of: Value,
    /** Whether it is a filter, which yields the values for which the function is true. */
    readonly keeps: boolean,
  ) {
    super();
  }
}

/** itertools.count */
export class Count extends PyObject {
  constructor(
    public next: number,
    readonly step: number,
  ) {
    super();
  }
}
