/**
 * The supervisor's side of a set of workers that play one test together: it starts them, watches them from outside to
 * detect hangs, and reads what they have counted.
 */
import { processors, start } from '#host';
import type { Exit, HostWorker } from '../host/host.js';
import { Arena, share } from '../index.js';
import type { Step } from './recorder.js';
import type { Counts } from './report.js';
import {
  buildCells,
  buildStage,
  OTHER_RESULTS,
  PLAYED,
  positionOf,
  RESULTS_PER_ACTOR,
  type Stage,
  tallyOf,
  Word,
} from './stage.js';
import type { StressTest } from './test.js';
import type { Announcement, Assignment } from './worker.js';

/**
 * How a cast ended: told to stop, when one of its actors was killed, without progress for the test's time limit, or by
 * an actor that threw or ended its worker.
 */
export type Ending =
  | { readonly kind: 'stopped' }
  /** The result is that of the iteration in which it died, if it was in one. */
  | { readonly kind: 'killed'; readonly result: string | undefined }
  | { readonly kind: 'hang' }
  | { readonly kind: 'error'; readonly error: unknown };

/** What the workers run: a file beside this one. */
const workerFile = (): URL => new URL('./worker.js', import.meta.url);

/** @returns the path of a URL of a file as messages show it, except that Windows has backslashes */
const shownPath = ({ pathname }: URL): string => decodeURIComponent(pathname).replace(/^\/(?=[A-Za-z]:)/, '');

/** Whether a cast ended because there is no such file, for example because a bundler has put the lab into one file. */
export function lacksWorker(ending: Ending): boolean {
  const text = ending.kind === 'error' && ending.error instanceof Error ? ending.error.message : '';
  return /cannot find module/i.test(text) && text.replaceAll('\\', '/').includes(shownPath(workerFile()));
}

/** The result that an ending counts as in the report, if any. */
export function resultOf(ending: Ending): string | undefined {
  if (ending.kind === 'stopped') return undefined;
  if (ending.kind === 'killed') return ending.result;
  if (ending.kind === 'hang') return 'hang';
  return `error: ${ending.error instanceof Error ? ending.error.message : ending.error}`;
}

/** Iterations between two judgings. With more actors than processors a batch must outlast a time slice for them to overlap. */
const CAPACITY = 1024;
const CAPACITY_OVERSUBSCRIBED = 16_384;
const DEFAULT_TIME_LIMIT = 2_000;
/** Workers that have not come on stage after this many ms are no longer waited for. */
const START_LIMIT = 30_000;

/** @returns an error that was thrown nowhere, so that no line is named */
const endedBy = (what: string): Error => Object.assign(new Error(`ended by ${what}`), { stack: '' });

/** An actor that is to be killed is killed within this many ms after all have come on stage. */
const KILL_WITHIN = 20;

/** How a cast is to play. */
interface CastOptions {
  /** How many threads run at the same time, including those of this cast. */
  readonly threads: number;
  /** Called when all workers are on stage. */
  readonly onReady?: () => void;
  /** Makes the workers play recorded, until an iteration counts under the wanted row. */
  readonly recording?: {
    readonly wanted: string;
    readonly onStep: (actor: number, iteration: number, index: number, step: Step) => void;
  };
}

// Each set of workers has an arena of its own, so that nobody has to retire terminated ones: everyone who could wait for them
// there has ended with them.
const arenaFor = (actors: number) => ({ agents: actors + 1, byteLength: 65_536 + 64 * actors });

/** One set of workers that play one test together, watched from outside. */
export class Cast {
  readonly #test: StressTest;
  readonly #stage: Stage;
  readonly #primitives: object;
  readonly #workers: readonly HostWorker[];
  readonly #recording: CastOptions['recording'];
  readonly #resultNames: string[][];
  readonly #onReady: CastOptions['onReady'];
  #ready = 0;
  #running: number;
  #killer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the actor that is to be killed has ended. */
  #killed = false;
  #end!: (ending: Ending) => void;
  /** Resolves when all workers have ended; their counts can be read then and before. */
  readonly ended: Promise<Ending>;

