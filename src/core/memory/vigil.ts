/**
 * How the members of an arena watch each other: a waiting agent checks, from time to time, whether the others are alive,
 * and retires those that have ended. So no event loop is needed for an agent's death to be detected, and only waiting
 * agents need to check, because the death matters to nobody else.
 *
 * If the host tells an agent that a worker it started has ended, it need not wait for that check.
 */
import type { SyncError } from '../errors.js';
import { after } from '../wait/watch.js';
import { hasEnded, type Pulse } from './pulse.js';
import { condemn, eachAgent, eachAgentOf, isLive, refusalOf } from './slots.js';
import { freeFromRetired, retireAll } from './sweep.js';

/** How long a blocked agent sleeps between two looks, in ms: 1/PART of the time it has waited, within bounds. */
const PART = 16;
const SHORTEST = 10;
const LONGEST = 100;
/** How much later than intended it may wake up before somebody asks whether it is alive, in ms. */
const SLACK = 30;
/** The interval between two looks for tasks: their agent's event loop has more to do, and may also hear of a death from the host. */
const TASK_PART = 8;
const TASK_SHORTEST = 20;
const TASK_LONGEST = 250;

let chore: (() => void) | undefined;

/** Makes a waiting agent also do something whenever it checks on the others: answer those that have asked it. */
export function whileWaiting(does: () => void): void {
  chore = does;
}

const part = (waited: number, of: number, least: number, most: number): number =>
  Math.min(Math.max(waited / of, least), most);

export class Vigil {
  readonly #words: Int32Array;
  readonly #agent: number;
  /** The agent's own pulse. */
  readonly pulse: Pulse;
  /** What tasks of the agent wait for: the cells, and the number of queues for each. */
  readonly #awaited = new Map<number, number>();
  /** How long tasks have been waiting, in ms. */
  #attended = 0;
  #looksAgain = false;

  constructor(words: Int32Array, pulse: Pulse) {
    this.#words = words;
    this.#agent = pulse.agent;
    this.pulse = pulse;
  }

  /** The error with which to refuse the agent's waits if somebody took it for dead. */
  get refusal(): SyncError | undefined {
    return refusalOf(this.#words, this.#agent);
  }

  /**
   * How long the blocked agent may sleep before it looks.
   *
   * @param waited how long it has waited, in ms
   */
  rest(waited: number): number {
    const ms = part(waited, PART, SHORTEST, LONGEST);
    if (waited > 0) this.pulse.keep(ms + SLACK);
    return ms;
  }

  /**
   * Finds and retires the agents that have ended.
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

  /** Looks from time to time, as long as tasks of the agent wait for this cell or another. */
  attend(cell: number): void {
    const isFirst = this.#awaited.size === 0;
    this.#awaited.set(cell, (this.#awaited.get(cell) ?? 0) + 1);
    if (!isFirst) return;
    this.#attended = 0;
    if (!this.#looksAgain) this.#lookLater();
  }

  /** Records that one queue no longer waits for a cell. */
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
   * To be called when the host reports that a thread has ended. In Deno that is not yet true while the thread is busy or blocked.
   *
   * @param claim the first half of the identities of its agents
   */
  threadEnded(claim: number): void {
    if (!('Deno' in globalThis)) eachAgentOf(this.#words, claim, (agent) => condemn(this.#words, agent));
    this.look();
  }
}
