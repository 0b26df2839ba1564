/**
 * Python's values. None, bool, int and str are JavaScript's null, boolean, number and string; `undefined` is the NULL
 * that CPython has on its stack. Everything else is an object of a class of this folder.
 *
 * What a state of the program consists of is copied and compared by its fields (state.ts); what never changes is a
 * Constant, of which all states have the same one.
 */

/** An object of Python's. */
export abstract class PyObject {
  /** Nothing but its heirs is one, whatever fields it has. */
  declare protected readonly isPython: true;
}

export type Value = null | boolean | number | string | PyObject;

/** What a place of a stack holds. */
export type Slot = Value | undefined;

/** Never changes: all states of a program share it. */
export abstract class Constant extends PyObject {
  private static count = 0;
  /** Tells it from the others. */
  readonly id = Constant.count++;
}
