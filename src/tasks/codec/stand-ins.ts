/** How live objects are written for somebody who has no part of their memory. */

/** Data in the place of live objects, for readers who cannot have their memory. */
export interface StandIns {
  /** @returns a plain object that stands for a live one; undefined where nothing does, and it is refused */
  of(object: object): object | undefined;
  /** @returns the live object for which, on the other side, `of` returned this */
  attach(standIn: object): object;
  /** Said of live objects that are refused, and of shared memory: it ends a sentence. */
  readonly refusal: string;
}
