/**
 * The pulse of an agent: it lets any other member detect that the agent has ended, in whatever way, even if neither the
 * agent's event loop nor that of the asking member has turned.
 *
 * An engine drops an agent's asynchronous waits when it tears the agent down. So a member arms *beats*: waits by
 * `Atomics.waitAsync` on a word of its slot, PULSE. Another member that wants to know whether it is alive takes one of
 * them: it counts BEATS down and notifies one wait. If there was one to wake, the agent is alive. If there was none, it has
 * ended, because there are never fewer waits than BEATS says. The agent learns in a turn of its event loop that a beat was
 * taken, and arms another.
 *
 * | word of the slot | written by |
 * |---|---|
 * | PULSE | nobody; each of four words serves every fourth generation, so that a delayed asker takes nothing from the next generation |
 * | BEATS | the agent adds 1 *after* it has armed a wait; an asker takes 1 *before* it notifies, and leaves the last one; 0 says nothing |
 * | DUE | ms since the epoch, 32 bits of them: until then nobody asks. An asker sets it *before* it takes a beat, by a compare-and-swap, so that one asks at a time; the agent sets it *after* it has armed beats, or when it blocks |
 *
 * An agent that is busy, or blocked in something other than this package, arms no beats. So the fewer there are, the less
 * often others ask: of 64 beats, 32 are taken in the first 25 s, and the last after twenty minutes. An asker that comes
 * while an agent arms its beats finds few of them, and sets DUE far too late; so the agent has the last word. An agent that
 * blocks for a primitive of this package also sets DUE (see vigil.ts).
 *
 * With the asker blocked all the time, the ends of agents were detected in Node 20 to 26 and in Bun (within 1 to 14 ms of
 * `terminate()`, whether the agent was idle, busy or blocked), in Chromium (5 ms, or 2 s if it was busy or blocked, which
 * is how long it lives) and in Deno, where a terminated agent that is busy or blocked stays alive, and shows it. Without
 * `Atomics.waitAsync` there is no pulse.
 */
import { sinceEpoch } from '../wait/clock.js';
import { watch } from '../wait/watch.js';
import { generationOf } from './owner.js';
import { at, BEATS, DUE, goAway, isLive, PULSE } from './slots.js';

/** How many beats an agent keeps armed while nobody asks. */
let most = 64;

/**
 * Sets how many beats this agent arms, for models: each is an operation or two.
 *
 * @param beats the count; 64 without this call
 */
export function setMostBeats(beats: number): void {
  most = beats;
}

/** The least number of beats that it keeps armed while its event loop does not turn. */
const FEW = 8;
/** The interval between questions, in ms, while most of the beats are armed; doubled for every four that are missing. */
const ASK_EVERY = 20;
/** The longest interval between questions, in ms. A later DUE comes from a different clock. */
const LONGEST = 60_000;

const milliseconds = (): number => Math.floor(sinceEpoch()) | 0;

/** Keeps others from asking for this many ms. */
const setDue = (words: Int32Array, agent: number, ms: number): number =>
  Atomics.store(words, at(agent, DUE), (milliseconds() + ms) | 0);

/** The word that an agent's beats wait for. */
const pulseOf = (agent: number): number => at(agent, PULSE) + (generationOf(agent) & 3);

/** The pulse of the calling agent. */
export class Pulse {
  /** The memory, until the agent has forgotten it. */
  #words: Int32Array | undefined;
  readonly agent: number;
  /** How many beats it was armed with. */
  readonly #first: number;

  /** For an agent that is about to get its slot: its pulse is there before it is a member. */
  constructor(words: Int32Array, agent: number) {
    this.#words = words;
    this.agent = agent;
    this.#first = this.#armUpTo(words, most);
  }

  /** Withdraws it, because the slot went to another agent with the same id, which then has no more beats than waits. */
  withdraw(): void {
    const words = this.#words as Int32Array;
    this.#words = undefined;
    Atomics.sub(words, at(this.agent, BEATS), this.#first);
  }

  /**
   * Keeps it while the agent blocks.
   *
   * @param ms how long nobody needs to ask
   */
  keep(ms: number): void {
    this.#arm(FEW);
    if (this.#words !== undefined) setDue(this.#words, this.agent, ms);
  }

  /** @param holds whether an agent has anything that others may wait for */
  isNeeded(holds: (words: Int32Array, agent: number) => boolean): boolean {
    return this.#words !== undefined && holds(this.#words, this.agent);
  }

  /**
   * Releases the memory, which armed beats keep alive: from now on nobody can know whether the agent is alive.
   *
   * @param isAway whether it has nothing in the arena, so that others may take its slot if they lack one
   */
  stop(isAway = false): void {
    const words = this.#words;
    if (words === undefined) return;
    this.#words = undefined;
    // Once it is no longer a member, its slot may be another's.
    if (isLive(words, this.agent)) Atomics.store(words, at(this.agent, BEATS), 0);
    Atomics.notify(words, pulseOf(this.agent));
    if (isAway) goAway(words, this.agent);
  }

  /** Ensures that this many beats are armed. */
  #arm(count: number): void {
    const words = this.#words;
    if (words !== undefined && isLive(words, this.agent)) this.#armUpTo(words, count);
  }

  /** @returns how many it has armed */
  #armUpTo(words: Int32Array, count: number): number {
    const beats = at(this.agent, BEATS);
    if (typeof Atomics.waitAsync !== 'function' || Atomics.load(words, beats) >= count) return 0;
    let armed = 0;
    do {
      watch(words, pulseOf(this.agent), 0, () => this.#arm(most));
      armed++;
    } while (Atomics.add(words, beats, 1) + 1 < count);
    setDue(words, this.agent, ASK_EVERY);
    return armed;
  }
}

/**
 * Asks whether an agent has ended; also false when it is too early to ask, or there is no way to know.
 *
 * @param urgent whether to ask even if it is too early, as long as few of the beats are missing; this delays no other question
 */
export function hasEnded(words: Int32Array, agent: number, urgent = false): boolean {
  const now = milliseconds();
  const beats = Atomics.load(words, at(agent, BEATS));
  const due = Atomics.load(words, at(agent, DUE));
  const early = (due - now) | 0;
  if (beats < 2) return false;
  if (early > 0 && early <= LONGEST) {
    if (!urgent || beats <= most - FEW) return false;
  } else {
    const wait = Math.min(ASK_EVERY * 2 ** ((most - beats) >> 2), LONGEST);
    // Another agent is asking, or this one has shown that it is alive.
    if (Atomics.compareExchange(words, at(agent, DUE), due, (now + wait) | 0) !== due) return false;
  }
  if (Atomics.compareExchange(words, at(agent, BEATS), beats, beats - 1) !== beats) return false;
  // An agent that stops its pulse at this moment has ended its waits and left 0.
  return Atomics.notify(words, pulseOf(agent), 1) === 0 && Atomics.load(words, at(agent, BEATS)) !== 0;
}
