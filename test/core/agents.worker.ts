// An agent that joins an arena and ends in one way or another, or opens regions beside others.
import { Arena, attach, type Shared } from 'atomics-sync-free';
import { member } from '../support/member.js';

export type Ending = 'by itself' | 'process.exit' | 'an uncaught error' | 'terminate()';

export interface Order {
  readonly arena?: Shared<Arena>;
  readonly ending?: Ending;
  /** So many regions of this memory, one after the other. */
  readonly regions?: { readonly memory: SharedArrayBuffer; readonly bytes: number; readonly count: number };
}

/** Of each region: the arena's identity, and the agent's. */
export type Opened = readonly { readonly id: string; readonly agent: number }[];

member<Order>(({ data: { arena, ending, regions }, tell }) => {
  if (regions !== undefined) {
    const { memory, bytes, count } = regions;
    return Array.from({ length: count }, (_, n) => {
      const { id, agentId } = Arena.over(memory, n * bytes, bytes, { agents: 8 });
      return { id, agent: agentId };
    });
  }
  if (arena !== undefined) tell('joined', attach(arena).agentId);
  switch (ending) {
    case 'process.exit':
      return process.exit(3);
    case 'an uncaught error':
      setImmediate(() => {
        throw new Error('on purpose');
      });
      return undefined;
    case 'terminate()':
      return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    default:
      return undefined;
  }
});
