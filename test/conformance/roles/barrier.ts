import type { Barrier } from 'atomics-sync-free';
import { type Awaitable, Mishap, type Role, type Scratch } from './role.js';

/** The scratch word in which the action counts its runs. */
export const ACTIONS = 0;
/** The first of the scratch words in which each passage counts the parties that have arrived. */
export const ARRIVED = 1;

export interface Party {
  wait(timeout?: number): Awaitable<number>;
  /** Passes `n` times; returns what the party found on leaving each time. */
  pass(n: number): Promise<Passage[]>;
  abort(): void;
  reset(): void;
  /** Sets the action that the actor's agent runs when its party is the last to arrive. */
  act(how: 'count' | 'fail'): void;
  text(): string;
}

export interface Passage {
  readonly index: number;
  /** How many parties had arrived. */
  readonly arrived: number;
  /** How often the action had run. */
  readonly actions: number;
}

function party(barrier: Barrier, scratch: Scratch, wait: Party['wait']): Party {
  return {
    wait,
    pass: async (n) => {
      const passages: Passage[] = [];
      for (let at = ARRIVED; at < ARRIVED + n; at++) {
        Atomics.add(scratch, at, 1);
        const index = await wait();
        passages.push({ index, arrived: Atomics.load(scratch, at), actions: Atomics.load(scratch, ACTIONS) });
      }
      return passages;
    },
    abort: () => barrier.abort(),
    reset: () => barrier.reset(),
    act: (how) => {
      barrier.action = () => {
        if (how === 'fail') throw new Mishap('in the action');
        Atomics.add(scratch, ACTIONS, 1);
      };
    },
    text: () => String(barrier),
  };
}

export const visitor: Role<Barrier, Party> = {
  thread: (barrier, scratch) => party(barrier, scratch, (timeout) => barrier.wait(timeout)),
  task: (barrier, scratch) => party(barrier, scratch, (timeout) => barrier.waitAsync({ timeout })),
};
