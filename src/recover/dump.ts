/** Who holds and waits for what in an arena: the equivalent of a thread dump. */

import { agentNameIn } from '../core/memory/agent-names.js';
import type { Arena } from '../core/memory/arena.js';
import { eachCell } from '../core/memory/cells.js';
import { checkArena } from '../core/memory/joined-arena.js';
import { agentName } from '../core/memory/owner.js';
import { eachAgent } from '../core/memory/slots.js';
import { type NotedWait, waitOf } from '../core/memory/waits.js';
import { dateOf, describeAgent, indented, threadOf } from './deadlock.js';
import { holdersFor, holdersOf } from './holders.js';
import { describeCell } from './kinds.js';
import { stackOf } from './stacks.js';

/** What an agent is blocked on. */
export interface AgentWait {
  /** Kind, number and name of what it waits for. */
  readonly what: string;
  /** When the wait began. */
  readonly since: Date;
  /** Whether it ends by itself, at a timeout. */
  readonly timed: boolean;
  /** The ids of the agents that have what it waits for, or have yet to leave the Barrier that it has come to. */
  readonly heldBy: readonly number[];
  /** Where in the program it waits, if it records that: `detectDeadlocks({ stacks: true })`. */
  readonly stack: string | undefined;
}

/** An agent of an arena, as others see it. */
export interface AgentState {
  /** Its id. */
  readonly agentId: number;
  /** The number of its thread on hosts that have one: the `threadId` of Node's worker_threads. */
  readonly thread: number | undefined;
  /** Its name: that of a `Thread`, a `Process` or a pool worker, or of a worker if the host exposes it. */
  readonly name: string | undefined;
  /** Kind, number and name of what it, or a task of it, holds: Locks, RLocks, RWLocks for reading or writing, GILs. */
  readonly holds: readonly string[];
  /** What it has been blocked on for at least 10 ms. */
  readonly waitsFor: AgentWait | undefined;
}

/** The agents of an arena. */
export class AgentsDump {
  readonly #asker: number;

  /** @internal */
  constructor(
    /** The agents, one entry each. */
    readonly agents: readonly AgentState[],
    /** The id of the agent that asks. */
    asker: number,
  ) {
    this.#asker = asker;
  }

  /**
   * Whether all agents but the one that called `dumpAgents` are blocked, none of them with a timeout. False if there are no
   * others.
   */
  get standstill(): boolean {
    const others = this.agents.filter(({ agentId }) => agentId !== this.#asker);
    return others.length > 0 && others.every(({ waitsFor }) => waitsFor !== undefined && !waitsFor.timed);
  }

  /** @returns two or three lines for each agent, for human readers */
  toString(): string {
    const texts = new Map(this.agents.map((agent) => [agent.agentId, describeAgent(agent)]));
    const nameOf = (agentId: number): string => texts.get(agentId) ?? agentName(agentId);
    const lines = this.agents.flatMap(({ agentId, holds, waitsFor }) => [
      nameOf(agentId),
      ...(holds.length === 0 ? [] : [`  holds ${holds.join(', ')}`]),
      waitsFor === undefined ? '  is not blocked' : `  ${describeWait(waitsFor, nameOf)}`,
      ...(waitsFor?.stack === undefined ? [] : [indented(waitsFor.stack)]),
    ]);
    return [
      ...lines,
      ...(this.standstill ? [`None of the others can go on unless ${nameOf(this.#asker)} lets them.`] : []),
    ].join('\n');
  }
}

function describeWait({ what, since, timed, heldBy }: AgentWait, nameOf: (agentId: number) => string): string {
  const holders = heldBy.length === 0 ? '' : `, held by ${heldBy.map(nameOf).join(', ')}`;
  return `waits for ${what}${holders}, since ${since.toISOString()}${timed ? ', for a limited time' : ''}`;
}

/**
 * Reports which agents hold and wait for what. The agents keep running meanwhile, so except for blocked agents the result
 * may never have been true at one time. It includes the waits of blocked agents that have lasted for 10 ms.
 *
 * @param arena the arena that the primitives are in
 * @returns its agents, as data and, with `String()`, as text
 * @throws TypeError when `arena` is not an Arena
 *
 * @example
 * ```ts
 * import { dumpAgents, Lock } from 'atomics-sync-free';
 * const lock = new Lock({ name: 'accounts' });
 * lock.acquire();
 * const { agents } = dumpAgents(lock.arena);
 * console.log(agents.length, agents[0]?.waitsFor); // 1 undefined
 * ```
 */
export function dumpAgents(arena: Arena): AgentsDump {
  checkArena(arena);
  const { words } = arena;
  const held = new Map<number, string[]>();
  eachCell(words, (cell) => {
    for (const agent of holdersOf(words, cell)) {
      held.set(agent, [...(held.get(agent) ?? []), describeCell(words, cell)]);
    }
  });
  const agents: AgentState[] = [];
  eachAgent(words, (agentId) => {
    const wait = waitOf(words, agentId);
    agents.push({
      agentId,
      thread: threadOf(words, agentId),
      name: agentNameIn(words, agentId),
      holds: held.get(agentId) ?? [],
      waitsFor: wait && describeNoted(words, agentId, wait),
    });
  });
  return new AgentsDump(agents, arena.agentId);
}

const describeNoted = (words: Int32Array, agent: number, noted: NotedWait): AgentWait => ({
  what: describeCell(words, noted.cell),
  since: dateOf(noted.since),
  timed: noted.ends,
  heldBy: holdersFor(words, noted),
  stack: stackOf(words, agent, noted.wait),
});
