import type { Algorithm } from './algorithm.js';
import { locks } from './locks.js';
import { meetings } from './meetings.js';
import { problems } from './problems.js';
import { readersAndWriters } from './readers-and-writers.js';
import { softwareLocks } from './software-locks.js';
import { structures } from './structures.js';

/** All algorithms, by what they are for. */
export const corpus: Readonly<Record<string, readonly Algorithm[]>> = {
  'Mutual exclusion by loads and stores': softwareLocks,
  Locks: locks,
  'Readers and writers': readersAndWriters,
  'Barriers, events, conditions': meetings,
  'Queues, stacks, lists': structures,
  'Classic problems': problems,
};
