/**
 * Circles of agents that wait for each other.
 *
 * What waits for what is a graph: an agent that is blocked, without a time-out, leads to those that have what it waits for.
 * It waits for all of them, so a circle is a dead-lock, whatever else there is. Tasks that wait keep nobody from going on
 * and are no part of it; what a task holds is held as long as its agent is blocked, since the task cannot go on either; nor
 * can a task leave a Barrier that others have opened, for which those wait that come to it next. Who waits at a Barrier for the
 * others to arrive waits for nobody in particular, until all have; then it waits for the one that runs the action.
 *
 * **A circle that only seems to be one.** The graph changes while it is walked, so what is found may never have been there at one
 * time. It is a dead-lock when two looks find the same, and the waits are still the same after the second. For each agent of
 * it then was in one wait from before the first look had ended until after the owners were read in the second: it has
 * released nothing meanwhile, and its tasks neither; and it has acquired nothing but what it waited for, which the second
 * look saw in the hands of another. So at the end of the first look each of them had what the one before it waited for; and
 * that stays so, unless somebody outside the circle may release it (see detector.ts).
 *
 * An agent that waits for what it holds itself is a circle of one, of which only that agent can tell: others may see it hold
 * already what it has just waited for.
 *
 * An agent has another id in each arena. So agents are compared by their identity, and a wait is looked for in every arena
 * that the one who looks knows.
 */
import { findSlot, identityOf, isLive } from '../core/memory/slots.js';
import { type NotedWait, waitOf } from '../core/memory/waits.js';
import { holdersFor } from './holders.js';

/** An agent of a circle: it waits for what the next one holds, and the last for what the first holds. */
export interface Step {
  /** The arena of what it waits for. */
  readonly words: Int32Array;
  /** Its id there. */
  readonly agent: number;
  /** The same in all arenas. */
  readonly identity: string;
  readonly wait: NotedWait;
}

/** @returns the wait of an agent that ends only when it has what it waits for */
function stepOf(arenas: readonly Int32Array[], words: Int32Array, agent: number): Step | undefined {
  const both = identityOf(words, agent);
  for (const arena of [words, ...arenas]) {
    const id = arena === words ? agent : findSlot(arena, both);
    const wait = id === undefined ? undefined : waitOf(arena, id);
    if (id !== undefined && wait !== undefined && !wait.ends) {
      return { words: arena, agent: id, identity: both.join(), wait };
    }
  }
  return undefined;
}

/**
 * Looks for the shortest circle through an agent.
 *
 * @param arenas those in which waits are looked for, besides the first
 * @param words the arena of what the agent waits for
 * @returns the circle, from the agent on
 */
export function circleThrough(
  arenas: readonly Int32Array[],
  words: Int32Array,
  agent: number,
): readonly Step[] | undefined {
  const first = stepOf(arenas, words, agent);
  if (first === undefined) return undefined;
  const ways: (readonly Step[])[] = [[first]];
  const seen = new Set([first.identity]);
  for (const way of ways) {
    const last = way[way.length - 1];
    for (const holder of holdersFor(last.words, last.wait)) {
      if (!isLive(last.words, holder)) continue;
      const identity = identityOf(last.words, holder).join();
      if (identity === first.identity) return way;
      const next = seen.has(identity) ? undefined : stepOf(arenas, last.words, holder);
      if (next === undefined) continue;
      seen.add(identity);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

/** Whether all are still in the same waits. */
export const stands = (circle: readonly Step[]): boolean =>
  circle.every(({ words, agent, wait }) => waitOf(words, agent)?.wait === wait.wait);

/** Whether two circles are the same waits of the same agents. */
export const areSame = (one: readonly Step[], other: readonly Step[]): boolean =>
  one.length === other.length &&
  one.every(({ words, identity, wait }, i) => {
    const same = other[i];
    return words === same.words && identity === same.identity && wait.wait === same.wait.wait;
  });
