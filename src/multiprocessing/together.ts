/**
 * How an agent sleeps until the first of several things is ready. It can sleep on one word only. So the things of one memory,
 * an arena or the roll, have a gate in common, its bell, which is rung when any of them is ready that somebody listens for.
 *
 * Where they are in several memories the agent sleeps at the bell of one, and has the spawner, which never blocks, ring it for
 * those of the others:
 *
 * ```text
 *  whoever makes it ready ──rings──▶ bell of another memory ◀──watches── spawner ──rings──▶ bell at which the agent sleeps
 * ```
 *
 * To ask for that takes longer than many a wait. So first the agent sleeps for short parts, and looks at all of them between
 * two; and where nobody answers it still looks as often as it looks after the dead (core/memory/vigil.ts).
 */
import { now } from '../core/wait/clock.js';
import { AGAIN, BUSY, GOT, LOOK, SLEEP } from '../core/wait/pass.js';
import { Waiting } from '../core/wait/waiting.js';
import { wakeBlocked } from '../core/wait/wake.js';
import { blockLooking } from '../host/life.js';
import type { Bell } from '../host/spawner.js';
import { client, hasSpawner } from '../tasks/client.js';

/** How long the agent goes without the spawner, in ms. */
const BY_ITSELF_MS = 10;
/** How long it sleeps then before it looks, in ms: such a part of what it has waited, and at the least so long. */
const PART = 16;
const SHORTEST = 0.05;

/**
 * Blocks until one of several things is ready.
 *
 * @param parts the wait for each, at the bell of its memory
 * @param timeout the longest wait, in ms; more than 0
 * @returns whether one was in time
 */
export function waitTogether(parts: readonly Waiting[], timeout: number): boolean {
  const bells = bellsOf(parts);
  if (bells.length === 1) return waitLooking(gather(parts), timeout);
  const start = now();
  const whole = gather(parts);
  for (let waited = 0; waited < Math.min(timeout, BY_ITSELF_MS); waited = now() - start) {
    const part = Math.max(waited / PART, SHORTEST);
    if (whole.wait(Math.min(part, timeout - waited))) return true;
  }
  const left = timeout - (now() - start);
  if (left <= 0) return false;
  const relays = new Relays(bells);
  try {
    return waitLooking(gather(parts, relays), left);
  } finally {
    relays.end();
  }
}

/** It may be the spawner that is to tell of one of them. */
const waitLooking = (whole: Waiting, timeout: number): boolean => blockLooking((part) => whole.wait(part), timeout);

/** One wait for the first of several things, asleep at the bell of the first; an arena's first, whose members are looked after. */
function gather(parts: readonly Waiting[], relays?: Relays): Waiting {
  const home = homeOf(parts);
  const firstOf = (_words: Int32Array, _cell: number, _me: number, state: number): number => {
    relays?.look();
    let answer = (state & LOOK) !== 0 ? BUSY : SLEEP;
    for (const { pass, member, cell, me } of parts) {
      const part = pass(member.words, cell, me, state);
      if (part === GOT) return GOT;
      if (part === AGAIN) answer = AGAIN;
    }
    if (answer === SLEEP) relays?.ask();
    return answer;
  };
  return new Waiting(home.subject, home.member, firstOf, home.cell, home.gate);
}

const homeOf = (parts: readonly Waiting[]): Waiting =>
  parts.find(({ member }) => member.vigil !== undefined) ?? parts[0];

/** The bells of all, that of the home first. */
function bellsOf(parts: readonly Waiting[]): Bell[] {
  const bells = new Map<Int32Array, Bell>();
  for (const { member, gate } of [homeOf(parts), ...parts]) bells.set(member.words, { words: member.words, gate });
  return [...bells.values()];
}

/** The spawner's watches of bells, each of which rings the first. */
class Relays {
  readonly #home: Bell;
  readonly #others: readonly Bell[];
  /** What the bells were before the pass, and when they were last asked to be watched. */
  #seen: number[] = [];
  readonly #watched: (number | undefined)[] = [];

  constructor([home, ...others]: readonly Bell[]) {
    this.#home = home;
    this.#others = others;
  }

  /** Before a pass. */
  look(): void {
    this.#seen = this.#others.map(({ words, gate }) => Atomics.load(words, gate));
  }

  /** After a pass that has found nothing: has each bell watched that is not watched at its present value. */
  ask(): void {
    if (!hasSpawner()) return;
    for (const [i, { words, gate }] of this.#others.entries()) {
      const seen = this.#seen[i];
      if (this.#watched[i] === seen) continue;
      this.#watched[i] = seen;
      client().send({ kind: 'relay', from: { words, gate }, seen, to: this.#home });
    }
  }

  /** Ends the watches that are left: they would keep the memory. */
  end(): void {
    for (const [i, { words, gate }] of this.#others.entries()) {
      if (this.#watched[i] !== undefined && Atomics.load(words, gate) === this.#watched[i])
        wakeBlocked(words, gate, Infinity);
    }
  }
}
