/**
 * How the members of an arena look after each other: whoever waits asks, from time to time, whether the others live, and
 * retires those that have ended. So the death of an agent needs no event loop to become known, and nobody but those who
 * wait, for it makes a difference to nobody else.
 *
 * Where the host tells an agent that a worker which it has started has ended, it need not wait for that.
 */
import type { SyncError } from '../errors.js';
import { after } from '../wait/watch.js';
import { hasEnded, type Pulse } from './pulse.js';
import { condemn, eachAgent, eachAgentOf, isLive, refusalOf } from './slots.js';
import { freeFromRetired, retireAll } from './sweep.js';

/** How long an agent that blocks sleeps between two looks, in ms: a part of what it has waited, within bounds. */
const PART = 16;
const SHORTEST = 10;
const LONGEST = 100;
/** How much later than it meant to it may wake up before somebody asks whether it lives, in ms. */
const SLACK = 30;
/** The same, for tasks: the event loop of their agent has more to do, and may be told by the host besides. */
const TASK_PART = 8;
const TASK_SHORTEST = 20;
const TASK_LONGEST = 250;

let chore: (() => void) | undefined;

/** Has an agent that waits do something as well, whenever it looks after the others: answer those that have asked it. */
export function whileWaiting(does: () => void): void {
  chore = does;
}

const part = (waited: number, of: number, least: number, most: number): number =>
  Math.min(Math.max(waited / of, least), most);

export class Vigil {
  readonly #words: Int32Array;
  readonly #agent: number;
  /** The agent's own. */
  readonly pulse: Pulse;
  /** What tasks of the agent wait for: the cells, and how many queues there are for each. */
  readonly #awaited = new Map<number, number>();
  /** How long that has been so, in ms. */
  #attended = 0;
  #looksAgain = false;

  constructor(words: Int32Array, pulse: Pulse) {
    this.#words = words;
    this.#agent = pulse.agent;
    this.pulse = pulse;
  }

  /** What to refuse the agent's waits with, when somebody took it for dead. */
  get refusal(): SyncError | undefined {
    return refusalOf(this.#words, this.#agent);
  }

  /**
   * How long the agent, which blocks, may sleep before it looks.
   *
   * @param waited how long it has waited, in ms
   */
  rest(waited: number): number {
    const ms = part(waited, PART, SHORTEST, LONGEST);
    if (waited > 0) this.pulse.keep(ms + SLACK);
    return ms;
  }

  /**
   * Finds those that have ended, and retires them.
   *
   * @param cells what the agent waits for
   */
  look(cells: Iterable<number> = []): void {
    const words = this.#words;
    eachAgent(words, (other) => {
      if (other !== this.#agent && hasEnded(words, other)) condemn(words, other);
    });
    retireAll(words, this.#agent);
    for (const cell of cells) freeFromRetired(words, cell, this.#agent);
    chore?.();
  }

  /** Looks from time to time, as long as tasks of the agent wait for something, such as this cell. */
  attend(cell: number): void {
    const isFirst = this.#awaited.size === 0;
    this.#awaited.set(cell, (this.#awaited.get(cell) ?? 0) + 1);
    if (!isFirst) return;
    this.#attended = 0;
    if (!this.#looksAgain) this.#lookLater();
  }

  /** One queue less waits for a cell. */
  depart(cell: number): void {
    const left = (this.#awaited.get(cell) ?? 0) - 1;
    if (left > 0) this.#awaited.set(cell, left);
    else this.#awaited.delete(cell);
  }

  #lookLater(): void {
    const ms = part(this.#attended, TASK_PART, TASK_SHORTEST, TASK_LONGEST);
    this.#looksAgain = true;
    after(ms, () => {
      this.#looksAgain = false;
      if (this.#awaited.size === 0 || !isLive(this.#words, this.#agent)) return;
      this.#attended += ms;
      this.look(this.#awaited.keys());
      this.#lookLater();
    });
  }

  /**
   * The host says that a thread has ended. Of a thread of Deno that is not yet true while it is busy or blocked.
   *
   * @param claim the first half of the identities of its agents
   */
  threadEnded(claim: number): void {
    if (!('Deno' in globalThis)) eachAgentOf(this.#words, claim, (agent) => condemn(this.#words, agent));
    this.look();
  }
}
