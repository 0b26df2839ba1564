/** Containers, and other plain data without a JavaScript equivalent. */
import { Constant, PyObject, type Value } from './value.js';

export class Tuple extends PyObject {
  constructor(readonly items: readonly Value[]) {
    super();
  }
}

export class List extends PyObject {
  constructor(readonly items: Value[]) {
    super();
  }

  /** Not in one call, which takes only some hundred thousand arguments. The items may be its own. */
  extend(more: readonly Value[]): void {
    for (const item of [...more]) this.items.push(item);
  }

  /** Replaces all its items with these. */
  replace(items: readonly Value[]): void {
    this.items.length = 0;
    this.extend(items);
  }
}

export class Deque extends PyObject {
  constructor(
    readonly items: Value[],
    readonly most: number | null,
  ) {
    super();
  }
}

/** What a key is looked up by: see `hashOf`. */
export type Hash = string | object;

export class Dict extends PyObject {
  /** The factory for missing keys, in a defaultdict. */
  constructor(
    readonly items: Map<Hash, [key: Value, value: Value]>,
    readonly factory: Value = null,
  ) {
    super();
  }
}

export class PySet extends PyObject {
  constructor(readonly items: Map<Hash, Value>) {
    super();
  }
}

export class Range extends PyObject {
  constructor(
    readonly start: number,
    readonly stop: number,
    readonly step: number,
  ) {
    super();
  }
}

export class Slice extends PyObject {
  constructor(
    readonly start: number | null,
    readonly stop: number | null,
    readonly step: number,
  ) {
    super();
  }
}

export class Float extends Constant {
  constructor(readonly value: number) {
    super();
  }
}
