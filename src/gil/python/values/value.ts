/**
 * Python's values. None, bool, int and str are JavaScript's null, boolean, number and string; `undefined` is the NULL
 * that CPython has on its stack. Everything else is an object of a class of this folder.
 *
 * Objects in a program's state are copied and compared by their fields (state.ts); anything immutable is a Constant,
 * which all states share.
 */

/** A Python object. */
export abstract class PyObject {
  /** Makes the type nominal: only subclasses match it, whatever fields a value has. */
  declare protected readonly isPython: true;
}

export type Value = null | boolean | number | string | PyObject;

/** What a stack slot holds. */
export type Slot = Value | undefined;

/** Immutable: all states of a program share it. */
export abstract class Constant extends PyObject {
  private static count = 0;
  /** Distinguishes it from the others. */
  readonly id = Constant.count++;
}
