/**
 * What agents are blocked on, for others to see: four words of each agent's slot, which only that agent writes, and only
 * once a wait has lasted for LASTING_MS, so that shorter waits pay nothing.
 *
 * | word of the slot | says |
 * |---|---|
 * | WAIT | odd while the agent is in a wait that has lasted; a different number for each; set to 0 when an agent takes the slot |
 * | WAITS_FOR | the index of the cell of what it waits for |
 * | WAITS_AT | the key << 1: which part of that cell it waits for; the lowest bit: the wait ends by itself, at a timeout |
 * | SINCE | when the wait began, in ms since the epoch, 32 bits of them |
 *
 * WAIT is written last when a wait is recorded, and first when it is over. So a reader that reads WAIT, the others, and
 * WAIT again, and finds the same odd number, has read consistent values: the agent was in that one wait in between. It may
 * already have got what it waited for, but it has not proceeded.
 */
import { sinceEpoch } from '../wait/clock.js';
import { at, SINCE, WAIT, WAITS_AT, WAITS_FOR } from './slots.js';

/** A wait that has lasted. */
export interface NotedWait {
  /** The number of the wait, different for each of the agent's waits. */
  readonly wait: number;
  /** The index of the cell. */
  readonly cell: number;
  /** Which part of it; negative when it waits until all agents counted there have left: see partiesOf in records.ts. */
  readonly key: number;
  /** Whether it ends by itself. */
  readonly ends: boolean;
  /** When it began, in ms since the epoch, 32 bits of them. */
  readonly since: number;
}

/** An agent whose waits are recorded. */
interface Noter {
  readonly words: Int32Array;
  readonly agent: number;
}

/**
 * Records a wait of the calling agent.
 *
 * @param ends whether it ends by itself
 * @param waited how long it has lasted, in ms
 */
export function noteWait({ words, agent }: Noter, cell: number, key: number, ends: boolean, waited: number): void {
  const wait = Atomics.load(words, at(agent, WAIT));
  Atomics.store(words, at(agent, WAITS_FOR), cell);
  Atomics.store(words, at(agent, WAITS_AT), (key << 1) | (ends ? 1 : 0));
  Atomics.store(words, at(agent, SINCE), Math.floor(sinceEpoch() - waited) | 0);
  Atomics.store(words, at(agent, WAIT), (wait + 1) | 1);
}

/** Records the end of the recorded wait. */
export function forgetWait({ words, agent }: Noter): void {
  Atomics.add(words, at(agent, WAIT), 1);
}

/** @returns the wait that an agent is in, if it has lasted */
export function waitOf(words: Int32Array, agent: number): NotedWait | undefined {
  const wait = Atomics.load(words, at(agent, WAIT));
  if ((wait & 1) === 0) return undefined;
  const cell = Atomics.load(words, at(agent, WAITS_FOR));
  const where = Atomics.load(words, at(agent, WAITS_AT));
  const since = Atomics.load(words, at(agent, SINCE));
  if (Atomics.load(words, at(agent, WAIT)) !== wait) return undefined;
  return { wait, cell, key: where >> 1, ends: (where & 1) === 1, since };
}
