/** How live objects are written for readers without access to their memory. */

/** Data in place of live objects, for readers that cannot have their memory. */
export interface StandIns {
  /** @returns a plain object that represents a live one; undefined if there is none, and the object is refused */
  of(object: object): object | undefined;
  /** @returns the live object for which `of`, on the other side, returned this */
  attach(standIn: object): object;
  /** The message for refused live objects and shared memory: it ends a sentence. */
  readonly refusal: string;
}
