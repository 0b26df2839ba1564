/** The catalogue: the races that come with the package. */
import type { StressTest } from '../test.js';
import { appending } from './append.js';
import { bankTransfer } from './bank-transfer.js';
import { barrierReuse } from './barrier-reuse.js';
import { boundedBuffer } from './bounded-buffer.js';
import { checkThenAct } from './check-then-act.js';
import { coherence } from './coherence.js';
import { deadHolder } from './dead-holder.js';
import { deadlock } from './deadlock.js';
import { diningPhilosophers } from './dining-philosophers.js';
import { eventPulse } from './event-pulse.js';
import { freeList } from './free-list.js';
import { underGIL } from './gil.js';
import { ifForWhile } from './if-for-while.js';
import { independentReads } from './independent-reads.js';
import { lazyInit } from './lazy-init.js';
import { loadBuffering } from './load-buffering.js';
import { lostUpdate } from './lost-update.js';
import { lostWakeUp } from './lost-wake-up.js';
import { messageOvertaking } from './message-overtaking.js';
import { messagePassing } from './message-passing.js';
import { mutualExclusion } from './mutual-exclusion.js';
import { overRelease } from './over-release.js';
import { phases } from './phases.js';
import { pool } from './pool.js';
import { publication } from './publication.js';
import { readersWriter } from './readers-writer.js';
import { reentry } from './reentry.js';
import { referenceCount } from './reference-count.js';
import { splitUpdate } from './split-update.js';
import { storeBuffering } from './store-buffering.js';
import { strandedWaiter } from './stranded-waiter.js';
import { tornRead } from './torn-read.js';
import { wrongWaiter } from './wrong-waiter.js';

/** Every race of the package, one module per race, in the order in which they are run. */
export const catalogue: readonly StressTest[] = [
  lostUpdate,
  splitUpdate,
  checkThenAct,
  appending,
  referenceCount,
  tornRead,
  readersWriter,
  bankTransfer,
  lazyInit,
  publication,
  messageOvertaking,
  mutualExclusion,
  pool,
  overRelease,
  freeList,
  phases,
  barrierReuse,
  lostWakeUp,
  eventPulse,
  ifForWhile,
  wrongWaiter,
  strandedWaiter,
  boundedBuffer,
  reentry,
  deadlock,
  diningPhilosophers,
  deadHolder,
  underGIL,
  storeBuffering,
  messagePassing,
  loadBuffering,
  independentReads,
  coherence,
].flat();
