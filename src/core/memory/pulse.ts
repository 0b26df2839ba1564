/**
 * The pulse of an agent: by it any other member finds out that the agent has ended, however it did, and although neither
 * its own event loop nor that of the one who asks has turned.
 *
 * An engine forgets the asynchronous waits of an agent when it tears the agent down. So a member arms *beats*: waits by
 * `Atomics.waitAsync` for a word of its slot, PULSE. Whoever wants to know whether it lives takes one of them: it counts
 * BEATS down and notifies one wait. There was one to wake: it lives. There was none: it has ended, for there are never
 * fewer waits than BEATS says. The agent learns in a turn of its event loop that a beat was taken, and arms another.
 *
 * | word of the slot | written by |
 * |---|---|
 * | PULSE | nobody; each of four words serves every fourth generation, so that who asks for one and is held up takes nothing from the next |
 * | BEATS | the agent adds 1 *after* it has armed a wait; whoever asks takes 1 *before* it notifies, and leaves the last one; 0 says nothing |
 * | DUE | ms since the epoch, 32 bits of them: until then nobody asks. Whoever asks sets it *before* it takes a beat, by a compare-and-swap, so that one asks at a time; the agent sets it *after* it has armed beats, or when it blocks |
 *
 * An agent that is busy, or blocked in something of its own, arms no beats. So the fewer there are, the less often
 * somebody asks: of 64 of them, 32 are asked for in the first 25 s, and the last after twenty minutes. Who asks while an agent arms its beats finds few of them,
 * and sets DUE far too late; so the agent has the last word. An agent that blocks for a primitive of this package sets
 * DUE, too (see vigil.ts).
 *
 * The ends of agents were seen so, with the one who asks blocked all the time, in Node 20 to 26 and in Bun (within 1 to 14 ms
 * of `terminate()`, be the agent idle, busy or blocked), in Chromium (5 ms, or 2 s if it was busy or blocked: so long it
 * lives) and in Deno, where a terminated agent that is busy or blocked lives, and shows it. Where there is no
 * `Atomics.waitAsync` there is no pulse.
 */
import { sinceEpoch } from '../wait/clock.js';
import { watch } from '../wait/watch.js';
import { generationOf } from './owner.js';
import { at, BEATS, DUE, goAway, isLive, PULSE } from './slots.js';

/** How many beats an agent has armed that nobody asks about. */
let most = 64;

/**
 * Sets for this agent how many beats it arms, for models: each is an operation or two.
 *
 * @param beats a count, 64 without this call
 */
export function setMostBeats(beats: number): void {
  most = beats;
}

/** So many at the least it sees to that it has, when its event loop does not turn. */
const FEW = 8;
/** How long nobody asks again, in ms, while most of the beats are there; for every four that are missing twice as long. */
const ASK_EVERY = 20;
/** The longest time that nobody asks, in ms. A DUE that is later comes of another clock. */
const LONGEST = 60_000;

const milliseconds = (): number => Math.floor(sinceEpoch()) | 0;

/** Has nobody ask for so many ms. */
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

  /** Of an agent that is about to have its slot: its pulse is there before it is a member. */
  constructor(words: Int32Array, agent: number) {
    this.#words = words;
    this.agent = agent;
    this.#first = this.#armUpTo(words, most);
  }

  /** Takes it back, since the slot is another's, whose id is the same: it has no more beats then than waits. */
  withdraw(): void {
    const words = this.#words as Int32Array;
    this.#words = undefined;
    Atomics.sub(words, at(this.agent, BEATS), this.#first);
  }

  /**
   * Keeps it while the agent blocks.
   *
   * @param ms how long nobody need ask
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
   * Lets go of the memory, which armed beats keep: from now on nobody can know whether the agent lives.
   *
   * @param isAway whether it has nothing in the arena, so that its slot is there for others where they lack one
   */
  stop(isAway = false): void {
    const words = this.#words;
    if (words === undefined) return;
    this.#words = undefined;
    // Once it is no member, its slot may be another's.
    if (isLive(words, this.agent)) Atomics.store(words, at(this.agent, BEATS), 0);
    Atomics.notify(words, pulseOf(this.agent));
    if (isAway) goAway(words, this.agent);
  }

  /** Sees to it that so many beats are armed. */
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
 * Asks whether an agent has ended; false as well when it is too early to ask, or there is no way to know.
 *
 * @param urgent whether to ask although it is too early, as long as few of the beats are missing: nobody asks later for that
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
    // Another asks, or the agent has shown that it lives.
    if (Atomics.compareExchange(words, at(agent, DUE), due, (now + wait) | 0) !== due) return false;
  }
  if (Atomics.compareExchange(words, at(agent, BEATS), beats, beats - 1) !== beats) return false;
  // An agent that stops its pulse at this moment has ended its waits, and has left 0.
  return Atomics.notify(words, pulseOf(agent), 1) === 0 && Atomics.load(words, at(agent, BEATS)) !== 0;
}
