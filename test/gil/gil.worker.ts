import type { Shared } from 'atomics-sync-free';
import { Arena } from 'atomics-sync-free';
import { attach, type GIL } from 'atomics-sync-free/gil';
import { member } from '../support/member.js';

/** What the workers of the GIL's tests work on. */
export interface Desk {
  readonly gil: Shared<GIL>;
  /** Word 0 counts, word 1 stops the spinners, word 2 is the one that a wait is for. */
  readonly words: Int32Array;
  readonly role: 'count' | 'spin' | 'take' | 'hold' | 'drop';
}

member<Desk>(({ data, tell }) => {
  const gil = attach(data.gil);
  const { words, role } = data;
  if (!(gil.arena instanceof Arena)) throw new Error('no arena');
  switch (role) {
    // Loads and stores that only the GIL holds together, with a checkpoint after each pair.
    case 'count':
      gil.run(() => {
        for (let i = 0; i < 20_000; i++) {
          Atomics.store(words, 0, Atomics.load(words, 0) + 1);
          gil.checkpoint();
        }
      });
      return gil.arena.agentId;
    case 'spin':
      gil.run(() => {
        while (Atomics.load(words, 1) === 0) gil.checkpoint();
      });
      return gil.arena.agentId;
    case 'take':
      tell('agent', gil.arena.agentId);
      gil.run(() => Atomics.add(words, 0, 1));
      return gil.arena.agentId;
    case 'hold':
      gil.acquire();
      tell('held');
      Atomics.wait(words, 2, 0);
      gil.release();
      return gil.arena.agentId;
    case 'drop':
      gil.acquire();
      gil.allowThreads(() => {
        tell('dropped');
        Atomics.wait(words, 2, 0);
      });
      gil.release();
      return gil.arena.agentId;
  }
});
