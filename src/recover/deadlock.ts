/** What people and programs are told of a dead-lock. */
import { SyncError } from '../core/errors.js';
import { agentNameIn } from '../core/memory/agent-names.js';
import { agentName } from '../core/memory/owner.js';
import { identityOf } from '../core/memory/slots.js';
import { sinceEpoch } from '../core/wait/clock.js';
import type { Step } from './cycle.js';
import { relationTo } from './holders.js';
import { describeCell } from './kinds.js';
import { stackOf } from './stacks.js';

/** An agent of a dead-lock: it waits for what the next one holds, and the last for what the first holds. */
export interface DeadlockedAgent {
  /** Its id in the arena of what it waits for. */
  readonly agentId: number;
  /** The number of its thread, where threads have one: the `threadId` of Node's worker_threads. */
  readonly thread: number | undefined;
  /** What it is called: the name of a `Thread`, a `Process` or a worker of a pool, or of a worker where the host tells it. */
  readonly name: string | undefined;
  /** Kind, number and name of what it waits for. */
  readonly waitsFor: string;
  /**
   * Kind, number and name of what it holds, or of the Barrier that it is still to leave, or whose action it runs; the one before
   * it waits for that.
   */
  readonly holds: string;
  /** When its wait began. */
  readonly since: Date;
  /** Where in the program it waits, where stacks were asked for. */
  readonly stack: string | undefined;
}

/** Agents that wait for each other in a circle; or one, for what it holds itself. */
export interface Deadlock {
  /** The agents; each waits for what the next one holds, and the last for what the first holds. */
  readonly agents: readonly DeadlockedAgent[];
  /** The whole circle, for people. */
  readonly message: string;
}

/**
 * Agents wait for each other in a circle, and would for ever; or one waits for what it holds itself. The calling agent, the last
 * one that began to wait, does not have what it has waited for; what it holds it holds still: it must release that for the
 * others to go on.
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

/** When something was that is told in 32 bits. */
export const dateOf = (since: number): Date => {
  const now = Math.floor(sinceEpoch());
  return new Date(now - ((now - since) | 0));
};

/** @returns the number of an agent's thread, where it has one */
export function threadOf(words: Int32Array, agent: number): number | undefined {
  const [claim] = identityOf(words, agent);
  return claim > 0 ? claim - 1 : undefined;
}

/** What of an agent people read. */
interface Described {
  readonly agentId: number;
  readonly thread: number | undefined;
  readonly name: string | undefined;
}

/** @returns an agent as people read it */
export function describeAgent({ agentId, thread, name }: Described): string {
  const known = [name, thread === undefined ? undefined : `thread ${thread}`].filter((part) => part !== undefined);
  return known.length === 0 ? agentName(agentId) : `${agentName(agentId)} (${known.join(', ')})`;
}

export const indented = (stack: string): string => stack.replace(/^/gm, '    ');

/** @returns what a circle is told as */
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
