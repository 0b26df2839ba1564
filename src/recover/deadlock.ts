/** How a deadlock is reported to people and programs. */
import { SyncError } from '../core/errors.js';
import { agentNameIn } from '../core/memory/agent-names.js';
import { agentName } from '../core/memory/owner.js';
import { identityOf } from '../core/memory/slots.js';
import { sinceEpoch } from '../core/wait/clock.js';
import type { Step } from './cycle.js';
import { relationTo } from './holders.js';
import { describeCell } from './kinds.js';
import { stackOf } from './stacks.js';

/** An agent of a deadlock: it waits for what the next one holds, and the last for what the first holds. */
export interface DeadlockedAgent {
  /** Its id in the arena of what it waits for. */
  readonly agentId: number;
  /** The number of its thread on hosts that have one: the `threadId` of Node's worker_threads. */
  readonly thread: number | undefined;
  /** Its name: that of a `Thread`, a `Process` or a pool worker, or of a worker if the host exposes it. */
  readonly name: string | undefined;
  /** Kind, number and name of what it waits for. */
  readonly waitsFor: string;
  /**
   * Kind, number and name of what it holds, or of the Barrier that it has yet to leave or whose action it runs; the agent
   * before it waits for that.
   */
  readonly holds: string;
  /** When its wait began. */
  readonly since: Date;
  /** Where in the program it waits, if stacks were requested. */
  readonly stack: string | undefined;
}

/** Agents that wait for each other in a cycle; or one that waits for what it holds itself. */
export interface Deadlock {
  /** The agents; each waits for what the next one holds, and the last for what the first holds. */
  readonly agents: readonly DeadlockedAgent[];
  /** The whole cycle, for human readers. */
  readonly message: string;
}

/**
 * Agents wait for each other in a cycle, and would wait forever; or one waits for what it holds itself. The calling agent,
 * which was the last to begin waiting, did not get what it waited for and still holds what it held: it must release that
 * for the others to proceed.
 *
 * @example
 * ```ts
 * import { DeadlockError, RLock } from 'atomics-sync-free';
 * const accounts = new RLock({ name: 'accounts' });
 * try {
 *   accounts.acquire();
 *   accounts.release();
 * } catch (error) {
 *   if (!(error instanceof DeadlockError)) throw error;
 *   console.error(error.message);
 * }
 * ```
 */
export class DeadlockError extends SyncError implements Deadlock {
  /** `'DeadlockError'` */
  override readonly name = 'DeadlockError';
  /** The agents; each waits for what the next one holds, and the last for what the first holds. */
  readonly agents: readonly DeadlockedAgent[];

  /** @internal */
  constructor({ agents, message }: Deadlock) {
    super('ERR_DEADLOCK', message);
    this.agents = agents;
  }
}

/** The date of a time stored in 32 bits. */
export const dateOf = (since: number): Date => {
  const now = Math.floor(sinceEpoch());
  return new Date(now - ((now - since) | 0));
};

/** @returns the number of an agent's thread, if it has one */
export function threadOf(words: Int32Array, agent: number): number | undefined {
  const [claim] = identityOf(words, agent);
  return claim > 0 ? claim - 1 : undefined;
}

/** What human readers see of an agent. */
interface Described {
  readonly agentId: number;
  readonly thread: number | undefined;
  readonly name: string | undefined;
}

/** @returns a description of an agent for human readers */
export function describeAgent({ agentId, thread, name }: Described): string {
  const known = [name, thread === undefined ? undefined : `thread ${thread}`].filter((part) => part !== undefined);
  return known.length === 0 ? agentName(agentId) : `${agentName(agentId)} (${known.join(', ')})`;
}

export const indented = (stack: string): string => stack.replace(/^/gm, '    ');

/** @returns the report of a cycle */
export function deadlockOf(circle: readonly Step[]): Deadlock {
  const things = circle.map(({ words, wait }) => describeCell(words, wait.cell));
  const agents = circle.map(({ words, agent, wait }, i) => ({
    agentId: agent,
    thread: threadOf(words, agent),
    name: agentNameIn(words, agent),
    waitsFor: things[i],
    holds: things[(i + things.length - 1) % things.length],
    since: dateOf(wait.since),
    stack: stackOf(words, agent, wait.wait),
  }));
  const lines = agents.map((agent, i) => {
    const { words, wait } = circle[(i + circle.length - 1) % circle.length];
    return `${describeAgent(agent)} ${relationTo(words, wait)} ${agent.holds} and waits for ${agent.waitsFor}`;
  });
  const stacks = agents.flatMap((agent) =>
    agent.stack === undefined ? [] : [`\n${describeAgent(agent)} waits here:\n${indented(agent.stack)}`],
  );
  const [only] = agents;
  const what =
    agents.length === 1
      ? `${describeAgent(only)} waits for ${only.waitsFor}, which it holds itself`
      : `${agents.length} agents wait for each other, and none can go on: ${lines.join('; ')}`;
  return { agents, message: `${what}${stacks.join('')}` };
}
