/** Scenarios of Lock. */

import { Lock } from 'atomics-sync-free';
import type { Scenario, ThreadOptions } from 'atomics-sync-free/check';
import { retireFrom } from '#dist/core/agents.js';
import { AsyncQueue } from '#dist/core/async-queue.js';
import { ownerOf, TASK } from '#dist/core/owner.js';
import { acquirePass, afterRelease, GATE, WORD } from '#dist/sync/mutex.js';
import { agentOf, blockIn, ownerWordOf, type Waiting, World } from './world.js';

type Ghost = 'inside' | 'done';
type Actor = ThreadOptions<string, Ghost>;

/** A thread that acquires and releases, so many times. */
export type User = { readonly kind: 'thread' | 'task' | 'try' | 'reaper'; readonly rounds?: number } & Waiting;

export function lockScenario(
  users: readonly User[],
  options: Partial<Scenario<string, Ghost>> = {},
): Scenario<string, Ghost> {
  const world = new World(users.length);
  const lock = new Lock({ arena: world.arena });
  world.name(lock.cell, { 0: 'descriptor', [GATE]: 'threads', [GATE + 1]: 'tasks', [WORD]: 'word' });
  const gates = lock.cell + GATE;

  const threads = users.map((user, i): Actor => {
    const { kind, rounds = 1 } = user;
    if (kind === 'reaper') {
      return {
        name: 'reaper',
        run: ({ words }, thread) => {
          const dead = thread.joinDead();
          retireFrom(words, agentOf(dead));
          // What the dead one held is not the business of retire; somebody has to hand it on, or all wait for ever.
          if (ownerOf(Atomics.load(words, lock.cell + WORD)) !== agentOf(dead)) return;
          const old = Atomics.exchange(words, lock.cell + WORD, 0);
          thread.ghost.set('inside', 0);
          afterRelease(words, lock.cell, old);
        },
      };
    }
    return {
      name: `${kind} ${i}`,
      phases: ({ words }, thread) => {
        const mine = World.attach(Lock, lock, world.arenaOf(i, words));
        const me = ownerWordOf(i);
        const leave = () => {
          // A ghost changes with the operation before it: this one is the critical section.
          Atomics.load(words, lock.cell);
          thread.ghost.add('inside', -1);
          mine.release();
          thread.ghost.add('done', 1);
        };
        const inside = () => {
          thread.ghost.add('inside', 1);
        };
        const asThread = () => {
          if (Atomics.compareExchange(words, lock.cell + WORD, 0, me) !== 0) {
            if (!blockIn(thread, acquirePass, words, lock.cell, me, gates, user)) return;
          }
          inside();
          leave();
        };
        const asTask = () => {
          const queue = new AsyncQueue(acquirePass, words, lock.cell, me | TASK, gates + 1);
          queue.enqueue(() => {
            inside();
            leave();
          });
        };
        const once =
          kind === 'thread'
            ? asThread
            : kind === 'task'
              ? asTask
              : () => {
                  if (!mine.tryAcquire()) return;
                  inside();
                  leave();
                };
        return Array.from({ length: rounds }, () => once);
      },
    };
  });
  return {
    memory: world.memory,
    threads,
    ghosts: { inside: 0, done: 0 },
    invariant: ({ inside }) => (inside as number) <= 1 || 'two are inside',
    ...options,
  };
}
