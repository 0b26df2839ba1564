// An agent that uses a queue as the test tells it to.
import { attach, type Queue, QueueShutDown, type Shared } from 'atomics-sync-free/multiprocessing';
import { member } from '../support/member.js';

export interface Order {
  readonly queue: Shared<Queue<[producer: number, item: number]>>;
  readonly role: 'produce' | 'consume' | 'consume async' | 'consume and note';
  /** How many items a producer puts. */
  readonly items: number;
  /** For 'consume and note': a byte for each item, which becomes 1 once it is taken; the last one once any is. */
  readonly notes?: Uint8Array | undefined;
}

/** What a consumer took, in order. */
export type Taken = [producer: number, item: number][];

member<readonly Order[]>(async ({ index, data, tell }) => {
  const { role, items, notes = new Uint8Array(), queue: shared } = data[index];
  const queue = attach(shared);
  tell('begins');
  const taken: Taken = [];
  if (role === 'produce') {
    try {
      for (let item = 0; item < items; item++) queue.put([index, item], 20_000);
    } catch (error) {
      if (!(error instanceof QueueShutDown)) throw error;
    }
    tell('done');
  } else if (role === 'consume and note') {
    for (const [, item] of queue) {
      notes[item] = 1;
      notes[items] = 1;
    }
  } else if (role === 'consume') {
    for (const item of queue) taken.push(item);
  } else {
    for await (const item of queue) taken.push(item);
  }
  return taken;
});
