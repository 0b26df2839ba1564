/** Containers, and the other plain data that is no constant of JavaScript's. */
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

  /** Not by one call, which takes some hundred thousand arguments and no more. The items may be its own. */
  extend(more: readonly Value[]): void {
    for (const item of [...more]) this.items.push(item);
  }

  /** Has it hold these, and nothing else. */
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

/** By what a key is found: see `hashOf`. */
export type Hash = string | object;

export class Dict extends PyObject {
  /** What a missing key gets, in a defaultdict. */
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
