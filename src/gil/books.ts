/**
 * What a GIL records about its use: an account for each agent slot, in a block of the GIL's arena. The protocol does
 * not depend on it.
 *
 * ```text
 * accounts  8 doubles a slot, on a cache line of its own
 * ```
 *
 * Only the slot's agent writes an account, so plain accesses suffice. What another agent reads is exact for agents that
 * do not use the GIL meanwhile, and at worst a few operations old for others.
 */
import { BLOCK_START, isBlock } from '../core/memory/cells.js';
import { slotOf } from '../core/memory/owner.js';
import { now } from '../core/wait/clock.js';

/** How agents have used a GIL. Times are in ms. */
export interface GILStatistics {
  /** How often it was taken. */
  readonly acquisitions: number;
  /** How often it was dropped because another agent asked. */
  readonly forced: number;
  /** How often it was dropped without having been asked for. */
  readonly voluntary: number;
  /** How long it was held, in ms. */
  readonly held: number;
  /** How long agents waited to take it, in ms. */
  readonly waited: number;
  /** The longest single wait, in ms. */
  readonly longestWait: number;
}

/** The statistics of one agent slot. */
export interface AgentStatistics extends GILStatistics {
  /** The agent that has the slot, or had it last. */
  readonly agent: number;
}

/** How a GIL was used: in total, and by each agent slot. */
export interface StatisticsReport {
  /** The sums over all agent slots; of `longestWait`, the maximum. */
  total: GILStatistics;
  /** The statistics of each agent slot that has used it. */
  agents: AgentStatistics[];
}

const ACCOUNT = 8;
// Offsets in an account.
const AGENT = 0;
const ACQUISITIONS = 1;
const FORCED = 2;
const VOLUNTARY = 3;
const HELD = 4;
const WAITED = 5;
const LONGEST_WAIT = 6;
/** When the agent took the GIL that it holds, by its own clock. */
const SINCE = 7;

/** A GIL's books as one agent sees them. */
export class Books {
  readonly #doubles: Float64Array;
  readonly #slots: number;

  /**
   * @param words the GIL's arena
   * @param block the index of a block of `wordsFor(slots)` words
   * @param slots how many agents the arena can have
   */
  constructor(words: Int32Array, block: number, slots: number) {
    this.#slots = slots;
    this.#doubles = new Float64Array(words.buffer, words.byteOffset + (block + BLOCK_START) * 4, ACCOUNT * slots);
  }

  /** @returns how many words such books take */
  static wordsFor(slots: number): number {
    return ACCOUNT * slots * 2;
  }

  /** @returns whether such books can be in the block */
  static fit(words: Int32Array, block: number, slots: number): boolean {
    return isBlock(words, block, Books.wordsFor(slots));
  }

  /**
   * Records that an agent has taken the GIL.
   *
   * @param waitedSince when it began to wait, by `now()`; undefined when it did not have to
   */
  took(agent: number, waitedSince: number | undefined): void {
    const at = slotOf(agent) * ACCOUNT;
    const doubles = this.#doubles;
    const time = now();
    doubles[at + AGENT] = agent;
    doubles[at + ACQUISITIONS] += 1;
    doubles[at + SINCE] = time;
    if (waitedSince !== undefined) {
      const waited = time - waitedSince;
      doubles[at + WAITED] += waited;
      if (waited > doubles[at + LONGEST_WAIT]) doubles[at + LONGEST_WAIT] = waited;
    }
  }

  /** Records that an agent is about to drop the GIL; after the drop, another may hold it. */
  dropping(agent: number): void {
    const at = slotOf(agent) * ACCOUNT;
    this.#doubles[at + HELD] += now() - this.#doubles[at + SINCE];
  }

  /** Records whether the drop was forced. */
  dropped(agent: number, forced: boolean): void {
    this.#doubles[slotOf(agent) * ACCOUNT + (forced ? FORCED : VOLUNTARY)] += 1;
  }

  /** @returns what all slots that have used the GIL have recorded, and the sum */
  report(): StatisticsReport {
    const agents = this.#accounts();
    const total = { acquisitions: 0, forced: 0, voluntary: 0, held: 0, waited: 0, longestWait: 0 };
    for (const account of agents) {
      total.acquisitions += account.acquisitions;
      total.forced += account.forced;
      total.voluntary += account.voluntary;
      total.held += account.held;
      total.waited += account.waited;
      total.longestWait = Math.max(total.longestWait, account.longestWait);
    }
    return { total, agents };
  }

  #accounts(): AgentStatistics[] {
    const accounts: AgentStatistics[] = [];
    for (let slot = 0; slot < this.#slots; slot++) {
      const at = slot * ACCOUNT;
      const [agent, acquisitions, forced, voluntary, held, waited, longestWait] = this.#doubles.subarray(
        at,
        at + ACCOUNT,
      );
      if (acquisitions > 0) accounts.push({ agent, acquisitions, forced, voluntary, held, waited, longestWait });
    }
    return accounts;
  }
}
