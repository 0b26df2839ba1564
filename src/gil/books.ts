/**
 * What a GIL remembers about its use: statistics, an account for each agent slot, and the trace, a ring of the latest
 * events. They lie in a block of the GIL's arena; the protocol does not depend on them.
 *
 * ```text
 * header    8 doubles         ORIGIN: when the GIL was made (ms since the epoch)
 * accounts  8 doubles a slot  on a cache line of its own
 * ring      4 words           HEAD: how many events were ever recorded
 *           4 words an event  stamp, ms since ORIGIN, µs of that ms, agent << 3 | event
 * ```
 *
 * An account is written by its slot's agent alone, so plain accesses do. What another agent reads is exact for agents
 * that do not use the GIL meanwhile, and at worst a few operations old for others.
 */
import { BLOCK_START, isBlock } from '../core/memory/cells.js';
import { slotOf } from '../core/memory/owner.js';
import { now, sinceEpoch } from '../core/wait/clock.js';

/** What can be read in a trace; {@link TraceEvent.event} says what each means. */
export type TraceEventName = 'wait' | 'take' | 'ask' | 'drop' | 'forced';

/** One event of a trace. */
export interface TraceEvent {
  /** When, in ms since the GIL was made, by a clock that all agents share. */
  readonly time: number;
  /** The agent's id. */
  readonly agent: number;
  /**
   * What it did: began to `wait` for the GIL; was able to `take` it; did `ask` the holder to drop it; did `drop` it of
   * its own will; was `forced` to drop it.
   */
  readonly event: TraceEventName;
}

/** How agents have used a GIL. Times are in ms. */
export interface GILStatistics {
  /** How often it was taken. */
  readonly acquisitions: number;
  /** How often it was dropped because another agent asked. */
  readonly forced: number;
  /** How often it was dropped without having been asked for. */
  readonly voluntary: number;
  /** How long it was held. */
  readonly held: number;
  /** How long agents waited to take it. */
  readonly waited: number;
  /** The longest single wait. */
  readonly longestWait: number;
}

/** The part of one agent slot. */
export interface AgentStatistics extends GILStatistics {
  /** The agent that has the slot, or had it last. */
  readonly agent: number;
}

/** How a GIL was used: by all, and by each. */
export interface StatisticsReport {
  /** The sums of what agents did; of `longestWait`, the maximum. */
  total: GILStatistics;
  /** The part of each agent slot that has used it. */
  agents: AgentStatistics[];
}

const ORIGIN = 0;
const HEADER = 8;
const ACCOUNT = 8;
// Places in an account.
const AGENT = 0;
const ACQUISITIONS = 1;
const FORCED = 2;
const VOLUNTARY = 3;
const HELD = 4;
const WAITED = 5;
const LONGEST_WAIT = 6;
/** When the agent took the GIL that it holds; by its own clock. */
const SINCE = 7;

const EVENTS: readonly TraceEventName[] = ['wait', 'take', 'ask', 'drop', 'forced'];
const EVENT_BITS = 3;
const RING_HEADER = 4;
const EVENT_WORDS = 4;
const DOUBLE = 8;

/** Most events that a trace can hold. */
export const MAX_TRACE = 2 ** 22;

/** A GIL's books as one agent sees them. */
export class Books {
  readonly #doubles: Float64Array;
  readonly #ring: Int32Array;
  /** The most events that the ring can hold; 0 when nothing is traced. */
  readonly capacity: number;
  readonly #slots: number;

  /**
   * @param words the GIL's arena
   * @param block the index of a block of `wordsFor(slots, events)` words
   * @param slots how many agents the arena can have
   * @param events how many events to remember
   */
  constructor(words: Int32Array, block: number, slots: number, events: number) {
    const doubles = HEADER + ACCOUNT * slots;
    const at = words.byteOffset + (block + BLOCK_START) * 4;
    this.capacity = events;
    this.#slots = slots;
    this.#doubles = new Float64Array(words.buffer, at, doubles);
    this.#ring = new Int32Array(words.buffer, at + doubles * DOUBLE, RING_HEADER + EVENT_WORDS * events);
  }

