/**
 * How an agent sleeps until the first of several things is ready. It can sleep on only one word. So the things of one
 * memory, an arena or the roll, share a gate, its bell, which is rung when any of them that somebody listens for is
 * ready.
 *
 * When they are in several memories, the agent sleeps at the bell of one, and the spawner, which never blocks, rings it
 * for those of the others:
 *
 * ```text
 *  whoever makes it ready ──rings──▶ bell of another memory ◀──watches── spawner ──rings──▶ bell at which the agent sleeps
 * ```
 *
 * Asking for that takes longer than many a wait. So the agent first sleeps for short parts, and looks at all of the
 * things between them; and if nobody answers, it still looks as often as it looks for dead agents
 * (core/memory/vigil.ts).
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
/** How long it then sleeps before it looks, in ms: 1 / PART of the time it has waited, and at least SHORTEST. */
const PART = 16;
const SHORTEST = 0.05;

/**
 * Blocks until one of several things is ready.
 *
 * @param parts the wait for each, at the bell of its memory
 * @param timeout the longest wait, in ms; more than 0
 * @returns whether one was ready in time
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

/** It may be the spawner that reports one of them. */
const waitLooking = (whole: Waiting, timeout: number): boolean => blockLooking((part) => whole.wait(part), timeout);

/**
 * One wait for the first of several things. It sleeps at the bell of the first that is in an arena, since members of
 * arenas are looked after, or else of the first.
 */
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

/** The bells of all, the home's first. */
function bellsOf(parts: readonly Waiting[]): Bell[] {
  const bells = new Map<Int32Array, Bell>();
  for (const { member, gate } of [homeOf(parts), ...parts]) bells.set(member.words, { words: member.words, gate });
  return [...bells.values()];
}

/** The spawner's watches on the other bells, each of which rings the home's. */
class Relays {
  readonly #home: Bell;
  readonly #others: readonly Bell[];
  /** The values of the bells before the pass, and those at which the spawner was last asked to watch them. */
  #seen: number[] = [];
  readonly #watched: (number | undefined)[] = [];

  constructor([home, ...others]: readonly Bell[]) {
    this.#home = home;
    this.#others = others;
  }

  /** Called before a pass. */
  look(): void {
    this.#seen = this.#others.map(({ words, gate }) => Atomics.load(words, gate));
  }

  /** Called after a pass that found nothing: asks for a watch on each bell that is not watched at its present value. */
  ask(): void {
    if (!hasSpawner()) return;
    for (const [i, { words, gate }] of this.#others.entries()) {
      const seen = this.#seen[i];
      if (this.#watched[i] === seen) continue;
      this.#watched[i] = seen;
      client().send({ kind: 'relay', from: { words, gate }, seen, to: this.#home });
    }
  }

  /** Ends the watches that are left: they would keep the memory alive. */
  end(): void {
    for (const [i, { words, gate }] of this.#others.entries()) {
      if (this.#watched[i] !== undefined && Atomics.load(words, gate) === this.#watched[i])
        wakeBlocked(words, gate, Infinity);
    }
  }
}
