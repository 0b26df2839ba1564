import type { StressTest } from '../test.js';
import { appending } from './append.js';
import { bankTransfer } from './bank-transfer.js';
import { checkThenAct } from './check-then-act.js';
import { deadlock } from './deadlock.js';
import { diningPhilosophers } from './dining-philosophers.js';
import { freeList } from './free-list.js';
import { lazyInit } from './lazy-init.js';
import { loadBuffering } from './load-buffering.js';
import { lostUpdate } from './lost-update.js';
import { lostWakeUp } from './lost-wake-up.js';
import { messageOvertaking } from './message-overtaking.js';
import { messagePassing } from './message-passing.js';
import { mutualExclusion } from './mutual-exclusion.js';
import { publication } from './publication.js';
import { referenceCount } from './reference-count.js';
import { splitUpdate } from './split-update.js';
import { storeBuffering } from './store-buffering.js';
import { tornRead } from './torn-read.js';

/** Every race of the package, one module a race, in the order in which they are run. */
export const catalogue: readonly StressTest[] = [
  lostUpdate,
  splitUpdate,
  checkThenAct,
  appending,
  referenceCount,
  tornRead,
  bankTransfer,
  lazyInit,
  publication,
  messageOvertaking,
  mutualExclusion,
  freeList,
  lostWakeUp,
  deadlock,
  diningPhilosophers,
  storeBuffering,
  messagePassing,
  loadBuffering,
].flat();