  /** @returns how many words such books take */
  static wordsFor(slots: number, events: number): number {
    return (HEADER + ACCOUNT * slots) * 2 + RING_HEADER + EVENT_WORDS * events;
  }

  /** @returns whether such books can stand in the block */
  static fit(words: Int32Array, block: number, slots: number, events: number): boolean {
    return events >= 0 && events <= MAX_TRACE && isBlock(words, block, Books.wordsFor(slots, events));
  }

  /** Begins new books: the times of their events are those since now. */
  open(): void {
    this.#doubles[ORIGIN] = sinceEpoch();
  }

  /**
   * Enters that an agent has taken the GIL.
   *
   * @param waitedSince when it began to wait, by `now()`; undefined when it did not have to
   */
  took(agent: number, waitedSince: number | undefined): void {
    const at = HEADER + slotOf(agent) * ACCOUNT;
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

  /** Enters that an agent is about to drop the GIL; after it, another may hold it. */
  dropping(agent: number): void {
    const at = HEADER + slotOf(agent) * ACCOUNT;
    this.#doubles[at + HELD] += now() - this.#doubles[at + SINCE];
  }

  /** Enters of which kind the drop was. */
  dropped(agent: number, forced: boolean): void {
    this.#doubles[HEADER + slotOf(agent) * ACCOUNT + (forced ? FORCED : VOLUNTARY)] += 1;
  }

  /** Records an event; call it only where `capacity` is not 0. */
  record(agent: number, event: TraceEventName): void {
    const ring = this.#ring;
    const ticket = Atomics.add(ring, 0, 1) >>> 0;
    const at = RING_HEADER + (ticket % this.capacity) * EVENT_WORDS;
    Atomics.store(ring, at, 0);
    const time = sinceEpoch() - this.#doubles[ORIGIN];
    Atomics.store(ring, at + 1, Math.floor(time));
    Atomics.store(ring, at + 2, Math.floor((time % 1) * 1000));
    Atomics.store(ring, at + 3, (agent << EVENT_BITS) | EVENTS.indexOf(event));
    Atomics.store(ring, at, stampOf(ticket));
  }

  /** @returns the events in the ring, oldest first; without those that are being written just now */
  events(): TraceEvent[] {
    const ring = this.#ring;
    const head = Atomics.load(ring, 0) >>> 0;
    const events: TraceEvent[] = [];
    for (let ticket = Math.max(0, head - this.capacity); ticket < head; ticket++) {
      const at = RING_HEADER + (ticket % this.capacity) * EVENT_WORDS;
      const stamp = Atomics.load(ring, at);
      const time = Atomics.load(ring, at + 1) + Atomics.load(ring, at + 2) / 1000;
      const what = Atomics.load(ring, at + 3);
      if (stamp !== stampOf(ticket) || Atomics.load(ring, at) !== stamp) continue;
      events.push({ time, agent: what >> EVENT_BITS, event: EVENTS[what & ((1 << EVENT_BITS) - 1)] });
    }
    // An agent that was interrupted between its ticket and its look at the clock is out of order.
    return events.sort((a, b) => a.time - b.time);
  }

  /** @returns the account of every slot that has used the GIL */
  accounts(): AgentStatistics[] {
    const accounts: AgentStatistics[] = [];
    for (let slot = 0; slot < this.#slots; slot++) {
      const at = HEADER + slot * ACCOUNT;
      const [agent, acquisitions, forced, voluntary, held, waited, longestWait] = this.#doubles.subarray(
        at,
        at + ACCOUNT,
      );
      if (acquisitions > 0) accounts.push({ agent, acquisitions, forced, voluntary, held, waited, longestWait });
    }
    return accounts;
  }
}

/** A place of the ring that was never written, or is being written, shows 0. */
const stampOf = (ticket: number): number => (ticket + 1) | 0 || -1;
