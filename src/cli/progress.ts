/** The progress of a long command: one line on a terminal, overwritten each time. */

/** Clears the terminal's line. */
const CLEAR = '\r\x1b[K';

export class ProgressLine {
  readonly #write: (text: string) => void;
  readonly #steps: number;
  #done = 0;

  /**
   * @param write writes to the terminal
   * @param steps how many steps there are
   */
  constructor(write: (text: string) => void, steps: number) {
    this.#write = write;
    this.#steps = steps;
  }

  /** @returns a line on the error output, if that is a terminal */
  static onTerminal(steps: number): ProgressLine | undefined {
    return process.stderr.isTTY ? new ProgressLine((text) => void process.stderr.write(text), steps) : undefined;
  }

  /** Shows what is being done now. */
  show(text: string): void {
    this.#write(`${CLEAR}[${this.#done + 1}/${this.#steps}] ${text}`);
  }

  /** Counts a completed step, and clears the line for its output. */
  step(): void {
    this.#done++;
    this.#write(CLEAR);
  }
}
