/**
 * Cycles of agents that wait for each other.
 *
 * The waits form a graph: an agent that is blocked without a timeout has edges to the agents that hold what it waits for. It
 * waits for all of them, so a cycle is a deadlock, whatever else there is. Waiting tasks block nobody and are not part of
 * the graph. What a task holds stays held while its agent is blocked, because the task cannot proceed either; nor can a task
 * leave a Barrier that others have opened, and the next parties to come wait for that. An agent that waits at a Barrier for
 * others to arrive waits for nobody in particular until all have arrived; then it waits for the one that runs the action.
 *
 * **False cycles.** The graph changes while it is walked, so a cycle found there may never have existed at one time. It is
 * a deadlock when two looks find the same cycle, and the waits are still the same after the second. Each of its agents was
 * then in one wait from before the first look had ended until after the second had read the owners: meanwhile neither it
 * nor its tasks released anything; and it acquired nothing but what it waited for, which the second look saw held by
 * another. So at the end of the first look each of them held what the one before it waited for; and that remains so, unless
 * somebody outside the cycle may release it (see detector.ts).
 *
 * An agent that waits for what it holds itself is a cycle of one, which only that agent can detect: others may see it
 * already holding what it had just waited for.
 *
 * An agent has a different id in each arena. So agents are compared by identity, and waits are looked for in every arena
 * that the looking agent knows.
 */
import { findSlot, identityOf, isLive } from '../core/memory/slots.js';
import { type NotedWait, waitOf } from '../core/memory/waits.js';
import { holdersFor } from './holders.js';

/** An agent of a cycle: it waits for what the next one holds, and the last for what the first holds. */
export interface Step {
  /** The arena of what it waits for. */
  readonly words: Int32Array;
  /** Its id there. */
  readonly agent: number;
  /** The same in all arenas. */
  readonly identity: string;
  readonly wait: NotedWait;
}

/** @returns the wait of an agent, if it ends only once the agent has what it waits for */
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
 * Looks for the shortest cycle through an agent.
 *
 * @param arenas the arenas in which waits are looked for, besides that of `words`
 * @param words the arena of what the agent waits for
 * @param isPart whether the cycle may go through a wait
 * @returns the cycle, beginning with the agent
 */
export function circleThrough(
  arenas: readonly Int32Array[],
  words: Int32Array,
  agent: number,
  isPart: (step: Step) => boolean = () => true,
): readonly Step[] | undefined {
  const first = stepOf(arenas, words, agent);
  if (first === undefined || !isPart(first)) return undefined;
  const ways: (readonly Step[])[] = [[first]];
  const seen = new Set([first.identity]);
  for (const way of ways) {
    const last = way[way.length - 1];
    for (const holder of holdersFor(last.words, last.wait)) {
      if (!isLive(last.words, holder)) continue;
      const identity = identityOf(last.words, holder).join();
      if (identity === first.identity) return way;
      const next = seen.has(identity) ? undefined : stepOf(arenas, last.words, holder);
      if (next === undefined || !isPart(next)) continue;
      seen.add(identity);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

/** Whether all agents are still in the same waits. */
export const stands = (circle: readonly Step[]): boolean =>
  circle.every(({ words, agent, wait }) => waitOf(words, agent)?.wait === wait.wait);

/** Whether two cycles consist of the same waits of the same agents. */
export const areSame = (one: readonly Step[], other: readonly Step[]): boolean =>
  one.length === other.length &&
  one.every(({ words, identity, wait }, i) => {
    const same = other[i];
    return words === same.words && identity === same.identity && wait.wait === same.wait.wait;
  });
