/** Classes, their objects, and what they contain. Exceptions are such objects. */
import { Unsupported } from './unsupported.js';
import { Constant, PyObject, type Value } from './value.js';

export class PyClass extends PyObject {
  /** Base classes and their bases, nearest first, itself included. */
  readonly mro: readonly PyClass[];

  constructor(
    readonly name: string,
    bases: readonly PyClass[],
    readonly attributes: Map<string, Value>,
    /** Whether it is one of Python's own, which never change. */
    readonly builtin = false,
  ) {
    super();
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

/** The method resolution order: C3 (Barrett et al., A monotonic superclass linearization for Dylan, 1996). */
function merged(orders: readonly (readonly PyClass[])[]): PyClass[] {
  const open = orders.filter((order) => order.length > 0);
  if (open.length === 0) return [];
  const next = open.map(([first]) => first).find((each) => open.every((order) => !order.slice(1).includes(each)));
  if (next === undefined) throw new Unsupported('a class whose bases have no consistent order');
  return [next, ...merged(open.map((order) => order.filter((each) => each !== next)))];
}

/** An object of a class of the program, or an exception. */
export class Instance extends PyObject {
  /** For an exception, the line that it was raised at; 0 before it is. */
  line = 0;

  constructor(
    readonly type: PyClass,
    readonly attributes: Map<string, Value>,
  ) {
    super();
  }
}

export class Property extends PyObject {
  constructor(
    readonly get: Value,
    readonly set: Value,
  ) {
    super();
  }
}

/** A staticmethod or classmethod. */
export class Wrapped extends PyObject {
  constructor(
    readonly kind: 'staticmethod' | 'classmethod',
    readonly func: Value,
  ) {
    super();
  }
}

/** The result of super(). */
export class Super extends PyObject {
  constructor(
    /** The class whose bases are searched. */
    readonly after: PyClass,
    readonly self: Value,
  ) {
    super();
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

/** Python raises an exception. */
export class Raised extends Error {
  constructor(readonly value: Instance) {
    super(value.type.name);
  }
}
