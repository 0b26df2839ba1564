// The workers of one play, some of which are killed and replaced.
import { Arena, retire, type Shared } from 'atomics-sync-free';
import type { HostWorker } from '#dist/host/host.js';
import { start } from '#host';
import { until } from '../support/workers.js';
import type { Definition, Play } from './play.js';
import { HOLDING, IDLE, STATES, type Strand, type Table, WAITING } from './table.js';
import type { SoakData } from './worker.js';

const WORKER = new URL('./worker.js', import.meta.url);

/** How long a worker may take to start, in ms. */
const START_MS = 15_000;

/** The rows of each worker's strands: a thread's and two tasks' in turn. */
export function rowsOf(workers: number): number[][] {
  let next = 0;
  return Array.from({ length: workers }, (_, i) => (i % 2 === 0 ? [next++] : [next++, next++]));
}

/** How a kill went. */
export interface Death {
  /** Strands of which nobody can know what they had. */
  readonly doubtful: number;
  /** It was killed just as it got what it had waited for, and now nobody else can. */
  readonly heldIt: boolean;
}

export class Crew {
  readonly play: Play;
  readonly #name: string;
  readonly #table: Table;
  readonly #arena = new Arena();
  readonly #shared: Shared<object>;
  readonly #posts: Post[];
  /** What a worker has thrown. */
  error: unknown;

  /** `rows` are those of its workers' strands. */
  constructor(name: string, definition: Definition, table: Table, rows: readonly (readonly number[])[]) {
    const { play, shared } = definition.make(this.#arena, table);
    this.play = play;
    this.#name = name;
    this.#table = table;
    this.#shared = shared;
    this.#posts = rows.map((of) => new Post(of.map((row) => table.strands[row])));
  }

  /** Starts a worker wherever there is none; they play when a round begins. */
  async fill(): Promise<void> {
    await Promise.all(this.#posts.filter(({ worker }) => worker === undefined).map((post) => this.#start(post)));
  }

  async #start(post: Post): Promise<void> {
    const rows = post.strands.map(({ id }) => id);
    const data: SoakData = { name: this.#name, shared: this.#shared, words: this.#table.words, rows };
    let agent: number | undefined;
    const onMessage = (said: unknown): void => {
      agent = said as number;
    };
    const worker = start(WORKER, { data, onMessage });
    void worker.exit.then((exit) => {
      if (exit.cause === 'threw') this.error ??= exit.error;
    });
    const arrived = (): number | undefined => {
      this.check();
      return agent;
    };
    post.agent = (await until(arrived, { ms: START_MS, what: 'a worker has started' })) as number;
    post.worker = worker;
  }

  /** @throws what a worker has thrown */
  check(): void {
    if (this.error !== undefined) throw this.error;
  }

  /**
   * Kills one that waits, and retires it.
   *
   * @returns undefined when none waits
   */
  async killOne(): Promise<Death | undefined> {
    const waiting = this.#posts.filter((post) => post.waits);
    if (waiting.length === 0) return undefined;
    const post = waiting[Math.floor(Math.random() * waiting.length)];
    const { agent } = post;
    await post.end();
    const heldIt = this.play.holder?.() === agent;
    if (!retire(this.#arena, agent)) throw new Error(`agent ${agent} had been retired already`);
    let doubtful = 0;
    for (const strand of post.strands) {
      const { state } = strand;
      const known = this.play.bury?.(strand, state) ?? false;
      if (!known && state !== IDLE) doubtful++;
      strand.state = IDLE;
    }
    return { doubtful, heldIt };
  }

  /** Whether nobody does anything. */
  get rests(): boolean {
    return this.#table.strands.every(({ state }) => state === IDLE);
  }

  /** Whether somebody has what was waited for. */
  get holds(): boolean {
    return this.#table.strands.some(({ state }) => state === HOLDING);
  }

  /** Ends all workers, wherever they are. */
  async end(): Promise<void> {
    await Promise.all(this.#posts.map((post) => post.end()));
    for (const strand of this.#table.strands) strand.state = IDLE;
  }

  /** What all are doing, for people. */
  toString(): string {
    const states = this.#table.strands.map(({ id, state, mark }) => `${id}: ${STATES[state]} (mark ${mark})`);
    return `${this.play}\n  ${states.join('\n  ')}`;
  }
}

/** A place for a worker. */
class Post {
  worker: HostWorker | undefined;
  agent = 0;

  constructor(readonly strands: readonly Strand[]) {}

  /** Whether it waits and holds nothing, as far as can be seen. */
  get waits(): boolean {
    const states = this.strands.map(({ state }) => state);
    return this.worker !== undefined && states.includes(WAITING) && !states.includes(HOLDING);
  }

  async end(): Promise<void> {
    await this.worker?.terminate();
    this.worker = undefined;
  }
}
