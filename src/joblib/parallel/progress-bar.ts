/** The progress of a Parallel, as a bar: one line of a terminal that is written over. */
import type { Progress } from './progress.js';

/** What is used of the `process` of hosts that have one. */
interface Host {
  readonly process?: {
    readonly stderr?: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };
  };
}

/** Empties the line. */
const CLEAR = '\r\x1b[K';
/** The longest bar, in characters. */
const LONGEST = 40;
/** What is beside the bar takes at most this many characters. */
const FIGURES = 60;
/** The least time between two writes of the line, in ms. */
const EVERY = 50;

export class ProgressBar {
  readonly #write: (text: string) => void;
  readonly #length: number;
  #shownAt = -Infinity;

  /**
   * @param write writes to the terminal
   * @param columns how many characters a line has
   */
  constructor(write: (text: string) => void, columns: number) {
    this.#write = write;
    this.#length = Math.max(0, Math.min(LONGEST, columns - FIGURES));
  }

  /** @returns a bar on the error output, if that is a terminal */
  static onTerminal(): ProgressBar | undefined {
    const { stderr } = (globalThis as Host).process ?? {};
    if (stderr?.isTTY !== true) return undefined;
    return new ProgressBar((text) => stderr.write(text), stderr.columns ?? 80);
  }

  show(progress: Progress): void {
    const { done, total, elapsed } = progress;
    if (done !== total && elapsed - this.#shownAt < EVERY) return;
    this.#shownAt = elapsed;
    this.#write(`${CLEAR}${this.#line(progress)}`);
  }

  #line({ done, total, elapsed, remaining }: Progress): string {
    if (total === undefined || remaining === undefined) return `${done} done, ${seconds(elapsed)}`;
    const share = total === 0 ? 1 : done / total;
    const full = Math.floor(share * this.#length);
    const bar = `${'█'.repeat(full)}${'░'.repeat(this.#length - full)}`;
    return `${bar} ${Math.floor(share * 100)} % ${done}/${total}, ${seconds(elapsed)}, ${seconds(remaining)} left`;
  }

  /** Leaves the line as it is, and begins another. */
  end(): void {
    if (this.#shownAt >= 0) this.#write('\n');
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