  /**
   * Starts the workers.
   *
   * @param test - what to play
   * @param actors - how many workers play it together
   * @param options - how many other threads run, and what the cast is for
   */
  constructor(test: StressTest, actors: number, { threads, onReady, recording }: CastOptions) {
    const roomy = threads <= processors();
    const capacity = recording ? 1 : roomy ? CAPACITY : CAPACITY_OVERSUBSCRIBED;
    this.#test = test;
    this.#stage = buildStage(test, actors, Math.min(test.batch ?? capacity, capacity));
    this.#running = actors;
    this.#resultNames = Array.from({ length: actors }, () => []);
    const ending = new Promise<Ending>((resolve) => {
      this.#end = resolve;
    });
    this.#primitives = test.primitives?.(new Arena(arenaFor(actors))) ?? {};
    const primitives = share(this.#primitives);
    this.#recording = recording;
    this.#onReady = onReady;
    this.#workers = Array.from({ length: actors }, (_, actor) => {
      const data: Assignment = {
        module: test.module,
        test: test.name,
        primitives,
        stage: this.#stage,
        actor,
        actors,
        roomy,
        wanted: recording?.wanted,
      };
      const onMessage = (said: unknown): void => this.#hear(actor, said as Announcement);
      const worker = start(workerFile(), { data, onMessage });
      void worker.exit.then((exit) => this.#left(actor, exit));
      return worker;
    });
    const watchdog = this.#watch();
    this.ended = ending.finally(async () => {
      clearInterval(watchdog);
      clearTimeout(this.#killer);
      await Promise.all(this.#workers.map((worker) => worker.terminate()));
    });
  }

  #hear(actor: number, said: Announcement): void {
    if (said.kind === 'result') {
      this.#resultNames[actor][said.slot] = said.result;
    } else if (said.kind === 'step') {
      this.#recording?.onStep(actor, said.iteration, said.index, said.step);
    } else {
      this.#ready++;
      if (this.#ready < this.#workers.length) return;
      this.#onReady?.();
      const { kills } = this.#test;
      if (kills === undefined) return;
      this.#killer = setTimeout(() => void this.#workers[kills].terminate(), Math.random() * KILL_WITHIN);
    }
  }

  #left(actor: number, exit: Exit): void {
    this.#running--;
    // A worker that ends before it has played to the end has ended itself.
    const ended = exit.cause === 'ended' && Atomics.load(this.#stage.control, positionOf(actor)) !== PLAYED;
    if (exit.cause === 'threw') this.#end({ kind: 'error', error: exit.error });
    else if (ended) this.#end({ kind: 'error', error: endedBy(`process.exit(${exit.code})`) });
    else if (this.#running === 0) this.#end({ kind: 'stopped' });
    else if (actor === this.#test.kills) this.#killed = true;
  }

  /** Lets the workers finish their batch and leave. */
  stop(): void {
    Atomics.store(this.#stage.control, Word.stop, 1);
  }

  /** Whether the iteration that a recording waits for has been found, with all its steps reported. */
  get found(): boolean {
    return Atomics.load(this.#stage.control, Word.found) === 1;
  }

  /** Adds what has been counted so far. */
  addTo(counts: Counts): void {
    const { tally } = this.#stage;
    this.#resultNames.forEach((names, actor) => {
      const { walked, overlapped, firstResult } = tallyOf(actor);
      counts.walked += tally[walked];
      counts.overlapped += tally[overlapped];
      for (let slot = 0; slot < RESULTS_PER_ACTOR; slot++) {
        const samples = tally[firstResult + slot];
        // A worker that was terminated may have counted a result whose name never arrived.
        const name = names[slot] ?? OTHER_RESULTS;
        if (samples > 0) counts.samples.set(name, (counts.samples.get(name) ?? 0) + samples);
      }
    });
  }

  /** Ends the cast as hung once no worker has moved for the time limit. */
  #watch(): ReturnType<typeof setInterval> {
    const limit = this.#test.timeLimit ?? DEFAULT_TIME_LIMIT;
    const interval = Math.min(50, limit / 4);
    let seen = '';
    let still = 0;
    return setInterval(() => {
      const now = this.#whereabouts();
      // Ticks are counted, not time, because a machine that stood still has given the workers no time either.
      still = now === seen ? still + interval : 0;
      seen = now;
      if (this.#killed && still > 0 && this.#atGate) this.#end({ kind: 'killed', result: this.#judgeLast() });
      else if (still >= (this.#ready === this.#workers.length ? limit : START_LIMIT)) this.#end({ kind: 'hang' });
    }, interval);
  }

  /** Whether all but at most one are at the gate. */
  get #atGate(): boolean {
    return Atomics.load(this.#stage.control, Word.arrived) >= this.#workers.length - 1;
  }

  /** Names the result of the iteration in which the killed actor was. */
  #judgeLast(): string | undefined {
    const { kills = 0 } = this.#test;
    const position = Atomics.load(this.#stage.control, positionOf(kills));
    if (position % 2 === 0) return undefined;
    const cells = buildCells(this.#stage, this.#test, this.#primitives, kills, this.#workers.length);
    return this.#test.arbiter(cells[(position - 1) / 2]);
  }

  #whereabouts(): string {
    const { control } = this.#stage;
    const positions = this.#workers.map((_, actor) => Atomics.load(control, positionOf(actor)));
    return [Atomics.load(control, Word.gate), this.#ready, ...positions].join();
  }
}
