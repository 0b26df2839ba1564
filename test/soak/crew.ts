// The workers of one play, some of which are killed and replaced.
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Arena, type Shared } from 'atomics-sync-free';
import { build } from 'esbuild';
import { agentName } from '#dist/core/memory/owner.js';
import { agentSlots, slotIndex } from '#dist/core/memory/region.js';
import { holderOf, isLive, LIFE } from '#dist/core/memory/slots.js';
import type { HostWorker } from '#dist/host/host.js';
import { start } from '#host';
import { until } from '../support/workers.js';
import type { Definition, Play } from './play.js';
import { EXIT, FILL_MEMORY, IDLE, STATES, type Strand, type Table } from './table.js';
import type { SoakData } from './worker.js';

/** The workers' module, in one file: to load it as many costs a worker more than all the rest of its start. */
const WORKER = new URL('./worker.bundle.js', import.meta.url);

/** Makes that file, which must be there before the first crew is. */
export async function bundleWorker(): Promise<void> {
  const options = { bundle: true, format: 'esm', platform: 'node', logLevel: 'error' } as const;
  const entry = new URL('./worker.js', import.meta.url);
  await build({ ...options, entryPoints: [fileURLToPath(entry)], outfile: fileURLToPath(WORKER) });
}

/** How long a worker may take to start, or to end, in ms: on a machine that is busy with much else, long. */
const START_MS = 180_000;
const END_MS = 180_000;

/** The rows of each worker's strands: a thread's and two tasks' in turn. */
export function rowsOf(workers: number): number[][] {
  let next = 0;
  return Array.from({ length: workers }, (_, i) => (i % 2 === 0 ? [next++] : [next++, next++]));
}

/** How long a strand is given to reach a point where it obeys, in ms; it may be asleep. */
const OBEY_MS = 50;
/** The heap of a worker, in MB: small, so that it is soon full. */
const HEAP_MB = 32;

/** Whether a worker that is terminated ends though it is busy or blocked. */
const TERMINATES = !('Deno' in globalThis);
const LIMITS_MEMORY = !('Deno' in globalThis || 'Bun' in globalThis);
export type Way = 'terminate()' | 'process.exit()' | 'memory';

