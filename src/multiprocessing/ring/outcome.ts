/** The outcome of a step on a ring, if it is not an item. */

/** There was no item, or no room, in time. */
export const NONE: unique symbol = Symbol('none in time');
/** There will be no item, or no room, any more: the ring is shut. */
export const ENDED: unique symbol = Symbol('none any more');
/** The item is put. */
export const PUT: unique symbol = Symbol('put');

/** An error on its way out of a latch: it is thrown once that is free. */
export class Failure {
  /** @param stays whether the item is still there */
  constructor(
    readonly error: unknown,
    readonly stays = false,
  ) {}
}

/** @throws the error of a failure */
export function unlessFailed<T>(outcome: T | Failure): T {
  if (outcome instanceof Failure) throw outcome.error;
  return outcome;
}
