/** The error that ends an exploration or a run when the machine does not know how to continue. */

/** The machine does not know how to do it. Whoever catches it adds the line. */
export class Unsupported extends Error {
  /** The line in the source; 0 if not known yet. */
  line = 0;
}
