/** Where a primitive is: in a cell of an arena. */
import type { Fields } from '../arguments.js';
import type { Arena } from '../memory/arena.js';
import type { Handle } from '../memory/handle.js';

/** Where a primitive is made. */
export interface PlaceOptions {
  /** The arena to live in; by default the calling agent's current one. */
  arena?: Arena | undefined;
  /** What people call it, 1 to 100 characters: in reports of deadlocks and in `dumpAgents`. */
  name?: string | undefined;
}

/** All of them. */
export const PLACE_FIELDS: Fields<PlaceOptions> = { arena: true, name: true };

/** A cell that exists already, as `attach` gives it to a primitive's constructor. */
export class Place {
  /** @param handle what came, for a class whose objects bring more than a cell: it is for the class to check */
  constructor(
    readonly arena: Arena,
    readonly cell: number,
    readonly handle?: Handle,
  ) {}
}
