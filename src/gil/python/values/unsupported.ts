/** What ends an exploration or a run that the machine knows nothing about. */

/** The machine does not know how to do it. Who catches it adds the line. */
export class Unsupported extends Error {
  /** The line in the source; 0 where it is not known yet. */
  line = 0;
}
