/** Where a primitive is: in a cell of an arena. */
import type { Fields } from '../arguments.js';
import type { Arena } from '../memory/arena.js';
import type { Handle } from '../memory/handle.js';

/** Options for where a primitive is created. */
export interface PlaceOptions {
  /** The arena to create it in; by default the calling agent's current one. */
  arena?: Arena | undefined;
  /** Its name, 1 to 100 characters, for human readers of deadlock reports and `dumpAgents`. */
  name?: string | undefined;
}

/** All options. */
export const PLACE_FIELDS: Fields<PlaceOptions> = { arena: true, name: true };

/** An existing cell, as passed by `attach` to a primitive's constructor. */
export class Place {
  /** @param handle the received handle, for a class whose objects consist of more than a cell: the class has to check it */
  constructor(
    readonly arena: Arena,
    readonly cell: number,
    readonly handle?: Handle,
  ) {}
}
