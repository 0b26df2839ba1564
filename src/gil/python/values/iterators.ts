/** What is iterated over but holds nothing itself. */
import { Deque, Dict, List, PySet, type Range, Tuple } from './containers.js';
import { PyObject, type Value } from './value.js';

/** An iterator over something; `at` is how far it is, -1 when it has nothing more. */
export class Iteration extends PyObject {
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
    super();
    if (of instanceof Dict || of instanceof PySet) this.size = of.items.size;
    else this.size = of instanceof List || of instanceof Tuple || of instanceof Deque ? of.items.length : 0;
  }
}

/** What a dict's keys(), values() and items() give. */
export class View extends PyObject {
  constructor(
    readonly of: Dict,
    readonly what: 'items' | 'keys' | 'values',
  ) {
    super();
  }
}

/** What map() and filter() give: they call a function for each value, when it is asked for. */
export class Mapped extends PyObject {
  constructor(
    readonly func: Value,
    readonly of: Value,
    /** Whether it is a filter, which gives the values of which the function is true. */
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