/** How a worker is to end. */
function choose(): Way {
  const dice = Math.random() * 100;
  if (TERMINATES && dice < 60) return 'terminate()';
  return LIMITS_MEMORY && dice >= 90 ? 'memory' : 'process.exit()';
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

  /** Waits until there is a worker everywhere: at first, and for those that take the place of the dead. */
  async fill(): Promise<void> {
    for (const post of this.#posts) post.arrival ??= this.#start(post);
    await Promise.all(this.#posts.map(({ arrival }) => arrival));
  }

  async #start(post: Post): Promise<void> {
    const rows = post.strands.map(({ id }) => id);
    const data: SoakData = { name: this.#name, shared: this.#shared, words: this.#table.words, rows };
    let agent: number | undefined;
    const onMessage = (said: unknown): void => {
      agent = said as number;
    };
    const worker = start(WORKER, { data, onMessage, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
    void worker.exit.then((exit) => {
      if (exit.cause !== 'threw') return;
      const { code } = exit.error as NodeJS.ErrnoException;
      if (code !== 'ERR_WORKER_OUT_OF_MEMORY' || !post.fills) this.error ??= exit.error;
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
   * Ends one, whatever it is doing, and starts another in its place, which plays as soon as it is there. Several may be ended
   * at once.
   *
   * @returns how it ended
   */
  async killOne(): Promise<Way | undefined> {
    const running = this.#posts.filter(({ worker }) => worker !== undefined);
    if (running.length === 0) return undefined;
    const post = running[Math.floor(Math.random() * running.length)];
    const { agent } = post;
    const way = await post.die(choose());
    if (way === undefined) return undefined;
    await this.#notice(agent, way);
    for (const strand of post.strands) {
      this.play.bury?.(strand);
      strand.state = IDLE;
    }
    post.arrival = this.#start(post).catch((error: unknown) => {
      this.error ??= error;
    });
    return way;
  }

  /** The agent that has started a worker is told of its end before the soak is; in Deno it may still have to look. */
  async #notice(agent: number, way: Way): Promise<void> {
    const { words, member } = this.#arena;
    if (TERMINATES) {
      if (isLive(words, agent)) throw new Error(`nobody has noticed the end of agent ${agent} by ${way}`);
      return;
    }
    const noticed = (): boolean => {
      member.vigil?.look();
      return !isLive(words, agent);
    };
    await until(noticed, { ms: END_MS, what: 'the end of a worker is noticed' });
  }

  /**
   * Whether nobody does anything: no worker plays, and all that the dead had is given back, which may be the work of another
   * agent than the one that was told of a death.
   */
  get rests(): boolean {
    const { words } = this.#arena;
    return (
      this.#table.strands.every(({ state }) => state === IDLE) &&
      this.#taken.every((slot) => isLive(words, holderOf(words, slot)))
    );
  }

  /**
   * Ends all workers, wherever they are: those that are about to take the place of others, too.
   *
   * @throws when a dead one has a slot
   */
  async end(): Promise<void> {
    await this.fill();
    await this.#slotsAreOf(this.#posts.length + 1);
    if (!TERMINATES) return;
    await Promise.all(this.#posts.map((post) => post.die('terminate()')));
    for (const strand of this.#table.strands) strand.state = IDLE;
    await this.#slotsAreOf(1);
  }

  /** Waits until no more slots are taken than there are agents. */
  async #slotsAreOf(agents: number): Promise<void> {
    await until(() => this.#taken.length === agents, { what: `the slots are those of ${agents} agents that live` });
  }

  /** The slots that are taken. */
  get #taken(): number[] {
    const { words } = this.#arena;
    const slots = Array.from({ length: agentSlots(words) }, (_, slot) => slot);
    return slots.filter((slot) => (Atomics.load(words, slotIndex(slot) + LIFE) & 3) !== 0);
  }

  /** What all are doing, for people to read. */
  toString(): string {
    const states = this.#table.strands.map(({ id, state, mark }) => `${id}: ${STATES[state]} (mark ${mark})`);
    const { words } = this.#arena;
    const slots = this.#taken.map(
      (slot) => agentName(holderOf(words, slot)) + (isLive(words, holderOf(words, slot)) ? '' : ', dead'),
    );
    return `${this.play}\n  ${states.join('\n  ')}\n  slots: ${slots.join('; ')}`;
  }
}

/** A place for a worker. */
class Post {
  worker: HostWorker | undefined;
  /** The start of its worker, or of the one to come. */
  arrival: Promise<void> | undefined;
  agent = 0;

  constructor(readonly strands: readonly Strand[]) {}

  /** Whether it is about to end by filling its memory. */
  fills = false;

  /**
   * @returns how it ended: by terminate() if it was asleep, and did not come to what it was told; undefined if it did not
   *   end
   */
  async die(way: Way): Promise<Way | undefined> {
    const { worker } = this;
    if (worker === undefined) return undefined;
    this.worker = undefined;
    let isOver = false;
    const end = worker.exit.then(() => {
      isOver = true;
    });
    let ended = way;
    if (way !== 'terminate()') {
      const [strand] = this.strands;
      this.fills = way === 'memory';
      strand.order(way === 'memory' ? FILL_MEMORY : EXIT);
      await Promise.race([end, setTimeout(OBEY_MS)]);
      if (strand.revoke()) {
        if (!TERMINATES) {
          this.worker = worker;
          return undefined;
        }
        ended = 'terminate()';
      }
    }
    if (ended === 'terminate()') void worker.terminate();
    await until(() => isOver, { ms: END_MS, what: 'a worker has ended' });
    this.fills = false;
    return ended;
  }
}
