/** Reports the progress of a Parallel: by a callback, by lines on the error output, and by a bar. */
import { now } from '../../core/wait/clock.js';
import { bound } from '../../multiprocessing/pool/context.js';

/** The progress of a Parallel. */
export interface Progress {
  /** How many calls are done. */
  readonly done: number;
  /** How many have been handed to the backend. */
  readonly dispatched: number;
  /** How many there are; undefined until the input has come to its end. */
  readonly total: number | undefined;
  /** ms since the start. */
  readonly elapsed: number;
  /** ms until the end, estimated from what the calls have taken so far; undefined while that is not known. */
  readonly remaining: number | undefined;
}

/** What shows it on a terminal. */
interface Bar {
  show(progress: Progress): void;
  /** Nothing more comes. */
  end(): void;
}

/** From this level on each batch has a line; below, a growing number of calls shares one. */
const EACH = 11;
/** Above this level lines go to the standard output, as joblib's do. */
const TO_STDOUT_ABOVE = 50;

export class ProgressTeller {
  readonly #verbose: number;
  readonly #label: string;
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  readonly #bar: Bar | undefined;
  readonly #begun = now();
  #toldOf = 0;

  constructor(
    verbose: number,
    nJobs: number,
    onProgress: ((progress: Progress) => void) | undefined,
    bar: Bar | undefined,
  ) {
    this.#verbose = verbose;
    this.#label = `[Parallel(nJobs=${nJobs})]:`;
    this.#onProgress = onProgress && bound(onProgress);
    this.#bar = bar;
  }

  begin(): void {
    if (this.#verbose > 0) this.#say('begins');
  }

  /** Called when a batch is done. */
  tell(done: number, dispatched: number, total: number | undefined): void {
    const elapsed = now() - this.#begun;
    const remaining = total === undefined ? undefined : (elapsed / done) * (total - done);
    const progress = { done, dispatched, total, elapsed, remaining };
    this.#onProgress?.(progress);
    this.#bar?.show(progress);
    if (this.#verbose === 0 || !this.#isWorthALine(done, total)) return;
    this.#toldOf = done;
    const count = `Done ${String(done).padStart(3)} ${total === undefined ? 'tasks     ' : `out of ${String(total).padStart(3)}`}`;
    const left = remaining === undefined ? '' : ` remaining: ${seconds(remaining)}`;
    this.#say(`${count} | elapsed: ${seconds(elapsed)}${left}`);
  }

  /** Nothing more comes, whether or not all is done. */
  close(): void {
    this.#bar?.end();
  }

  end(done: number): void {
    if (this.#verbose > 0) this.#say(`Done ${done} | elapsed: ${seconds(now() - this.#begun)} finished`);
  }

  /** About as many lines as the level says, or, as long as the total is not known, fewer and fewer. */
  #isWorthALine(done: number, total: number | undefined): boolean {
    const verbose = this.#verbose;
    if (verbose >= EACH) return true;
    if (total !== undefined) return done < total && done - this.#toldOf > total / verbose;
    const scale = (EACH - verbose) ** 2 / 2;
    return Math.floor(Math.sqrt(done / scale)) !== Math.floor(Math.sqrt(this.#toldOf / scale));
  }

  #say(text: string): void {
    if (this.#verbose > TO_STDOUT_ABOVE) console.log(`${this.#label} ${text}`);
    else console.error(`${this.#label} ${text}`);
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(6)}s`;
